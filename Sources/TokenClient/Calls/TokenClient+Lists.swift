internal import TokenWire

/// Looking at tokens, scopes, the caller and the audit.
extension TokenClient {
    /// Looks at one personal token. Blocks the thread until the daemon has answered.
    ///
    /// - Parameters:
    ///   - id: Id of the token, `tok_…`.
    ///   - credential: For whom; ``Configuration/credential`` if nil.
    ///   - timeout: How long the call may take; ``Configuration/callTimeout`` if nil.
    /// - Returns: The token as it is now, without its secret.
    /// - Throws: `notFound`, also for what the caller may not see; `unauthenticated`; the codes of connection and time.
    public func token(
        id: String, as credential: Credential? = nil, timeout: Duration? = nil
    ) throws(TokenError) -> Token {
        try perform(Self.tokenRequest(id), as: credential, timeout: timeout)
    }

    /// The form of `token(id:)` for tasks: suspends and never blocks a thread of the pool. Throws `cancelled` too.
    public func token(
        id: String, as credential: Credential? = nil, timeout: Duration? = nil
    ) async throws(TokenError) -> Token {
        try await perform(Self.tokenRequest(id), as: credential, timeout: timeout)
    }

    /// Lists personal tokens, a page of them. Blocks the thread until the daemon has answered. For all of them see
    /// ``allTokens(matching:pageSize:as:timeout:)``.
    ///
    /// - Parameters:
    ///   - filter: Which tokens; without one all of the caller's own.
    ///   - pageSize: At most how many, 1 to 100; 25 if nil.
    ///   - pageToken: The last page's ``Page/nextPageToken``, nil for the first page.
    ///   - credential: For whom; ``Configuration/credential`` if nil.
    ///   - timeout: How long the call may take; ``Configuration/callTimeout`` if nil.
    /// - Returns: A page, newest first.
    /// - Throws: `invalidArgument` for a page token that doesn't belong to this caller and filter, `permissionDenied`
    ///   for another owner's without `workspace:admin`, `unauthenticated`, the codes of connection and time.
    public func tokens(
        matching filter: TokenFilter = TokenFilter(), pageSize: Int? = nil, pageToken: String? = nil,
        as credential: Credential? = nil, timeout: Duration? = nil
    ) throws(TokenError) -> Page<Token> {
        try perform(Self.tokenPage(filter, pageSize, pageToken), as: credential, timeout: timeout)
    }

    /// The form of `tokens` for tasks: suspends and never blocks a thread of the pool. Throws `cancelled` too.
    public func tokens(
        matching filter: TokenFilter = TokenFilter(), pageSize: Int? = nil, pageToken: String? = nil,
        as credential: Credential? = nil, timeout: Duration? = nil
    ) async throws(TokenError) -> Page<Token> {
        try await perform(Self.tokenPage(filter, pageSize, pageToken), as: credential, timeout: timeout)
    }

    /// Lists all tokens that match, fetched page by page as they are asked for.
    ///
    /// - Parameters:
    ///   - filter: Which tokens; without one all of the caller's own.
    ///   - pageSize: At most how many to fetch at once, 1 to 100.
    ///   - credential: For whom; ``Configuration/credential`` if nil.
    ///   - timeout: How long each page may take; ``Configuration/callTimeout`` if nil.
    /// - Returns: The tokens, newest first; nothing is fetched yet.
    public func allTokens(
        matching filter: TokenFilter = TokenFilter(), pageSize: Int = 100, as credential: Credential? = nil,
        timeout: Duration? = nil
    ) -> PagedSequence<Token> {
        PagedSequence(client: self, credential: credential, timeout: timeout) { (pageToken) throws(TokenError) in
            try Self.tokenPage(filter, pageSize, pageToken)
        }
    }

    /// Lists audit events of the caller's workspace, a page of them. Needs the scope `audit:read`. Blocks the thread until
    /// the daemon has answered. For all of them see ``allEvents(matching:pageSize:as:timeout:)``.
    ///
    /// - Parameters:
    ///   - filter: Which events; without one all.
    ///   - pageSize: At most how many, 1 to 100; 25 if nil.
    ///   - pageToken: The last page's ``Page/nextPageToken``, nil for the first page.
    ///   - credential: For whom; ``Configuration/credential`` if nil.
    ///   - timeout: How long the call may take; ``Configuration/callTimeout`` if nil.
    /// - Returns: A page, newest first.
    /// - Throws: `invalidArgument` for a page token that doesn't belong to this caller and filter, `permissionDenied`
    ///   without `audit:read`, `unauthenticated`, the codes of connection and time.
    public func events(
        matching filter: EventFilter = EventFilter(), pageSize: Int? = nil, pageToken: String? = nil,
        as credential: Credential? = nil, timeout: Duration? = nil
    ) throws(TokenError) -> Page<AuditEvent> {
        try perform(Self.eventPage(filter, pageSize, pageToken), as: credential, timeout: timeout)
    }

    /// The form of `events` for tasks: suspends and never blocks a thread of the pool. Throws `cancelled` too.
    public func events(
        matching filter: EventFilter = EventFilter(), pageSize: Int? = nil, pageToken: String? = nil,
        as credential: Credential? = nil, timeout: Duration? = nil
    ) async throws(TokenError) -> Page<AuditEvent> {
        try await perform(Self.eventPage(filter, pageSize, pageToken), as: credential, timeout: timeout)
    }

    /// Lists all audit events that match, fetched page by page as they are asked for.
    ///
    /// - Parameters:
    ///   - filter: Which events; without one all of the caller's workspace.
    ///   - pageSize: At most how many to fetch at once, 1 to 100.
    ///   - credential: For whom; ``Configuration/credential`` if nil.
    ///   - timeout: How long each page may take; ``Configuration/callTimeout`` if nil.
    /// - Returns: The events, newest first; nothing is fetched yet.
    public func allEvents(
        matching filter: EventFilter = EventFilter(), pageSize: Int = 100, as credential: Credential? = nil,
        timeout: Duration? = nil
    ) -> PagedSequence<AuditEvent> {
        PagedSequence(client: self, credential: credential, timeout: timeout) { (pageToken) throws(TokenError) in
            try Self.eventPage(filter, pageSize, pageToken)
        }
    }

    private static func tokenRequest(_ id: String) -> Exchange<TokenIDRequest, Token> {
        Exchange(method: .getToken, request: TokenIDRequest(id: id))
    }

    private static func tokenPage(
        _ filter: TokenFilter, _ pageSize: Int?, _ pageToken: String?
    ) throws(TokenError) -> Exchange<ListTokensRequest, Page<Token>> {
        Exchange(
            method: .listTokens, request: filter.request(pageSize: try wirePageSize(pageSize), pageToken: pageToken))
    }

    private static func eventPage(
        _ filter: EventFilter, _ pageSize: Int?, _ pageToken: String?
    ) throws(TokenError) -> Exchange<ListEventsRequest, Page<AuditEvent>> {
        Exchange(
            method: .listEvents, request: filter.request(pageSize: try wirePageSize(pageSize), pageToken: pageToken))
    }

    /// The number that the protocol has for a page size.
    static func wirePageSize(_ pageSize: Int?) throws(TokenError) -> Int32 {
        guard let pageSize else { return 0 }
        guard (1...WireLimits.pageSizeMax).contains(pageSize) else {
            throw .badArgument("page_size", "must be 1 to \(WireLimits.pageSizeMax)")
        }
        return Int32(pageSize)
    }
}
