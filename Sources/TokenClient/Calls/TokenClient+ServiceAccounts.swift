internal import TokenWire

/// Service accounts: a workspace's machine principals. Each of these needs the scope `workspace:admin`; see PROTOCOL.md
/// ("Service accounts").
extension TokenClient {
    /// Makes a service account in the caller's workspace. It has no token yet, and outlives who made it. Blocks the
    /// thread until the daemon has answered.
    ///
    /// - Parameters:
    ///   - name: 1 to 100 characters, at most 400 bytes, no control characters; unique among the workspace's accounts
    ///     that have not been deleted.
    ///   - scopes: At most 50, each held by the caller now; there may be none. Its next token is issued with them.
    ///   - requestID: Names this attempt: the same one gives the account that it made. See ``RequestID``.
    ///   - credential: For whom; ``Configuration/credential`` if nil.
    ///   - timeout: How long the call may take; ``Configuration/callTimeout`` if nil.
    /// - Returns: The account.
    /// - Throws: `alreadyExists` if the name is taken, `permissionDenied` without `workspace:admin` or for a scope that
    ///   the caller doesn't hold, `invalidArgument` with the fields that are wrong, `resourceExhausted` past ten
    ///   changes a second, `unauthenticated`, the codes of connection and time.
    public func createServiceAccount(
        name: String, scopes: [String], requestID: RequestID = RequestID(), as credential: Credential? = nil,
        timeout: Duration? = nil
    ) throws(TokenError) -> ServiceAccount {
        try perform(Self.accountCreation(name, scopes, requestID), as: credential, timeout: timeout)
    }

    /// The form of `createServiceAccount` for tasks: suspends and never blocks a thread of the pool. Throws `cancelled` too.
    public func createServiceAccount(
        name: String, scopes: [String], requestID: RequestID = RequestID(), as credential: Credential? = nil,
        timeout: Duration? = nil
    ) async throws(TokenError) -> ServiceAccount {
        try await perform(Self.accountCreation(name, scopes, requestID), as: credential, timeout: timeout)
    }

    /// Looks at one service account. Blocks the thread until the daemon has answered.
    ///
    /// - Parameters:
    ///   - id: Id of the account, `sa_…`.
    ///   - credential: For whom; ``Configuration/credential`` if nil.
    ///   - timeout: How long the call may take; ``Configuration/callTimeout`` if nil.
    /// - Returns: The account as it is now.
    /// - Throws: `notFound`, also for another workspace's; `permissionDenied` without `workspace:admin`;
    ///   `unauthenticated`, the codes of connection and time.
    public func serviceAccount(
        id: String, as credential: Credential? = nil, timeout: Duration? = nil
    ) throws(TokenError) -> ServiceAccount {
        try perform(Self.accountRequest(id), as: credential, timeout: timeout)
    }

    /// The form of `serviceAccount` for tasks: suspends and never blocks a thread of the pool. Throws `cancelled` too.
    public func serviceAccount(
        id: String, as credential: Credential? = nil, timeout: Duration? = nil
    ) async throws(TokenError) -> ServiceAccount {
        try await perform(Self.accountRequest(id), as: credential, timeout: timeout)
    }

    /// Lists the workspace's service accounts, a page of them. For all of them see
    /// ``allServiceAccounts(matching:pageSize:as:timeout:)``. Blocks the thread until the daemon has answered.
    ///
    /// - Parameters:
    ///   - filter: Which accounts; without one all that have not been deleted.
    ///   - pageSize: At most how many, 1 to 100; 25 if nil.
    ///   - pageToken: The last page's ``Page/nextPageToken``, nil for the first page.
    ///   - credential: For whom; ``Configuration/credential`` if nil.
    ///   - timeout: How long the call may take; ``Configuration/callTimeout`` if nil.
    /// - Returns: A page, newest first.
    /// - Throws: `invalidArgument` for a page token that doesn't belong to this caller and filter, `permissionDenied`
    ///   without `workspace:admin`, `unauthenticated`, the codes of connection and time.
    public func serviceAccounts(
        matching filter: ServiceAccountFilter = ServiceAccountFilter(), pageSize: Int? = nil, pageToken: String? = nil,
        as credential: Credential? = nil, timeout: Duration? = nil
    ) throws(TokenError) -> Page<ServiceAccount> {
        try perform(Self.accountPage(filter, pageSize, pageToken), as: credential, timeout: timeout)
    }

    /// The form of `serviceAccounts` for tasks: suspends and never blocks a thread of the pool. Throws `cancelled` too.
    public func serviceAccounts(
        matching filter: ServiceAccountFilter = ServiceAccountFilter(), pageSize: Int? = nil, pageToken: String? = nil,
        as credential: Credential? = nil, timeout: Duration? = nil
    ) async throws(TokenError) -> Page<ServiceAccount> {
        try await perform(Self.accountPage(filter, pageSize, pageToken), as: credential, timeout: timeout)
    }

