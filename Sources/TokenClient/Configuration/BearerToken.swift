internal import Glibc
internal import TokenCore

/// The text of a token, kept so that it isn't shown by mistake.
///
/// Printing, interpolating and `dump` show `<secret>`, and its memory is overwritten when the last copy goes. Both are
/// care and not protection: who can read this process's memory can read the secret while it is in use.
public struct BearerToken: Sendable {
    private let storage: Storage

    /// Copies share one storage.
    private final class Storage: Sendable {
        let secret: Secret

        init?(copying bytes: Span<UInt8>) {
            guard let secret = Secret(copying: bytes) else { return nil }
            self.secret = secret
        }
    }

    /// Keeps a copy of `text`, whose own memory stays the caller's concern.
    ///
    /// - Parameter text: The whole token as it was issued. It is not looked at: a wrong one is refused by the daemon.
    /// - Throws: ``TokenError`` with `invalidArgument` unless there are 1 to 255 bytes, all of them visible ASCII: a
    ///   line break read along with the token is the usual fault.
    public init(_ text: String) throws(TokenError) {
        try self.init(utf8: text.utf8Span.span)
    }

    /// Keeps a copy of the bytes of a token's text, so that the caller can overwrite the original.
    ///
    /// - Parameter utf8: The whole token as it was issued, see ``init(_:)``.
    /// - Throws: ``TokenError`` with `invalidArgument` unless there are 1 to 255 bytes, all of them visible ASCII.
    public init(utf8: Span<UInt8>) throws(TokenError) {
        for index in utf8.indices where !(0x21...0x7e).contains(utf8[index]) {
            throw .badArgument("token", "holds a space, a line break or another character that no token has")
        }
        guard let storage = Storage(copying: utf8) else { throw .badArgument("token", "must have 1 to 255 bytes") }
        self.storage = storage
    }

    /// Whether a presented text is short enough for a token, or else MALFORMED: see PROTOCOL.md ("Token text").
    static func mayBe(_ text: String) -> Bool { text.utf8.count <= Secret.byteCountMax }

    /// The text, to show it once to the person it is for or to store it where secrets are kept. Nothing overwrites the
    /// returned string.
    public func reveal() -> String {
        storage.secret.revealAsText()
    }

    /// Lends the bytes of the text. They are gone when the last copy of this value is, so don't keep the buffer.
    public func withUTF8<Result, Failure: Error>(
        _ body: (Span<UInt8>) throws(Failure) -> Result
    ) throws(Failure) -> Result {
        try storage.secret.withBytes(body)
    }
}

extension BearerToken: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    /// `<secret>`.
    public var description: String { "<secret>" }
    /// `<secret>`.
    public var debugDescription: String { "<secret>" }
    /// Shows nothing, so that `dump` doesn't either.
    public var customMirror: Mirror { Mirror(self, children: []) }
}
