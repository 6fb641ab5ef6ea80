import Glibc
import TokenClient

/// A secret that comes by a file or a pipe, never by an argument: arguments are seen by every process.
enum SecretInput {
    private static let byteCountMax = 1024

    static func standardInput() throws -> BearerToken {
        isatty(STDIN_FILENO) == 1 ? try prompted() : try read(from: STDIN_FILENO, called: "standard input")
    }

    /// Asks a person, without showing what is typed.
    private static func prompted() throws -> BearerToken {
        var settings = termios()
        tcgetattr(STDIN_FILENO, &settings)
        var silent = settings
        silent.c_lflag &= ~tcflag_t(ECHO)
        tcsetattr(STDIN_FILENO, TCSAFLUSH, &silent)
        defer {
            tcsetattr(STDIN_FILENO, TCSAFLUSH, &settings)
            Terminal.remark("")
        }
        Terminal.remark("Token (it is not shown):")
        return try read(from: STDIN_FILENO, called: "what was typed", stoppingAtLineEnd: true)
    }

    static func read(
        from descriptor: Int32, called name: String, stoppingAtLineEnd: Bool = false
    ) throws -> BearerToken {
        // Of fixed size, so that the secret lies in one place, which is wiped.
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
        if start == end { throw TokenFile.Problem(message: "\(name) holds no token", exitCode: .invalidData) }
        return try BearerToken(utf8: bytes.span.extracting(start..<end))
    }
}
