import Glibc
import TokenWire

/// Writes a small file, new or over the old one.
func write(_ text: String, to path: String) throws {
    let file = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o600)
    if file < 0 { throw ClientFailure(what: "open \(path)") }
    defer { Glibc.close(file) }
    let bytes = Array(text.utf8)
    if Glibc.write(file, bytes, bytes.count) != bytes.count { throw ClientFailure(what: "write \(path)") }
}

extension Reply {
    func reloaded() throws -> ReloadResponse {
        try decode { try ReloadResponse(copying: ReloadResponse.View($0)) }
    }
}
