internal import TokenWire

/// Tokens of service accounts. Each of these needs the scope `workspace:admin`, but for a token that rolls itself; see
/// PROTOCOL.md ("Service accounts").
extension TokenClient {
    /// Makes a token of a service account. It keeps the scopes it is issued with, whatever becomes of the account's.
    /// Blocks the thread until the daemon has answered.
    ///
    /// - Parameters:
    ///   - account: Id of the service account, `sa_…`.
    ///   - name: 1 to 100 characters, as a personal token's; unique among the account's tokens that have not ended.
    ///   - scopes: Some of the account's, each held by the caller; empty for all that the account has now.
    ///   - expiresAt: When it ends by itself, nil for never. No later than the caller's own token does.
    ///   - requestID: Names this attempt: see ``RequestID``.
    ///   - credential: For whom; ``Configuration/credential`` if nil.
    ///   - timeout: How long the call may take; ``Configuration/callTimeout`` if nil.
    /// - Returns: The token and its secret, which can't be had again.
    /// - Throws: `notFound`, `alreadyExists` if the name is taken, `permissionDenied` without `workspace:admin` or for
    ///   a scope that the caller doesn't hold, `invalidArgument` with the fields that are wrong, `resourceExhausted`
    ///   past ten changes a second, `unauthenticated`, the codes of connection and time.
    public func issueToken(
        ofServiceAccount account: String, name: String, scopes: [String] = [], expiresAt: Timestamp? = nil,
        requestID: RequestID = RequestID(), as credential: Credential? = nil, timeout: Duration? = nil
    ) throws(TokenError) -> IssuedToken {
        try perform(Self.issuance(account, name, scopes, expiresAt, requestID), as: credential, timeout: timeout)
    }

    /// The form of `issueToken` for tasks: suspends and never blocks a thread of the pool. Throws `cancelled` too.
    public func issueToken(
        ofServiceAccount account: String, name: String, scopes: [String] = [], expiresAt: Timestamp? = nil,
        requestID: RequestID = RequestID(), as credential: Credential? = nil, timeout: Duration? = nil
    ) async throws(TokenError) -> IssuedToken {
        try await perform(Self.issuance(account, name, scopes, expiresAt, requestID), as: credential, timeout: timeout)
    }

    /// Lists a service account's tokens, a page of them. For all of them see
    /// ``allTokens(ofServiceAccount:matching:pageSize:as:timeout:)``. Blocks the thread until the daemon has answered.
    ///
    /// - Parameters:
    ///   - account: Id of the service account, `sa_…`.
    ///   - filter: Which tokens; without one all. Its ``TokenFilter/ownerID`` has to be nil.
    ///   - pageSize: At most how many, 1 to 100; 25 if nil.
    ///   - pageToken: The last page's ``Page/nextPageToken``, nil for the first page.
    ///   - credential: For whom; ``Configuration/credential`` if nil.
    ///   - timeout: How long the call may take; ``Configuration/callTimeout`` if nil.
    /// - Returns: A page, newest first.
    /// - Throws: `notFound`, `invalidArgument` for a page token that doesn't belong to this caller, account and filter,
    ///   `permissionDenied` without `workspace:admin`, `unauthenticated`, the codes of connection and time.
    public func tokens(
        ofServiceAccount account: String, matching filter: TokenFilter = TokenFilter(), pageSize: Int? = nil,
        pageToken: String? = nil, as credential: Credential? = nil, timeout: Duration? = nil
    ) throws(TokenError) -> Page<Token> {
        try perform(Self.accountTokenPage(account, filter, pageSize, pageToken), as: credential, timeout: timeout)
    }

    /// The form of `tokens` for tasks: suspends and never blocks a thread of the pool. Throws `cancelled` too.
    public func tokens(
        ofServiceAccount account: String, matching filter: TokenFilter = TokenFilter(), pageSize: Int? = nil,
        pageToken: String? = nil, as credential: Credential? = nil, timeout: Duration? = nil
    ) async throws(TokenError) -> Page<Token> {
        try await perform(Self.accountTokenPage(account, filter, pageSize, pageToken), as: credential, timeout: timeout)
    }

    /// Lists all tokens of a service account that match, fetched page by page as they are asked for.
    ///
    /// - Parameters:
    ///   - account: Id of the service account, `sa_…`.
    ///   - filter: Which tokens; without one all. Its ``TokenFilter/ownerID`` has to be nil.
    ///   - pageSize: At most how many to fetch at once, 1 to 100.
    ///   - credential: For whom; ``Configuration/credential`` if nil.
    ///   - timeout: How long each page may take; ``Configuration/callTimeout`` if nil.
    /// - Returns: The tokens, newest first; nothing is fetched yet.
    public func allTokens(
        ofServiceAccount account: String, matching filter: TokenFilter = TokenFilter(), pageSize: Int = 100,
        as credential: Credential? = nil, timeout: Duration? = nil
    ) -> PagedSequence<Token> {
        PagedSequence(client: self, credential: credential, timeout: timeout) { (pageToken) throws(TokenError) in
            try Self.accountTokenPage(account, filter, pageSize, pageToken)
        }
    }