    /// Lists all service accounts that match, fetched page by page as they are asked for.
    ///
    /// - Parameters:
    ///   - filter: Which accounts; without one all that have not been deleted.
    ///   - pageSize: At most how many to fetch at once, 1 to 100.
    ///   - credential: For whom; ``Configuration/credential`` if nil.
    ///   - timeout: How long each page may take; ``Configuration/callTimeout`` if nil.
    /// - Returns: The accounts, newest first; nothing is fetched yet.
    public func allServiceAccounts(
        matching filter: ServiceAccountFilter = ServiceAccountFilter(), pageSize: Int = 100,
        as credential: Credential? = nil, timeout: Duration? = nil
    ) -> PagedSequence<ServiceAccount> {
        PagedSequence(client: self, credential: credential, timeout: timeout) { (pageToken) throws(TokenError) in
            try Self.accountPage(filter, pageSize, pageToken)
        }
    }

    /// Changes a service account. Tokens already issued keep the scopes they were issued with; those of a disabled
    /// account don't verify until it is enabled. Blocks the thread until the daemon has answered.
    ///
    /// - Parameters:
    ///   - id: Id of the account, `sa_…`.
    ///   - change: What shall be otherwise; what is nil stays.
    ///   - credential: For whom; ``Configuration/credential`` if nil.
    ///   - timeout: How long the call may take; ``Configuration/callTimeout`` if nil.
    /// - Returns: The account as it now is.
    /// - Throws: `notFound`, `alreadyExists` for a name that is taken, `permissionDenied` without `workspace:admin` or
    ///   for scopes that the caller doesn't hold, `invalidArgument`, `resourceExhausted`, `unauthenticated`, the codes
    ///   of connection and time.
    @discardableResult
    public func updateServiceAccount(
        id: String, changing change: ServiceAccountChange, as credential: Credential? = nil, timeout: Duration? = nil
    ) throws(TokenError) -> ServiceAccount {
        try perform(Self.accountUpdate(id, change), as: credential, timeout: timeout)
    }

    /// The form of `updateServiceAccount` for tasks: suspends and never blocks a thread of the pool. Throws `cancelled` too.
    @discardableResult
    public func updateServiceAccount(
        id: String, changing change: ServiceAccountChange, as credential: Credential? = nil, timeout: Duration? = nil
    ) async throws(TokenError) -> ServiceAccount {
        try await perform(Self.accountUpdate(id, change), as: credential, timeout: timeout)
    }

    /// Deletes a service account for good. When this returns, no verification on this host that starts later finds one
    /// of its tokens valid. Blocks the thread until the daemon has answered.
    ///
    /// It is never repeated by itself. After `connectionLost` or `deadlineExceeded` it may have been done: another call
    /// finds it done if it throws `notFound`.
    ///
    /// - Parameters:
    ///   - id: Id of the account, `sa_…`.
    ///   - credential: For whom; ``Configuration/credential`` if nil.
    ///   - timeout: How long the call may take; ``Configuration/callTimeout`` if nil.
    /// - Returns: How many tokens ended with it that had neither been revoked nor expired.
    /// - Throws: `notFound`, also for one that is deleted already; `permissionDenied` without `workspace:admin`;
    ///   `resourceExhausted`; `unauthenticated`, the codes of connection and time.
    @discardableResult
    public func deleteServiceAccount(
        id: String, as credential: Credential? = nil, timeout: Duration? = nil
    ) throws(TokenError) -> Int {
        try perform(Self.accountDeletion(id), as: credential, timeout: timeout).value
    }

    /// The form of `deleteServiceAccount` for tasks: suspends and never blocks a thread of the pool. Throws `cancelled` too.
    @discardableResult
    public func deleteServiceAccount(
        id: String, as credential: Credential? = nil, timeout: Duration? = nil
    ) async throws(TokenError) -> Int {
        try await perform(Self.accountDeletion(id), as: credential, timeout: timeout).value
    }

    private static func accountCreation(
        _ name: String, _ scopes: [String], _ requestID: RequestID
    ) -> Exchange<CreateServiceAccountRequest, ServiceAccount> {
        let request = CreateServiceAccountRequest(name: name, scopes: scopes, requestID: requestID.description)
        return Exchange(method: .createServiceAccount, request: request)
    }

    private static func accountRequest(_ id: String) -> Exchange<IDRequest, ServiceAccount> {
        Exchange(method: .getServiceAccount, request: IDRequest(id: id))
    }

    private static func accountPage(
        _ filter: ServiceAccountFilter, _ pageSize: Int?, _ pageToken: String?
    ) throws(TokenError) -> Exchange<ListServiceAccountsRequest, Page<ServiceAccount>> {
        let request = ListServiceAccountsRequest(
            pageSize: try wirePageSize(pageSize), pageToken: pageToken ?? "", namePrefix: filter.namePrefix ?? "",
            scope: filter.scope ?? "", disabled: filter.isDisabled)
        return Exchange(method: .listServiceAccounts, request: request)
    }

    private static func accountUpdate(
        _ id: String, _ change: ServiceAccountChange
    ) -> Exchange<UpdateServiceAccountRequest, ServiceAccount> {
        let request = UpdateServiceAccountRequest(
            id: id, name: change.name, scopes: change.scopes, disabled: change.isDisabled)
        return Exchange(method: .updateServiceAccount, request: request)
    }

    private static func accountDeletion(_ id: String) -> Exchange<IDRequest, EndedTokenCount> {
        Exchange(method: .deleteServiceAccount, request: IDRequest(id: id))
    }
}
