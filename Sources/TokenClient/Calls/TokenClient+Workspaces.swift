internal import TokenWire

/// What the host's operator does, on the socket ``Configuration/operatorSocketPath``; see PROTOCOL.md ("Workspaces").
extension TokenClient {
    /// Lists the host's workspaces, a page of them. For all of them see ``allWorkspaces(inState:pageSize:timeout:)``.
    /// Blocks the thread until the daemon has answered.
    ///
    /// - Parameters:
    ///   - state: Only workspaces in this state; nil for all.
    ///   - pageSize: At most how many, 1 to 100; 25 if nil.
    ///   - pageToken: The last page's ``Page/nextPageToken``, nil for the first page.
    ///   - timeout: How long the call may take; ``Configuration/callTimeout`` if nil.
    /// - Returns: A page, newest first.
    /// - Throws: `invalidArgument` for a page token that doesn't belong to this state, `permissionDenied` on another
    ///   socket or as another user, the codes of connection and time.
    public func workspaces(
        inState state: WorkspaceState? = nil, pageSize: Int? = nil, pageToken: String? = nil, timeout: Duration? = nil
    ) throws(TokenError) -> Page<Workspace> {
        try perform(Self.workspacePage(state, pageSize, pageToken), timeout: timeout)
    }

    /// The form of `workspaces` for tasks: suspends and never blocks a thread of the pool. Throws `cancelled` too.
    public func workspaces(
        inState state: WorkspaceState? = nil, pageSize: Int? = nil, pageToken: String? = nil, timeout: Duration? = nil
    ) async throws(TokenError) -> Page<Workspace> {
        try await perform(Self.workspacePage(state, pageSize, pageToken), timeout: timeout)
    }

    /// Lists all workspaces of the host, fetched page by page as they are asked for.
    ///
    /// - Parameters:
    ///   - state: Only workspaces in this state; nil for all.
    ///   - pageSize: At most how many to fetch at once, 1 to 100.
    ///   - timeout: How long each page may take; ``Configuration/callTimeout`` if nil.
    /// - Returns: The workspaces, newest first; nothing is fetched yet.
    public func allWorkspaces(
        inState state: WorkspaceState? = nil, pageSize: Int = 100, timeout: Duration? = nil
    ) -> PagedSequence<Workspace> {
        PagedSequence(client: self, credential: .anonymous, timeout: timeout) { (pageToken) throws(TokenError) in
            try Self.workspacePage(state, pageSize, pageToken)
        }
    }

    /// Suspends a workspace with everything in it, lifts that, or ends the workspace for good. When this returns, no
    /// verification on this host that starts later finds a token of a workspace valid that is not active. Blocks the
    /// thread until the daemon has answered.
    ///
    /// - Parameters:
    ///   - id: The workspace, `ws_…`.
    ///   - state: The state it shall have. ``WorkspaceState/ended`` is final.
    ///   - timeout: How long the call may take; ``Configuration/callTimeout`` if nil.
    /// - Returns: The workspace as it now is.
    /// - Throws: `notFound`, `alreadyExists` for a workspace that has ended, `permissionDenied` on another socket or as
    ///   another user, `invalidArgument`, the codes of connection and time.
    @discardableResult
    public func setWorkspaceState(
        id: String, to state: WorkspaceState, timeout: Duration? = nil
    ) throws(TokenError) -> Workspace {
        try perform(Self.stateChange(id, state), timeout: timeout)
    }

    /// The form of `setWorkspaceState` for tasks: suspends and never blocks a thread of the pool. Throws `cancelled` too.
    @discardableResult
    public func setWorkspaceState(
        id: String, to state: WorkspaceState, timeout: Duration? = nil
    ) async throws(TokenError) -> Workspace {
        try await perform(Self.stateChange(id, state), timeout: timeout)
    }

    /// Has the daemon read its configuration again, with the catalogue and the roles. With a fault in any of them
    /// nothing changes. Blocks the thread until the daemon has answered.
    ///
    /// - Parameter timeout: How long the call may take; ``Configuration/callTimeout`` if nil.
    /// - Returns: What has changed, and what waits for a restart.
    /// - Throws: `invalidArgument` with the setting or the file and line at fault, `permissionDenied` on another socket
    ///   or as another user, `resourceExhausted` while too many reloads wait, the codes of connection and time.
    @discardableResult
    public func reload(timeout: Duration? = nil) throws(TokenError) -> ReloadReport {
        try perform(Self.reloading, timeout: timeout)
    }

    /// The form of `reload` for tasks: suspends and never blocks a thread of the pool. Throws `cancelled` too.
    @discardableResult
    public func reload(timeout: Duration? = nil) async throws(TokenError) -> ReloadReport {
        try await perform(Self.reloading, timeout: timeout)
    }

    private static func workspacePage(
        _ state: WorkspaceState?, _ pageSize: Int?, _ pageToken: String?
    ) throws(TokenError) -> Exchange<ListWorkspacesRequest, Page<Workspace>> {
        let request = ListWorkspacesRequest(
            pageSize: try wirePageSize(pageSize), pageToken: pageToken ?? "", state: state?.wire ?? .unspecified)
        return Exchange(method: .listWorkspaces, request: request)
    }

    private static func stateChange(
        _ id: String, _ state: WorkspaceState
    ) -> Exchange<SetWorkspaceStateRequest, Workspace> {
        Exchange(method: .setWorkspaceState, request: SetWorkspaceStateRequest(id: id, state: state.wire))
    }

    private static var reloading: Exchange<EmptyMessage, ReloadReport> {
        Exchange(method: .reload, request: EmptyMessage())
    }
}
