import Glibc
import TokenClient

/// Secrets that come by a file or a pipe, never by an argument: arguments are seen by every process.
enum SecretInput {
    /// More than any token has: the rest of a longer text changes nothing of the answer.
    private static let byteCountMax = 1_024
    /// Of what was found somewhere and is to be ended.
    private static let pieceByteCount = 65_536

    /// The token on standard input, which a person is asked for, and nothing beside it.
    static func token() throws -> BearerToken {
        try standardInput(byteCountMax) { text, name in
            if FoundText.words(text).count > 1 {
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

    /// Calls `body` with what was found on standard input, one find after the other: the texts of which one may be a
    /// token, and whether they look like one of tokend. However much there is, no more of it is kept than a piece, and
    /// that is wiped.
    static func eachFind(_ body: (_ texts: [BearerToken], _ areLikeTokens: Bool) throws -> Void) throws {
        var count = 0
        func tell(_ text: Span<UInt8>) throws {
            for find in FoundText.finds(in: text) {
                count += 1
                let texts = find.places.compactMap { try? BearerToken(utf8: text.extracting($0)) }
                try body(texts, find.isLikeToken)
            }
        }
        if isatty(STDIN_FILENO) == 1 {
            try standardInput(byteCountMax) { text, _ in try tell(text) }
        } else {
            try eachPiece(of: STDIN_FILENO, "standard input", tell)
        }
        if count == 0 { throw Problem(message: "standard input holds no token", exitCode: .invalidData) }
    }

    /// Reads up to the end, and lends pieces that end where no token is in the middle.
    private static func eachPiece(
        of descriptor: Int32, _ name: String, _ body: (Span<UInt8>) throws -> Void
    ) throws {
        var bytes = [UInt8](repeating: 0, count: pieceByteCount)
        defer { bytes.withUnsafeMutableBytes { if let start = $0.baseAddress { explicit_bzero(start, $0.count) } } }
        var count = 0
        while true {
            let received = bytes.withUnsafeMutableBytes { room in
                readSome(descriptor, into: UnsafeMutableRawBufferPointer(rebasing: room[count...]))
            }
            if received < 0 { throw Problem.unreadable(name) }
            count += received
            if received > 0 && count < pieceByteCount { continue }
            let end = received == 0 ? count : FoundText.end(ofPieceIn: bytes.span)
            try body(bytes.span.extracting(..<end))
            if received == 0 { return }
            for place in end..<count { bytes[place - end] = bytes[place] }
            count -= end
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
        guard let word = FoundText.words(text).first else {
            throw Problem(message: "\(name) holds no token", exitCode: .invalidData)
        }
        return word
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
