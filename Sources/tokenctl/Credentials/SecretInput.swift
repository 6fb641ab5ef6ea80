import Glibc
import TokenClient

/// A secret that comes by a file or a pipe, never by an argument: arguments are seen by every process.
enum SecretInput {
    /// More than any token has: the rest of a longer text changes nothing of the answer.
    private static let byteCountMax = 1024

    /// The token on standard input, which a person is asked for.
    static func token() throws -> BearerToken {
        try standardInput { word in try BearerToken(utf8: word) }
    }

    /// The word on standard input, whatever it is: it is for the daemon to say that it is no token.
    static func text() throws -> String {
        try standardInput { word in word.withUnsafeBytes { String(decoding: $0, as: UTF8.self) } }
    }

    private static func standardInput<Value>(_ body: (Span<UInt8>) throws -> Value) throws -> Value {
        guard isatty(STDIN_FILENO) == 1 else {
            return try firstWord(from: STDIN_FILENO, called: "standard input", body)
        }
        return try SilentTerminal.withoutEcho("Token (it is not shown):") {
            try firstWord(from: STDIN_FILENO, called: "what was typed", stoppingAtLineEnd: true, body)
        }
    }

    /// Reads up to the end, and lends the first word of it. The memory that it was read into is wiped.
    static func firstWord<Value>(
        from descriptor: Int32, called name: String, stoppingAtLineEnd: Bool = false,
        _ body: (Span<UInt8>) throws -> Value
    ) throws -> Value {
        // Of fixed size, so that the secret lies in one place.
        var bytes = [UInt8](repeating: 0, count: byteCountMax)
        defer { bytes.withUnsafeMutableBytes { if let start = $0.baseAddress { explicit_bzero(start, $0.count) } } }
        var count = 0
        while count < byteCountMax {
            let received = bytes.withUnsafeMutableBytes { room in
                Glibc.read(descriptor, room.baseAddress.map { $0 + count }, room.count - count)
            }
            if received < 0 && errno == EINTR { continue }
            if received <= 0 { break }
            count += received
            if stoppingAtLineEnd && bytes[count - 1] == UInt8(ascii: "\n") { break }
        }
        let isBlank: (UInt8) -> Bool = { $0 == 0x20 || (0x09...0x0D).contains($0) }
        let start = bytes[..<count].firstIndex { !isBlank($0) } ?? count
        let end = bytes[start..<count].firstIndex(where: isBlank) ?? count
        if start == end { throw Problem(message: "\(name) holds no token", exitCode: .invalidData) }
        return try body(bytes.span.extracting(start..<end))
    }
}