    /// Gives a service account's token a new secret. Id, name, scopes and expiry stay. A token may roll itself without
    /// `workspace:admin`, so that a service can renew its own. Blocks the thread until the daemon has answered.
    ///
    /// - Parameters:
    ///   - id: Id of the token, `tok_…`. It must not have ended.
    ///   - account: Id of the service account, `sa_…`.
    ///   - overlap: How long the old secret still verifies, rounded up to whole seconds: from zero, which kills it at
    ///     once, to 7 days, and never past the expiry. A token that rolls itself has to ask for 60 seconds or more.
    ///   - requestID: Names this attempt: see ``RequestID``.
    ///   - credential: For whom; ``Configuration/credential`` if nil.
    ///   - timeout: How long the call may take; ``Configuration/callTimeout`` if nil.
    /// - Returns: The token and its new secret, which can't be had again.
    /// - Throws: `notFound`, `alreadyExists` for a token that has ended, `permissionDenied`, `invalidArgument`,
    ///   `resourceExhausted`, `unauthenticated`, the codes of connection and time.
    public func rollToken(
        id: String, ofServiceAccount account: String, overlap: Duration = .zero, requestID: RequestID = RequestID(),
        as credential: Credential? = nil, timeout: Duration? = nil
    ) throws(TokenError) -> IssuedToken {
        try perform(Self.accountRoll(id, account, overlap, requestID), as: credential, timeout: timeout)
    }

    /// The form of `rollToken` for tasks: suspends and never blocks a thread of the pool. Throws `cancelled` too.
    public func rollToken(
        id: String, ofServiceAccount account: String, overlap: Duration = .zero, requestID: RequestID = RequestID(),
        as credential: Credential? = nil, timeout: Duration? = nil
    ) async throws(TokenError) -> IssuedToken {
        try await perform(Self.accountRoll(id, account, overlap, requestID), as: credential, timeout: timeout)
    }

    /// Ends a service account's token for good. When this returns, no verification on this host that starts later finds
    /// it valid. Revoking a revoked token succeeds and changes nothing. Blocks the thread until the daemon has
    /// answered.
    ///
    /// - Parameters:
    ///   - id: Id of the token, `tok_…`.
    ///   - account: Id of the service account, `sa_…`.
    ///   - credential: For whom; ``Configuration/credential`` if nil.
    ///   - timeout: How long the call may take; ``Configuration/callTimeout`` if nil.
    /// - Returns: The token as it now is.
    /// - Throws: `notFound`, `permissionDenied` without `workspace:admin`, `unauthenticated`, the codes of connection
    ///   and time.
    @discardableResult
    public func revokeToken(
        id: String, ofServiceAccount account: String, as credential: Credential? = nil, timeout: Duration? = nil
    ) throws(TokenError) -> Token {
        try perform(Self.accountRevocation(id, account), as: credential, timeout: timeout)
    }

    /// The form of `revokeToken` for tasks: suspends and never blocks a thread of the pool. Throws `cancelled` too.
    @discardableResult
    public func revokeToken(
        id: String, ofServiceAccount account: String, as credential: Credential? = nil, timeout: Duration? = nil
    ) async throws(TokenError) -> Token {
        try await perform(Self.accountRevocation(id, account), as: credential, timeout: timeout)
    }

    private static func issuance(
        _ account: String, _ name: String, _ scopes: [String], _ expiresAt: Timestamp?, _ requestID: RequestID
    ) -> Exchange<IssueServiceAccountTokenRequest, IssuedToken> {
        let request = IssueServiceAccountTokenRequest(
            serviceAccountID: account, name: name, expiresAt: expiresAt?.wire, requestID: requestID.description,
            scopes: scopes)
        return Exchange(method: .issueServiceAccountToken, request: request)
    }

    private static func accountTokenPage(
        _ account: String, _ filter: TokenFilter, _ pageSize: Int?, _ pageToken: String?
    ) throws(TokenError) -> Exchange<ListServiceAccountTokensRequest, Page<Token>> {
        if filter.ownerID != nil { throw .badArgument("owner_id", "has no meaning for a service account's tokens") }
        let request = ListServiceAccountTokensRequest(
            serviceAccountID: account, pageSize: try wirePageSize(pageSize), pageToken: pageToken ?? "",
            state: filter.state?.wire ?? .unspecified, scope: filter.scope ?? "",
            expiresBefore: filter.expiresBefore?.wire, unusedSince: filter.unusedSince?.wire,
            namePrefix: filter.namePrefix ?? "", kind: filter.kind?.wire ?? .unspecified)
        return Exchange(method: .listServiceAccountTokens, request: request)
    }

    private static func accountRoll(
        _ id: String, _ account: String, _ overlap: Duration, _ requestID: RequestID
    ) throws(TokenError) -> Exchange<RollServiceAccountTokenRequest, IssuedToken> {
        let request = RollServiceAccountTokenRequest(
            serviceAccountID: account, id: id, overlapSeconds: try overlapSeconds(overlap),
            requestID: requestID.description)
        return Exchange(method: .rollServiceAccountToken, request: request)
    }

    private static func accountRevocation(
        _ id: String, _ account: String
    ) -> Exchange<RevokeServiceAccountTokenRequest, Token> {
        let request = RevokeServiceAccountTokenRequest(serviceAccountID: account, id: id)
        return Exchange(method: .revokeServiceAccountToken, request: request)
    }
}
