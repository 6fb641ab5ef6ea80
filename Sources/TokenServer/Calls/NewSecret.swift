import LinuxIO
import TokenCore
import TokenStore
import TokenWire

/// A secret made for one call: the store gets its digest, the caller its text, and nobody else anything.
final class NewSecret: Sendable {
    private let secret: Secret
    let draft: SecretDraft

    init(_ kind: TokenCore.TokenKind, _ prefixes: TokenPrefixes) {
        secret = TokenText.make(prefixes: prefixes, kind: kind, random: Randomness.bits256())
        draft = secret.withBytes { text in
            SecretDraft(digest: Digest(hashing: text), hint: TokenText.hint(text))
        }
    }

    /// Lends the text, to write it where the caller wants it.
    func withBytes<Result>(_ body: (Span<UInt8>) -> Result) -> Result { secret.withBytes(body) }

    /// Appends the answer of the call that it was made for.
    func answer(
        _ record: TokenRecord, at now: Instant, _ streamID: UInt32, _ output: inout WireBuffer
    ) throws(WireError) {
        try secret.withBytes { (text) throws(WireError) in
            try output.appendResponse(
                stream: streamID, payload: SecretTokenResponse.Parts(token: .init(record, at: now), secret: text))
        }
    }
}
