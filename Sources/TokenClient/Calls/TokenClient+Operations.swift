internal import TokenWire

/// Running the daemon. None of these needs a credential: what counts is whom the kernel says this process runs as.
extension TokenClient {
    /// Asks how the daemon is. Blocks the thread until it has answered.
    ///
    /// - Parameters:
    ///   - withSettings: Whether the details shall hold every setting of the daemon.
    ///   - timeout: How long the call may take; ``Configuration/callTimeout`` if nil.
    /// - Returns: Version and readiness; the details only on the operator's socket.
    /// - Throws: The codes of connection and time.
    public func status(withSettings: Bool = false, timeout: Duration? = nil) throws(TokenError) -> ServerStatus {
        try perform(Self.statusRequest(withSettings), timeout: timeout)
    }

    /// The form of `status` for tasks: suspends and never blocks a thread of the pool. Throws `cancelled` too.
    public func status(
        withSettings: Bool = false, timeout: Duration? = nil
    ) async throws(TokenError) -> ServerStatus {
        try await perform(Self.statusRequest(withSettings), timeout: timeout)
    }

    /// Makes a workspace with its first tenant admin and a token for that user. Needs the grant `operate`: use the
    /// socket ``Configuration/operatorSocketPath``. Blocks the thread until the daemon has answered.
    ///
    /// It is never repeated by itself. After `connectionLost` or `deadlineExceeded` it may have been done, and then the
    /// secret is lost with the answer: the workspace exists, and another workspace id is needed.
    ///
    /// - Parameters:
    ///   - workspaceID: The new workspace, `ws_…`.
    ///   - userID: The user who becomes its first tenant admin.
    ///   - tokenName: Name of the token; `bootstrap` if nil.
    ///   - timeout: How long the call may take; ``Configuration/callTimeout`` if nil.
    /// - Returns: A token that holds every scope of the catalogue, and its secret, which can't be had again.
    /// - Throws: `alreadyExists` if the workspace does, `permissionDenied` on another socket or as another user,
    ///   `invalidArgument`, and the codes of connection and time.
    public func bootstrap(
        workspaceID: String, userID: String, tokenName: String? = nil, timeout: Duration? = nil
    ) throws(TokenError) -> IssuedToken {
        try perform(Self.bootstrapRequest(workspaceID, userID, tokenName), timeout: timeout)
    }

    /// The form of `bootstrap` for tasks: suspends and never blocks a thread of the pool. Throws `cancelled` too.
    public func bootstrap(
        workspaceID: String, userID: String, tokenName: String? = nil, timeout: Duration? = nil
    ) async throws(TokenError) -> IssuedToken {
        try await perform(Self.bootstrapRequest(workspaceID, userID, tokenName), timeout: timeout)
    }

    /// Asks whether the daemon can serve: the standard health check of gRPC. Any process may ask. Blocks the thread until
    /// the daemon has answered, which it does from memory.
    ///
    /// - Parameters:
    ///   - service: Full name of a service, for example `tokend.v1.TokenService`; empty for the daemon as a whole.
    ///   - timeout: How long the call may take; ``Configuration/callTimeout`` if nil.
    /// - Returns: Whether it serves.
    /// - Throws: The codes of connection and time: `connectionFailed` means that no daemon is running.
    public func health(of service: String = "", timeout: Duration? = nil) throws(TokenError) -> Health {
        try perform(Self.healthCheck(service), timeout: timeout)
    }

    /// The form of `health` for tasks: suspends and never blocks a thread of the pool. Throws `cancelled` too.
    public func health(of service: String = "", timeout: Duration? = nil) async throws(TokenError) -> Health {
        try await perform(Self.healthCheck(service), timeout: timeout)
    }

    private static func statusRequest(_ withSettings: Bool) -> Exchange<GetStatusRequest, ServerStatus> {
        Exchange(method: .getStatus, request: GetStatusRequest(withSettings: withSettings))
    }

    private static func bootstrapRequest(
        _ workspaceID: String, _ userID: String, _ tokenName: String?
    ) -> Exchange<BootstrapRequest, IssuedToken> {
        let request = BootstrapRequest(workspaceID: workspaceID, userID: userID, tokenName: tokenName ?? "")
        return Exchange(method: .bootstrap, request: request)
    }

    private static func healthCheck(_ service: String) -> Exchange<HealthCheckRequest, Health> {
        Exchange(method: .checkHealth, request: HealthCheckRequest(service: service))
    }
}
