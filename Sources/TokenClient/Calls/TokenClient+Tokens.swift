internal import TokenWire

/// Making and ending personal tokens.
///
/// Each of these needs a caller: ``Configuration/credential``, or the one named in the call. Own tokens need no scope.
/// `workspace:admin` may look at and revoke the tokens of other members. What the caller can't see is `notFound`.
extension TokenClient {
    /// Makes a personal token for the caller. Blocks the thread until the daemon has answered.
    ///
    /// - Parameters:
    ///   - name: 1 to 100 characters, at most 400 bytes, no control characters; unique among the caller's tokens that
    ///     have not ended.
    ///   - scopes: 1 to 50 scopes, each held by the caller now. See `scopes`.
    ///   - expiresAt: When it ends by itself, nil for never. No later than the caller's own token does.
    ///   - requestID: Names this attempt: see ``RequestID``.
    ///   - credential: For whom; ``Configuration/credential`` if nil.
    ///   - timeout: How long the call may take; ``Configuration/callTimeout`` if nil.
    /// - Returns: The token and its secret, which can't be had again.
    /// - Throws: `alreadyExists` if the name is taken, `permissionDenied` for a scope that the caller doesn't hold,
    ///   `invalidArgument` with the fields that are wrong, `unauthenticated`, `resourceExhausted` past ten changes a
    ///   second, and the codes of connection and time.
    public func createToken(
        name: String, scopes: [String], expiresAt: Timestamp? = nil, requestID: RequestID = RequestID(),
        as credential: Credential? = nil, timeout: Duration? = nil
    ) throws(TokenError) -> IssuedToken {
        try perform(Self.creation(name, scopes, expiresAt, requestID), as: credential, timeout: timeout)
    }

    /// The form of `createToken` for tasks: suspends and never blocks a thread of the pool. Throws `cancelled` too.
    public func createToken(
        name: String, scopes: [String], expiresAt: Timestamp? = nil, requestID: RequestID = RequestID(),
        as credential: Credential? = nil, timeout: Duration? = nil
    ) async throws(TokenError) -> IssuedToken {
        try await perform(Self.creation(name, scopes, expiresAt, requestID), as: credential, timeout: timeout)
    }

    /// Gives one of the caller's tokens a new secret. Id, name, scopes and expiry stay. Blocks the thread until the
    /// daemon has answered.
    ///
    /// - Parameters:
    ///   - id: Id of the token, `tok_…`. It must not have ended.
    ///   - overlap: How long the old secret still verifies, rounded up to whole seconds: from zero, which kills it at
    ///     once, to 7 days, and never past the expiry. A token that rolls itself has to ask for 60 seconds or more,
    ///     or it could not ask again. It ends an overlap that still runs.
    ///   - requestID: Names this attempt: see ``RequestID``.
    ///   - credential: For whom; ``Configuration/credential`` if nil.
    ///   - timeout: How long the call may take; ``Configuration/callTimeout`` if nil.
    /// - Returns: The token and its new secret, which can't be had again.
    /// - Throws: `notFound`, `alreadyExists` for a token that has ended, `permissionDenied`, `invalidArgument`,
    ///   `unauthenticated`, `resourceExhausted`, and the codes of connection and time.
    public func rollToken(
        id: String, overlap: Duration = .zero, requestID: RequestID = RequestID(), as credential: Credential? = nil,
        timeout: Duration? = nil
    ) throws(TokenError) -> IssuedToken {
        try perform(Self.roll(id, overlap, requestID), as: credential, timeout: timeout)
    }

    /// The form of `rollToken` for tasks: suspends and never blocks a thread of the pool. Throws `cancelled` too.
    public func rollToken(
        id: String, overlap: Duration = .zero, requestID: RequestID = RequestID(), as credential: Credential? = nil,
        timeout: Duration? = nil
    ) async throws(TokenError) -> IssuedToken {
        try await perform(Self.roll(id, overlap, requestID), as: credential, timeout: timeout)
    }

