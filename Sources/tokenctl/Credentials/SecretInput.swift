import Glibc
import TokenClient

/// Secrets that come by a file or a pipe, never by an argument: arguments are seen by every process.
enum SecretInput {
    /// More than any token has: the rest of a longer text changes nothing of the answer.
    private static let byteCountMax = 1_024
    /// Of what was found somewhere and is to be ended.
    private static let foundByteCountMax = 65_536

    /// The token on standard input, which a person is asked for, and nothing beside it.
    static func token() throws -> BearerToken {
        try standardInput(byteCountMax) { text, name in
            if words(text).count > 1 {
                throw Problem(message: "\(name) holds more than one word; give the token alone", exitCode: .invalidData)
            }
            return try token(in: text, name)
        }
    }

    /// The word on standard input, whatever it is: it is for the daemon to say that it is no token.
    static func text() throws -> String {
        try standardInput(byteCountMax) { text, name in
            try text.extracting(firstWord(text, name)).withUnsafeBytes { String(decoding: $0, as: UTF8.self) }
        }
    }

    /// Every word on standard input; nil for one that no token looks like.
    static func foundTokens() throws -> [BearerToken?] {
        try standardInput(foundByteCountMax) { text, name in
            if text.count == foundByteCountMax {
                throw Problem(message: "\(name) holds more than 64 KiB; give the secrets alone", exitCode: .invalidData)
            }
            _ = try firstWord(text, name)
            return words(text).map { try? BearerToken(utf8: text.extracting($0)) }
        }
    }

    /// The first word of an open file.
    static func token(from descriptor: Int32, called name: String) throws -> BearerToken {
        try read(descriptor, name, byteCountMax) { try token(in: $0, name) }
    }

    private static func standardInput<Value>(
        _ byteCountMax: Int, _ body: (Span<UInt8>, _ name: String) throws -> Value
    ) throws -> Value {
        guard isatty(STDIN_FILENO) == 1 else {
            let name = "standard input"
            return try read(STDIN_FILENO, name, byteCountMax) { try body($0, name) }
        }
        let name = "what was typed"
        return try SilentTerminal.withoutEcho("Token (it is not shown):") {
            try read(STDIN_FILENO, name, byteCountMax, stoppingAtLineEnd: true) { try body($0, name) }
        }
    }

    private static func token(in text: Span<UInt8>, _ name: String) throws -> BearerToken {
        let word = try firstWord(text, name)
        do throws(TokenError) {
            return try BearerToken(utf8: text.extracting(word))
        } catch {
            throw Problem(message: "what \(name) holds is no token: \(error.message)", exitCode: .invalidData)
        }
    }

    private static func firstWord(_ text: Span<UInt8>, _ name: String) throws(Problem) -> Range<Int> {
        guard let word = words(text).first else {
            throw Problem(message: "\(name) holds no token", exitCode: .invalidData)
        }
        return word
    }

    private static func words(_ text: Span<UInt8>) -> [Range<Int>] {
        var words: [Range<Int>] = []
        var start: Int?
        for place in text.indices {
            let isBlank = text[place] == 0x20 || (0x09...0x0D).contains(text[place])
            if isBlank, let first = start { words.append(first..<place) }
            start = isBlank ? nil : start ?? place
        }
        if let first = start { words.append(first..<text.count) }
        return words
    }

    /// Reads up to the end, and lends what was read. The memory that it was read into is wiped.
    private static func read<Value>(
        _ descriptor: Int32, _ name: String, _ byteCountMax: Int, stoppingAtLineEnd: Bool = false,
        _ body: (Span<UInt8>) throws -> Value
    ) throws -> Value {
        // Of fixed size, so that the secret lies in one place.
        var bytes = [UInt8](repeating: 0, count: byteCountMax)
        defer { bytes.withUnsafeMutableBytes { if let start = $0.baseAddress { explicit_bzero(start, $0.count) } } }
        var count = 0
        while count < byteCountMax {
            let received = bytes.withUnsafeMutableBytes { room in
                readSome(descriptor, into: UnsafeMutableRawBufferPointer(rebasing: room[count...]))
            }
            if received < 0 { throw Problem.unreadable(name) }
            if received == 0 { break }
            count += received
            if stoppingAtLineEnd && bytes[count - 1] == UInt8(ascii: "\n") { break }
        }
        return try body(bytes.span.extracting(..<count))
    }
}
