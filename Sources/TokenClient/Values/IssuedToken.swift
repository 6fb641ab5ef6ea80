internal import TokenWire

/// A token with the secret that was just made for it. The daemon keeps only a hash: this is the one time it is told.
public struct IssuedToken: Sendable {
    /// The token.
    public let token: Token
    /// Its text: ``BearerToken/reveal()`` it to store or show it, or use it as a credential at once.
    public let secret: BearerToken
}

extension IssuedToken: Answer {
    init?(decoding payload: Span<UInt8>) throws(WireError) {
        let view = try SecretTokenResponse.View(payload)
        guard view.token.isPresent, let secret = try? BearerToken(utf8: view.secret.span) else { return nil }
        self.init(token: Token(view.token), secret: secret)
    }
}
