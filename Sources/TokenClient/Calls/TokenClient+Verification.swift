internal import TokenWire

/// Verifying tokens: what a service does for every request it receives. Needs no credential, only a process that the
/// daemon grants `verify`, which is every one that can open the socket.
extension TokenClient {
    /// Asks whether a token is good, whose it is and what it may do now.
    ///
    /// Blocks the thread until the daemon has answered; see the `async` form for code in tasks. Any number of threads may
    /// call it at once. They share one connection.
    ///
    /// - Parameters:
    ///   - token: The text as the outside presented it, whatever it is. One of more than 255 bytes is `malformed`, and the
    ///     daemon is not asked.
    ///   - requiredScopes: Scopes that the operation needs, at most 50; all must be held.
    ///   - workspaceID: The workspace that the token must belong to; nil for any.
    ///   - timeout: How long the call may take; ``Configuration/callTimeout`` if nil.
    /// - Returns: The judgement. A bad token is not an error: look at ``Verification/isValid`` first.
    /// - Throws: `connectionFailed`, `deadlineExceeded`, `unavailable` and the other codes that say no judgement was
    ///   made: then the token must not be accepted. `permissionDenied` if the daemon doesn't let this process verify.
    public func verify(
        _ token: String, requiring requiredScopes: [String] = [], in workspaceID: String? = nil,
        timeout: Duration? = nil
    ) throws(TokenError) -> Verification {
        guard BearerToken.mayBe(token) else { return .malformed }
        return try perform(Self.verification(of: token, requiredScopes, workspaceID), timeout: timeout)
    }

    /// The form of `verify` for tasks: suspends and never blocks a thread of the pool.
    ///
    /// Inside `async` code Swift picks this one. It throws `cancelled` too, when its task is.
    public func verify(
        _ token: String, requiring requiredScopes: [String] = [], in workspaceID: String? = nil,
        timeout: Duration? = nil
    ) async throws(TokenError) -> Verification {
        guard BearerToken.mayBe(token) else { return .malformed }
        return try await perform(Self.verification(of: token, requiredScopes, workspaceID), timeout: timeout)
    }

    /// Asks about several tokens in one request, which is cheaper than one request for each.
    ///
    /// - Parameters:
    ///   - queries: 1 to 100 questions.
    ///   - timeout: How long the call may take; ``Configuration/callTimeout`` if nil.
    /// - Returns: As many judgements as there are questions, in their order.
    /// - Throws: As `verify`; `invalidArgument` unless there are 1 to 100 questions, in at most 256 KiB.
    public func verifyBatch(
        _ queries: [VerificationQuery], timeout: Duration? = nil
    ) throws(TokenError) -> [Verification] {
        try Self.matched(try perform(Self.verifications(of: queries), timeout: timeout), queries)
    }

    /// The form of `verifyBatch` for tasks: suspends and never blocks a thread of the pool. Throws `cancelled` too.
    public func verifyBatch(
        _ queries: [VerificationQuery], timeout: Duration? = nil
    ) async throws(TokenError) -> [Verification] {
        try Self.matched(try await perform(Self.verifications(of: queries), timeout: timeout), queries)
    }

    private static func verification(
        of token: String, _ requiredScopes: [String], _ workspaceID: String?
    ) -> Exchange<VerifyRequest, Verification> {
        Exchange(
            method: .verify,
            request: VerifyRequest(token: token, requiredScopes: requiredScopes, workspaceID: workspaceID ?? ""))
    }

    private static func verifications(
        of queries: [VerificationQuery]
    ) throws(TokenError) -> Exchange<VerifyBatchRequest, VerificationList> {
        guard (1...WireLimits.verifyBatchCountMax).contains(queries.count) else {
            throw .badArgument("queries", "must be 1 to \(WireLimits.verifyBatchCountMax)")
        }
        return Exchange(method: .verifyBatch, request: VerifyBatchRequest(requests: queries.map(\.wire)))
    }

    /// A judgement that can't be told to belong to a question must not be taken for one of another.
    private static func matched(
        _ list: VerificationList, _ queries: [VerificationQuery]
    ) throws(TokenError) -> [Verification] {
        guard list.verifications.count == queries.count else {
            throw .protocolViolation("asked about \(queries.count) tokens, got \(list.verifications.count) answers")
        }
        return list.verifications
    }
}
