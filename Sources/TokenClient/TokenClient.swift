internal import LinuxIO
internal import TokenWire

/// A connection to the token daemon of this host.
///
/// Make one for each daemon and each kind of caller, keep it, and call it from any thread or task: all calls share one
/// connection, which is made at the first call and again whenever it is lost. A call that finds the daemon restarting
/// waits for it (``Configuration/connectTimeout``), and one that loses the connection is sent again once if that is safe:
/// if the daemon can't have had it, or if doing it twice comes to the same as doing it once.
///
/// Every call has two forms of the same name. The plain one blocks its thread and, when it is alone, needs no other
/// thread to get its answer. The `async` one suspends; inside `async` code Swift picks it by itself.
///
/// A client has two descriptors, the connection and one to wake it, and a thread of its own once an `async` call was
/// made. At most 64 calls are in flight; further ones wait for their turn within their timeout.
///
/// The connection closes when the last reference to the client goes and its last call has ended. After a fork(2) the
/// child makes a connection of its own at its first call, and leaves its parent's alone.
///
///     let client = try TokenClient()
///     let verification = try client.verify(presented, requiring: ["issues:read"])
///     guard verification.isValid else { return .unauthorized }
public final class TokenClient: Sendable {
    /// What the client was made with.
    public let configuration: Configuration

    private let lineage: ForkLineage

    /// A client that connects at its first call.
    ///
    /// - Parameter configuration: Where the daemon is, for whom to call and how long to wait.
    /// - Throws: `invalidArgument` for a socket path that isn't 1 to 107 bytes without NUL, `connectionFailed` if the
    ///   process has no descriptor left. Whether a daemon is there only a call can tell.
    public init(_ configuration: Configuration = Configuration()) throws(TokenError) {
        self.configuration = configuration
        lineage = ForkLineage(try Channel(ChannelSettings(configuration)))
    }

    /// A client whose channel has other limits than the protocol's, for tests.
    init(_ configuration: Configuration, settings: ChannelSettings) throws(TokenError) {
        self.configuration = configuration
        lineage = ForkLineage(try Channel(settings))
    }

    deinit {
        lineage.retire()
    }

    /// Makes a call and waits for its answer on this thread.
    func perform<Request, Response>(
        _ exchange: Exchange<Request, Response>, as credential: Credential = .anonymous, timeout: Duration?
    ) throws(TokenError) -> Response {
        let deadline = Moment.now.adding(timeout ?? configuration.callTimeout)
        let channel = try lineage.channel()
        let outcome = channel.call(isRepeatable: exchange.method.repetition != .never, deadline: deadline) {
            (buffer, stream, timeoutNanoseconds) throws(WireError) in
            try buffer.appendCall(exchange, as: credential, stream: stream, timeoutNanoseconds: timeoutNanoseconds)
        }
        return try exchange.response(outcome)
    }

    /// Makes a call and suspends until its answer is there.
    func perform<Request, Response>(
        _ exchange: Exchange<Request, Response>, as credential: Credential = .anonymous, timeout: Duration?
    ) async throws(TokenError) -> Response {
        let deadline = Moment.now.adding(timeout ?? configuration.callTimeout)
        let channel = try lineage.channel()
        let outcome = await channel.callSuspending(
            isRepeatable: exchange.method.repetition != .never, deadline: deadline
        ) {
            (buffer, stream, timeoutNanoseconds) throws(WireError) in
            try buffer.appendCall(exchange, as: credential, stream: stream, timeoutNanoseconds: timeoutNanoseconds)
        }
        return try exchange.response(outcome)
    }

    /// Makes a call for the caller it names, or else for the one of the configuration.
    func perform<Request, Response>(
        _ exchange: Exchange<Request, Response>, as credential: Credential?, timeout: Duration?
    ) throws(TokenError) -> Response {
        try perform(exchange, as: credential ?? configuration.credential, timeout: timeout)
    }

    /// Makes a call for the caller it names, or else for the one of the configuration.
    func perform<Request, Response>(
        _ exchange: Exchange<Request, Response>, as credential: Credential?, timeout: Duration?
    ) async throws(TokenError) -> Response {
        try await perform(exchange, as: credential ?? configuration.credential, timeout: timeout)
    }
}
