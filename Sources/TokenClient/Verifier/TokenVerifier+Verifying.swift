internal import Synchronization

extension TokenVerifier {
    /// Asks whether a token is good for an operation, and nothing more of it: the form for every request.
    ///
    /// From memory it allocates nothing. Keep the array of scopes, too, where making it would.
    ///
    /// - Parameters:
    ///   - token: The text as the outside presented it, whatever it is.
    ///   - requiredScopes: Scopes that the operation needs, at most 50; all must be held.
    ///   - workspaceID: The workspace that the token must belong to; nil for any.
    ///   - timeout: How long a call to the daemon may take, if it comes to that; ``TokenClient/Configuration/callTimeout`` if
    ///     nil.
    /// - Returns: The judgement. A bad token is not an error.
    /// - Throws: As `TokenClient.verify`: then the token must not be accepted.
    public func outcome(
        of token: String, requiring requiredScopes: [String] = [], in workspaceID: String? = nil,
        timeout: Duration? = nil
    ) throws(TokenError) -> Verification.Outcome {
        guard let key = EntryKey(hashing: token) else { return .malformed }
        if requiredScopes.count <= Self.requiredScopeCountMax,
            let known = lineage.withCore({ $0.recallOutcome(key, requiredScopes, workspaceID) })
        {
            return known
        }
        guard let core, requiredScopes.count <= Self.requiredScopeCountMax else {
            return try client.verify(token, requiring: requiredScopes, in: workspaceID, timeout: timeout).outcome
        }
        return try core.ask(token, key, timeout).judged(requiring: requiredScopes, in: workspaceID).outcome
    }

    /// The form of `outcome` for tasks: suspends where the daemon has to be asked. Throws `cancelled` too.
    public func outcome(
        of token: String, requiring requiredScopes: [String] = [], in workspaceID: String? = nil,
        timeout: Duration? = nil
    ) async throws(TokenError) -> Verification.Outcome {
        guard let key = EntryKey(hashing: token) else { return .malformed }
        if requiredScopes.count <= Self.requiredScopeCountMax,
            let known = lineage.withCore({ $0.recallOutcome(key, requiredScopes, workspaceID) })
        {
            return known
        }
        guard let core, requiredScopes.count <= Self.requiredScopeCountMax else {
            return try await client.verify(token, requiring: requiredScopes, in: workspaceID, timeout: timeout).outcome
        }
        return try await core.ask(token, key, timeout).judged(requiring: requiredScopes, in: workspaceID).outcome
    }

    /// Asks whether a token is good, whose it is and what it may do now. From memory, what it returns is shared with all
    /// who are told the same.
    ///
    /// - Parameters:
    ///   - token: The text as the outside presented it, whatever it is.
    ///   - requiredScopes: Scopes that the operation needs, at most 50; all must be held.
    ///   - workspaceID: The workspace that the token must belong to; nil for any.
    ///   - fresh: Asks the daemon even if the answer is known.
    ///   - timeout: As for `outcome`.
    /// - Returns: The judgement. A bad token is not an error: look at ``Verification/isValid`` first.
    /// - Throws: As `TokenClient.verify`: then the token must not be accepted.
    public func verify(
        _ token: String, requiring requiredScopes: [String] = [], in workspaceID: String? = nil, fresh: Bool = false,
        timeout: Duration? = nil
    ) throws(TokenError) -> Verification {
        guard let key = EntryKey(hashing: token) else { return .malformed }
        if !fresh, requiredScopes.count <= Self.requiredScopeCountMax,
            let known = lineage.withCore({ $0.recallAll(key, requiredScopes, workspaceID) })
        {
            return known
        }
        guard let core, !fresh, requiredScopes.count <= Self.requiredScopeCountMax else {
            if fresh { core?.counters.fresh.add(1, ordering: .relaxed) }
            return try client.verify(token, requiring: requiredScopes, in: workspaceID, timeout: timeout)
        }
        return try core.ask(token, key, timeout).judged(requiring: requiredScopes, in: workspaceID)
    }

    /// The form of `verify` for tasks: suspends where the daemon has to be asked. Throws `cancelled` too.
    public func verify(
        _ token: String, requiring requiredScopes: [String] = [], in workspaceID: String? = nil, fresh: Bool = false,
        timeout: Duration? = nil
    ) async throws(TokenError) -> Verification {
        guard let key = EntryKey(hashing: token) else { return .malformed }
        if !fresh, requiredScopes.count <= Self.requiredScopeCountMax,
            let known = lineage.withCore({ $0.recallAll(key, requiredScopes, workspaceID) })
        {
            return known
        }
        guard let core, !fresh, requiredScopes.count <= Self.requiredScopeCountMax else {
            if fresh { core?.counters.fresh.add(1, ordering: .relaxed) }
            return try await client.verify(token, requiring: requiredScopes, in: workspaceID, timeout: timeout)
        }
        return try await core.ask(token, key, timeout).judged(requiring: requiredScopes, in: workspaceID)
    }

    /// A question with more scopes than a token can have goes to the daemon as it is.
    private static let requiredScopeCountMax = 50
}
