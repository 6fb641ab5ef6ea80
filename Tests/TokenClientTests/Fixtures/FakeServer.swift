import Glibc
import LinuxIO
import Synchronization
import Testing
import TokenWire

/// A server that does whatever a test wants of it, and above all what a real one never does.
///
/// One thread accepts, and each connection has a thread that reads frames and hands them to `handler`, one at a time.
/// It listens from `init` until `stop`; stopping cuts all connections.
final class FakeServer: Sendable {
    typealias Handler = @Sendable (FakeCall) -> Void

    let path: String
    private let listener: FileDescriptor
    private let handler: Handler
    private let state = Mutex(State())

    private struct State {
        var connections: [FakeConnection] = []
        var endedCount = 0
        var isStopped = false
    }

    init(path: String, backlog: Int32 = 64, handler: @escaping Handler) throws {
        self.path = path
        self.handler = handler
        let raw = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
        listener = FileDescriptor(owning: raw)
        unlink(path)
        let bound = try UnixAddress(path: path).withSocketAddress { bind(raw, $0, $1) }
        try #require(bound == 0)
        try #require(listen(raw, backlog) == 0)
        _ = try PosixThread(name: "fake-accept") { self.acceptAll() }
    }

    /// How many connections were ever accepted.
    var connectionCount: Int { state.withLock { $0.connections.count } }

    /// How many of them are open.
    var openConnectionCount: Int { state.withLock { $0.connections.count - $0.endedCount } }

    /// Ends all connections at once, wherever they are, and goes on listening.
    func cutConnections() {
        for connection in state.withLock({ $0.connections }) { connection.cut() }
    }

    /// Ends everything. The socket file stays, as after a crash, unless it is to be removed.
    func stop(removingFile: Bool = true) {
        state.withLock { $0.isStopped = true }
        if removingFile { unlink(path) }
        shutdown(listener.rawValue, Int32(SHUT_RDWR))
        cutConnections()
    }

    deinit {
        shutdown(listener.rawValue, Int32(SHUT_RDWR))
    }

    private func acceptAll() {
        while true {
            let raw = accept(listener.rawValue, nil, nil)
            guard raw >= 0 else { return }
            let connection = FakeConnection(owning: FileDescriptor(owning: raw))
            let isStopped = state.withLock { state in
                state.connections.append(connection)
                return state.isStopped
            }
            if isStopped { connection.cut() }
            let thread = try? PosixThread(name: "fake-read") {
                connection.readAll(self.handler)
                self.state.withLock { $0.endedCount += 1 }
            }
            guard thread != nil else { return }
        }
    }
}

/// A request that a fake server got.
struct FakeCall: Sendable {
    let connection: FakeConnection
    let stream: UInt32
    let method: Method
    let request: RequestEnvelope

    /// Answers with a message.
    func answer(_ message: some WireMessage) {
        connection.send { try $0.appendResponse(stream: stream, payloadBytes: message.encoded().span) }
    }

    /// Answers with an error.
    func fail(_ status: TokenWire.Status) {
        connection.send { $0.appendResponse(stream: stream, status: status) }
    }

    /// The token that a Verify asks about.
    var presentedToken: String {
        guard let view = try? VerifyRequest.View(request.payload.span) else { return "" }
        return String(copying: view.token)
    }

    /// Answers a Verify: the token is good, and its name is its text.
    func echo() {
        answer(VerifyResponse(outcome: .valid, tokenID: "tok_1", kind: .personal, tokenName: presentedToken))
    }

    func metadata(_ key: String) -> String? {
        request.metadata.first { $0.key == key }?.value
    }
}