    /// Ends a token for good. When this returns, no verification on this host that starts later finds it valid.
    /// Revoking a revoked token succeeds and changes nothing. Blocks the thread until the daemon has answered.
    ///
    /// - Parameters:
    ///   - id: Id of the token, `tok_…`.
    ///   - credential: For whom; ``Configuration/credential`` if nil.
    ///   - timeout: How long the call may take; ``Configuration/callTimeout`` if nil.
    /// - Returns: The token as it now is.
    /// - Throws: `notFound`, `unauthenticated`, and the codes of connection and time.
    @discardableResult
    public func revokeToken(
        id: String, as credential: Credential? = nil, timeout: Duration? = nil
    ) throws(TokenError) -> Token {
        try perform(Self.revocation(id), as: credential, timeout: timeout)
    }

    /// The form of `revokeToken` for tasks: suspends and never blocks a thread of the pool. Throws `cancelled` too.
    @discardableResult
    public func revokeToken(
        id: String, as credential: Credential? = nil, timeout: Duration? = nil
    ) async throws(TokenError) -> Token {
        try await perform(Self.revocation(id), as: credential, timeout: timeout)
    }

    /// Ends the token whose secret is presented: whoever finds a leaked secret may do that, and needs no credential.
    /// Blocks the thread until the daemon has answered.
    ///
    /// A current secret ends its token, one that overlaps ends the overlap, and a dead one changes nothing and succeeds:
    /// the answer tells nothing of the token.
    ///
    /// - Parameters:
    ///   - secret: The whole token that leaked.
    ///   - timeout: How long the call may take; ``Configuration/callTimeout`` if nil.
    /// - Throws: `invalidArgument` for a text that is no token, `notFound` for one that nobody ever had, and the codes of
    ///   connection and time.
    public func revokeSelf(_ secret: BearerToken, timeout: Duration? = nil) throws(TokenError) {
        _ = try perform(Self.selfRevocation(secret), timeout: timeout)
    }

    /// The form of `revokeSelf` for tasks: suspends and never blocks a thread of the pool. Throws `cancelled` too.
    public func revokeSelf(_ secret: BearerToken, timeout: Duration? = nil) async throws(TokenError) {
        _ = try await perform(Self.selfRevocation(secret), timeout: timeout)
    }
}

extension TokenClient {
    private static func creation(
        _ name: String, _ scopes: [String], _ expiresAt: Timestamp?, _ requestID: RequestID
    ) -> Exchange<CreateTokenRequest, IssuedToken> {
        let request = CreateTokenRequest(
            name: name, scopes: scopes, expiresAt: expiresAt?.wire, requestID: requestID.description)
        return Exchange(method: .createToken, request: request)
    }

    private static func roll(
        _ id: String, _ overlap: Duration, _ requestID: RequestID
    ) throws(TokenError) -> Exchange<RollTokenRequest, IssuedToken> {
        let request = RollTokenRequest(
            id: id, overlapSeconds: try overlapSeconds(overlap), requestID: requestID.description)
        return Exchange(method: .rollToken, request: request)
    }

    /// The number that the protocol has for an overlap.
    static func overlapSeconds(_ overlap: Duration) throws(TokenError) -> UInt32 {
        guard (.zero ... .seconds(7 * 86_400)).contains(overlap) else {
            throw .badArgument("overlap", "must be 0 to 7 days")
        }
        let (seconds, attoseconds) = overlap.components
        return UInt32(seconds) + (attoseconds > 0 ? 1 : 0)
    }

    private static func revocation(_ id: String) -> Exchange<TokenIDRequest, Token> {
        Exchange(method: .revokeToken, request: TokenIDRequest(id: id))
    }

    private static func selfRevocation(_ secret: BearerToken) -> Exchange<SecretRequest, Nothing> {
        Exchange(method: .revokeSelf, request: SecretRequest(secret: secret))
    }
}

/// A `RevokeSelfRequest` whose secret isn't copied into a string.
private struct SecretRequest: WireMessage, Sendable {
    let secret: BearerToken

    func write<Sink: FieldSink>(to sink: inout Sink) {
        secret.withUTF8 { sink.bytes(1, $0) }
    }
}
