internal import TokenWire

/// What there is to be granted, and who calls.
extension TokenClient {
    /// Asks for the catalogue of scopes. Blocks the thread until the daemon has answered.
    ///
    /// - Parameters:
    ///   - credential: For whom, because each scope says whether the caller holds it; ``Configuration/credential`` if nil.
    ///   - timeout: How long the call may take; ``Configuration/callTimeout`` if nil.
    /// - Returns: The groups, in the order in which to show them.
    /// - Throws: `unauthenticated`, the codes of connection and time.
    public func scopes(
        as credential: Credential? = nil, timeout: Duration? = nil
    ) throws(TokenError) -> [ScopeGroup] {
        try perform(Self.catalogue, as: credential, timeout: timeout).groups
    }

    /// The form of `scopes` for tasks: suspends and never blocks a thread of the pool. Throws `cancelled` too.
    public func scopes(
        as credential: Credential? = nil, timeout: Duration? = nil
    ) async throws(TokenError) -> [ScopeGroup] {
        try await perform(Self.catalogue, as: credential, timeout: timeout).groups
    }

    /// Asks for whom the daemon takes the caller, and what that caller may do now. Blocks the thread until the daemon has
    /// answered.
    ///
    /// - Parameters:
    ///   - credential: For whom; ``Configuration/credential`` if nil.
    ///   - timeout: How long the call may take; ``Configuration/callTimeout`` if nil.
    /// - Returns: The caller.
    /// - Throws: `unauthenticated`, `permissionDenied` for a delegation that this process isn't granted, the codes of
    ///   connection and time.
    public func whoAmI(
        as credential: Credential? = nil, timeout: Duration? = nil
    ) throws(TokenError) -> CallerIdentity {
        try perform(Self.identity, as: credential, timeout: timeout)
    }

    /// The form of `whoAmI` for tasks: suspends and never blocks a thread of the pool. Throws `cancelled` too.
    public func whoAmI(
        as credential: Credential? = nil, timeout: Duration? = nil
    ) async throws(TokenError) -> CallerIdentity {
        try await perform(Self.identity, as: credential, timeout: timeout)
    }

    private static var catalogue: Exchange<EmptyMessage, ScopeCatalogue> {
        Exchange(method: .listScopes, request: EmptyMessage())
    }

    private static var identity: Exchange<EmptyMessage, CallerIdentity> {
        Exchange(method: .whoAmI, request: EmptyMessage())
    }
}
