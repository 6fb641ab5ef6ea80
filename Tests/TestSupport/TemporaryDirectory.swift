import Glibc

/// A new directory that only this user can enter, removed with all that is in it when nobody has it any more.
package final class TemporaryDirectory: Sendable {
    package struct Failure: Error {
        let code: Int32
    }

    package let path: String

    /// `name` tells whose it is, should the process be killed.
    package init(_ name: String) throws {
        // Not where TMPDIR says: the path of a socket has room for some hundred bytes.
        var template = Array("/tmp/\(name)-XXXXXX".utf8CString)
        if mkdtemp(&template) == nil { throw Failure(code: errno) }
        path = String(decoding: template.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }

    deinit { Self.remove(path) }

    /// A file, or a directory with all that is in it; a link, and not what it leads to.
    private static func remove(_ path: String) {
        var status = stat()
        guard lstat(path, &status) == 0 else { return }
        guard status.st_mode & S_IFMT == S_IFDIR else {
            unlink(path)
            return
        }
        if let stream = opendir(path) {
            while let entry = readdir(stream) {
                let name = withUnsafeBytes(of: entry.pointee.d_name) {
                    String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self)
                }
                if name != "." && name != ".." { remove("\(path)/\(name)") }
            }
            closedir(stream)
        }
        rmdir(path)
    }
}
