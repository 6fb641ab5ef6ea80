internal import TokenWire

/// Members of the caller's workspace; see PROTOCOL.md ("Members").
extension TokenClient {
    /// Lets a user join the caller's workspace, or changes a member's role or status. What is so already changes
    /// nothing. A demotion or suspension takes effect on the next verification. Needs `members:write`, and all that the
    /// old role and the new one grant. Blocks the thread until the daemon has answered.
    ///
    /// - Parameters:
    ///   - userID: The user, at most 128 visible ASCII characters.
    ///   - role: Name of the role; nil leaves a member's as it is, and a user who joins needs one.
    ///   - status: Whether the member's tokens verify; nil leaves it as it is, and a user who joins is active.
    ///   - credential: For whom; ``Configuration/credential`` if nil.
    ///   - timeout: How long the call may take; ``Configuration/callTimeout`` if nil.
    /// - Returns: The membership as it now is, and whether it is new.
    /// - Throws: `permissionDenied`, `failedPrecondition` with the reason `last_admin` for the last active tenant
    ///   admin, `invalidArgument` with the fields that are wrong, `resourceExhausted`, `unauthenticated`, the codes of
    ///   connection and time.
    @discardableResult
    public func putMember(
        userID: String, role: String? = nil, status: MemberStatus? = nil, as credential: Credential? = nil,
        timeout: Duration? = nil
    ) throws(TokenError) -> MemberUpdate {
        try perform(Self.membership(userID, role, status), as: credential, timeout: timeout)
    }

    /// The form of `putMember` for tasks: suspends and never blocks a thread of the pool. Throws `cancelled` too.
    @discardableResult
    public func putMember(
        userID: String, role: String? = nil, status: MemberStatus? = nil, as credential: Credential? = nil,
        timeout: Duration? = nil
    ) async throws(TokenError) -> MemberUpdate {
        try await perform(Self.membership(userID, role, status), as: credential, timeout: timeout)
    }

    /// Lists the workspace's members, a page of them. Needs `members:write`. For all of them see
    /// ``allMembers(matching:pageSize:as:timeout:)``. Blocks the thread until the daemon has answered.
    ///
    /// - Parameters:
    ///   - filter: Which members; without one all. Who was removed is in the audit, not here.
    ///   - pageSize: At most how many, 1 to 100; 25 if nil.
    ///   - pageToken: The last page's ``Page/nextPageToken``, nil for the first page.
    ///   - credential: For whom; ``Configuration/credential`` if nil.
    ///   - timeout: How long the call may take; ``Configuration/callTimeout`` if nil.
    /// - Returns: A page, newest first.
    /// - Throws: `invalidArgument` for a page token that doesn't belong to this caller and filter, `permissionDenied`,
    ///   `unauthenticated`, the codes of connection and time.
    public func members(
        matching filter: MemberFilter = MemberFilter(), pageSize: Int? = nil, pageToken: String? = nil,
        as credential: Credential? = nil, timeout: Duration? = nil
    ) throws(TokenError) -> Page<Member> {
        try perform(Self.memberPage(filter, pageSize, pageToken), as: credential, timeout: timeout)
    }

    /// The form of `members` for tasks: suspends and never blocks a thread of the pool. Throws `cancelled` too.
    public func members(
        matching filter: MemberFilter = MemberFilter(), pageSize: Int? = nil, pageToken: String? = nil,
        as credential: Credential? = nil, timeout: Duration? = nil
    ) async throws(TokenError) -> Page<Member> {
        try await perform(Self.memberPage(filter, pageSize, pageToken), as: credential, timeout: timeout)
    }

    /// Lists all members that match, fetched page by page as they are asked for.
    ///
    /// - Parameters:
    ///   - filter: Which members; without one all.
    ///   - pageSize: At most how many to fetch at once, 1 to 100.
    ///   - credential: For whom; ``Configuration/credential`` if nil.
    ///   - timeout: How long each page may take; ``Configuration/callTimeout`` if nil.
    /// - Returns: The members, newest first; nothing is fetched yet.
    public func allMembers(
        matching filter: MemberFilter = MemberFilter(), pageSize: Int = 100, as credential: Credential? = nil,
        timeout: Duration? = nil
    ) -> PagedSequence<Member> {
        PagedSequence(client: self, credential: credential, timeout: timeout) { (pageToken) throws(TokenError) in
            try Self.memberPage(filter, pageSize, pageToken)
        }
    }

    /// Ends a membership, and with it all the member's personal tokens in this workspace. When this returns, no
    /// verification on this host that starts later finds one valid; joining again revives none. Needs `members:admin`,
    /// and all that the role grants. Blocks the thread until the daemon has answered.
    ///
    /// It is never repeated by itself. After `connectionLost` or `deadlineExceeded` it may have been done: another call
    /// finds it done if it throws `notFound`.
    ///
    /// - Parameters:
    ///   - userID: The user.
    ///   - credential: For whom; ``Configuration/credential`` if nil.
    ///   - timeout: How long the call may take; ``Configuration/callTimeout`` if nil.
    /// - Returns: How many tokens ended with it that had neither been revoked nor expired.
    /// - Throws: `notFound`, also for a user who was removed already; `permissionDenied`; `failedPrecondition` with the
    ///   reason `last_admin`; `resourceExhausted`; `unauthenticated`, the codes of connection and time.
    @discardableResult
    public func removeMember(
        userID: String, as credential: Credential? = nil, timeout: Duration? = nil
    ) throws(TokenError) -> Int {
        try perform(Self.removal(userID), as: credential, timeout: timeout).value
    }

    /// The form of `removeMember` for tasks: suspends and never blocks a thread of the pool. Throws `cancelled` too.
    @discardableResult
    public func removeMember(
        userID: String, as credential: Credential? = nil, timeout: Duration? = nil
    ) async throws(TokenError) -> Int {
        try await perform(Self.removal(userID), as: credential, timeout: timeout).value
    }

    private static func membership(
        _ userID: String, _ role: String?, _ status: MemberStatus?
    ) -> Exchange<PutMemberRequest, MemberUpdate> {
        let request = PutMemberRequest(userID: userID, role: role ?? "", status: status?.wire ?? .unspecified)
        return Exchange(method: .putMember, request: request)
    }

    private static func memberPage(
        _ filter: MemberFilter, _ pageSize: Int?, _ pageToken: String?
    ) throws(TokenError) -> Exchange<ListMembersRequest, Page<Member>> {
        let request = ListMembersRequest(
            pageSize: try wirePageSize(pageSize), pageToken: pageToken ?? "", role: filter.role ?? "",
            status: filter.status?.wire ?? .unspecified, userID: filter.userID ?? "")
        return Exchange(method: .listMembers, request: request)
    }

    private static func removal(_ userID: String) -> Exchange<RemoveMemberRequest, EndedTokenCount> {
        Exchange(method: .removeMember, request: RemoveMemberRequest(userID: userID))
    }
}
