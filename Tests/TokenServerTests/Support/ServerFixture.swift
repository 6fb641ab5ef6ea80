import Glibc
import LinuxIO
import Synchronization
import Testing
import TokenCore
import TokenWire

@testable import TokenServer
@testable import TokenStore

/// A directory of its own under /tmp, mode 0700, removed at the end: at the latest with the process.
final class TemporaryDirectory: Sendable {
    let path: String

    private static let remaining = Mutex<Set<String>>([])
    /// Evaluated once.
    private static let isRemovedAtExit: Bool =
        atexit { for path in TemporaryDirectory.remaining.withLock({ $0 }) { TemporaryDirectory.remove(path) } } == 0

    init() throws {
        var template = Array("/tmp/tokend-server-XXXXXX".utf8CString)
        guard Self.isRemovedAtExit, mkdtemp(&template) != nil else { throw ClientFailure(what: "mkdtemp") }
        let path = String(decoding: template.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
        self.path = path
        Self.remaining.withLock { _ = $0.insert(path) }
    }

    deinit {
        Self.remove(path)
        Self.remaining.withLock { [path] in _ = $0.remove(path) }
    }

    private static func remove(_ path: String) {
        for directory in [path + "/store", path] {
            guard let handle = opendir(directory) else { continue }
            while let entry = readdir(handle) {
                let name = withUnsafeBytes(of: entry.pointee.d_name) {
                    String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self)
                }
                unlink("\(directory)/\(name)")
            }
            closedir(handle)
            rmdir(directory)
        }
    }
}

/// A server in this process, on sockets and a store of its own.
final class ServerFixture: Sendable {
    private let directory: TemporaryDirectory
    let server: Server
    let store: Store
    private let hasStopped = Atomic(false)
    /// Of the first workspace's administrator.
    let admin: String
    /// Its id.
    let adminTokenID: String

    /// For tests that change nothing others would see.
    static var shared: ServerFixture {
        get throws { try sharedFixture.get() }
    }

    private static let sharedFixture = Result { try ServerFixture() }

    var socketPath: String { directory.path + "/tokend.sock" }
    var operatorPath: String { directory.path + "/operator.sock" }
    /// What a reload reads; a test writes it.
    var configurationPath: String { directory.path + "/tokend.conf" }

    init(
        timeouts: Timeouts = Timeouts(), grants: [PeerGrant] = [], changeRate: ChangeRate = .unlimited,
        reporter: ServiceReporter? = nil, eventLoopCount: Int = 1, cacheByteCount: Int = 16 << 20,
        isBootstrapped: Bool = true
    ) throws {
        Signals.ignoreBrokenPipes()
        directory = try TemporaryDirectory()
        let path = directory.path
        try Store.create(directory: path + "/store")
        store = try Store(
            directory: path + "/store", epochPagePath: path + "/tokend.sock.epochs",
            whenPoisoned: { Issue.record("the store is poisoned: \($0)") })
        var configuration = LoadedConfiguration()
        configuration.settings.grants = grants
        configuration.settings.changeRate = changeRate
        configuration.settings.eventLoopCount = eventLoopCount
        configuration.settings.cacheByteCount = cacheByteCount
        server = try Server(
            store: store,
            sockets: SocketPair(
                service: UnixListener(path: path + "/tokend.sock", mode: 0o660),
                operator: UnixListener(path: path + "/operator.sock", mode: 0o600)),
            configuration: configuration,
            source: ConfigurationSource(file: path + "/tokend.conf"), timeouts: timeouts, log: try Log(),
            reporter: reporter,
            whenFailed: { Issue.record("the server failed: \($0)") })
        guard isBootstrapped else {
            admin = ""
            adminTokenID = ""
            return
        }
        let client = try RawClient(path + "/operator.sock")
        let reply = try client.call(.bootstrap, BootstrapRequest(workspaceID: "ws_acme", userID: "ann"))
        let response = try reply.secretToken()
        admin = response.secret
        adminTokenID = response.token?.id ?? ""
    }

    deinit { stop() }

    /// Ends the server and closes the store, whose files stay.
    func stop() {
        if hasStopped.exchange(true, ordering: .sequentiallyConsistent) { return }
        server.stop()
        server.wait()
    }

    /// The store, once it is closed.
    func openAtRest() throws -> Store {
        try Store(directory: directory.path + "/store") { Issue.record("the store is poisoned: \($0)") }
    }

    /// All events of the store, once it is closed.
    func eventsAtRest() throws -> [TokenWire.AuditEvent] {
        let store = try openAtRest()
        defer { store.close() }
        let page = try store.makeReader().events(.host, matching: EventFilter(), below: .max, pageSize: 10_000)
        return page.elements.reversed().map { .init($0) }
    }

    /// Changes that the writer has not begun.
    var waitingChangeCount: Int { store.waitingChangeCount }

    func client() throws -> RawClient { try RawClient(socketPath) }
    func operatorClient() throws -> RawClient { try RawClient(operatorPath) }

    /// A new token of the administrator's user.
    func createToken(
        _ name: String, scopes: [String] = ["issues:read"], expiresAt: Timestamp? = nil
    ) throws -> SecretTokenResponse {
        try client().call(
            .createToken, CreateTokenRequest(name: name, scopes: scopes, expiresAt: expiresAt),
            metadata: [.bearer(admin)]
        ).secretToken()
    }

    /// A healthy client gets a correct answer, and soon: what must hold after every fault of another.
    func expectHealthy(sourceLocation: SourceLocation = #_sourceLocation) throws {
        try expectService(at: socketPath, verifying: admin, sourceLocation: sourceLocation)
    }

    /// Holds up the writer until `release`: every change asked for meanwhile stays in flight.
    func holdWriter() -> WriterHold {
        let hold = WriterHold()
        let origin = Origin(
            claim: .host, peerUserID: 0, peerProcessID: 0, traceID: "hold", deadlineNanoseconds: nil)
        store.submit(hold, origin: origin) { _ in }
        hold.waitUntilHeld()
        return hold
    }

    /// Has the writer do something, and waits for it.
    func perform<Work: TokenStore.Operation>(_ operation: Work) {
        let isDone = Semaphore()
        store.submit(operation, origin: .daemon) { result in
            if case .failure(let refusal) = result { Issue.record("\(refusal)") }
            isDone.signal()
        }
        isDone.wait()
    }

    /// Brings the store to so many events.
    func addEvents(upTo count: Int) {
        let counts = (Int(store.state.current.sequence) + 1...count).map {
            RecordRefusals.Count(
                peerUserID: UInt32($0), method: "m", reason: "forbidden", minute: .epoch, count: 1, traceID: "")
        }
        perform(RecordRefusals(counts: counts))
    }

    /// What `send` sends is ready for each loop at once.
    func whileTheLoopIsHeld(_ send: () throws -> Void) rethrows {
        let hold = LoopHold(server)
        hold.waitUntilHeld()
        defer { hold.release() }
        try send()
    }
}

/// Holds up the loops where they look into their inboxes, until `release`.
final class LoopHold: Sendable {
    private let loopCount: Int
    private let held = Semaphore()
    private let released = Semaphore()

    init(_ server: Server) {
        loopCount = server.inboxes.count
        for inbox in server.inboxes {
            inbox.askForSign { [held, released] in
                held.signal()
                released.wait()
            }
        }
    }

    func waitUntilHeld() { for _ in 0..<loopCount { held.wait() } }
    func release() { for _ in 0..<loopCount { released.signal() } }
}

/// An operation that does nothing, and takes as long as the test wants.
final class WriterHold: TokenStore.Operation {
    private let held: Semaphore
    private let released: Semaphore

    init() {
        held = Semaphore()
        released = Semaphore()
    }

    func perform(in transaction: WriteTransaction) throws(ChangeFailure) -> Bool {
        held.signal()
        released.wait()
        return true
    }

    func waitUntilHeld() { held.wait() }
    func release() { released.signal() }
}

/// Leaves what reads look at unreadable.
struct BreakReads: TokenStore.Operation {
    func perform(in transaction: WriteTransaction) throws(ChangeFailure) -> Bool {
        try sqlite { () throws(SQLiteError) in
            try transaction.connection.execute("ALTER TABLE workspace RENAME TO gone")
        }
        return true
    }
}

/// A semaphore of two threads that are no tasks. See sem_overview(7).
final class Semaphore: @unchecked Sendable {
    // sem_t is made for several threads; its address does not change before deinit.
    private let semaphore = UnsafeMutablePointer<sem_t>.allocate(capacity: 1)

    init() { sem_init(semaphore, 0, 0) }

    deinit {
        sem_destroy(semaphore)
        semaphore.deallocate()
    }

    func signal() { sem_post(semaphore) }
    func wait() { while sem_wait(semaphore) != 0 {} }
    /// True once for each signal.
    func tryWait() -> Bool { sem_trywait(semaphore) == 0 }
}

extension KeyValue {
    static func bearer(_ token: String) -> KeyValue { KeyValue(key: "authorization", value: "Bearer \(token)") }
}

extension [KeyValue] {
    static func delegated(_ user: String, _ workspace: String) -> [KeyValue] {
        [KeyValue(key: "tokend-user", value: user), KeyValue(key: "tokend-workspace", value: workspace)]
    }
}

extension Reply {
    func verified() throws -> VerifyResponse { try decode { try VerifyResponse(copying: VerifyResponse.View($0)) } }

    func secretToken() throws -> SecretTokenResponse {
        try decode { try SecretTokenResponse(copying: SecretTokenResponse.View($0)) }
    }

    func tokens() throws -> ListTokensResponse {
        try decode { try ListTokensResponse(copying: ListTokensResponse.View($0)) }
    }

    func events() throws -> ListEventsResponse {
        try decode { try ListEventsResponse(copying: ListEventsResponse.View($0)) }
    }

    func daemonStatus() throws -> GetStatusResponse {
        try decode { try GetStatusResponse(copying: GetStatusResponse.View($0)) }
    }
}

/// How much a test asks for: a build without optimisation is some twenty times slower, and is to be tested in seconds too.
enum Load {
    static func amount<Amount>(_ optimised: Amount, debug: Amount) -> Amount {
        #if DEBUG
            debug
        #else
            optimised
        #endif
    }
}

/// A new client has `token` verified: right each time, and in one of five tries within 100 ms, because other tests may
/// have the processor in the rest.
func expectService(
    at path: String, verifying token: String, sourceLocation: SourceLocation = #_sourceLocation
) throws {
    let limit: Int64 = Load.amount(100, debug: 300)
    var fastest = Int64.max
    for _ in 0..<5 where fastest > limit {
        let start = SystemClock.monotonicNanoseconds()
        let reply = try RawClient(path).call(.verify, VerifyRequest(token: token))
        fastest = min(fastest, (SystemClock.monotonicNanoseconds() - start) / 1_000_000)
        #expect(try reply.verified().outcome == .valid, sourceLocation: sourceLocation)
    }
    #expect(fastest <= limit, "milliseconds", sourceLocation: sourceLocation)
}

/// What this process, or another, holds.
enum ProcessFigures {
    static func descriptorCount(pid: Int32 = getpid()) -> Int {
        guard let directory = opendir("/proc/\(pid)/fd") else { return -1 }
        defer { closedir(directory) }
        var count = 0
        while readdir(directory) != nil { count += 1 }
        // Without ".", ".." and, in this process, the directory's own.
        return count - (pid == getpid() ? 3 : 2)
    }

    /// The number that the next descriptor gets.
    static func lowestFreeDescriptor(pid: Int32) -> Int {
        var number = 0
        var status = stat()
        while lstat("/proc/\(pid)/fd/\(number)", &status) == 0 { number += 1 }
        return number
    }

    /// VmRSS, in KiB.
    static func residentKibibytes(pid: Int32 = getpid()) throws -> Int {
        let status = try TextFile.read("/proc/\(pid)/status")
        let line = status.split(separator: "\n").first { $0.hasPrefix("VmRSS:") } ?? ""
        return Int(line.split(separator: " ").dropFirst().first ?? "") ?? -1
    }

    /// User and system time, in milliseconds.
    static func processorMilliseconds(pid: Int32) throws -> Int {
        let fields = try TextFile.read("/proc/\(pid)/stat").split(separator: ")").last?.split(separator: " ") ?? []
        let ticks = fields.dropFirst(11).prefix(2).compactMap { Int($0) }.reduce(0, +)
        return ticks * 1000 / sysconf(Int32(_SC_CLK_TCK))
    }
}

/// Waits until the condition holds; false when it did not in time.
func eventually(withinMilliseconds limit: Int64 = 5_000, _ condition: () throws -> Bool) rethrows -> Bool {
    let end = SystemClock.monotonicNanoseconds() + limit * 1_000_000
    while try !condition() {
        if SystemClock.monotonicNanoseconds() > end { return false }
        usleep(2_000)
    }
    return true
}

/// Token texts that no daemon made.
enum Tokens {
    /// Well formed, and nobody's.
    static let unknown = wellFormed("clpu_" + String(repeating: "0", count: 43))

    /// The text with the checksum that belongs to its first 48 bytes.
    static func wellFormed(_ text: String) -> String {
        let body = Array(text.utf8.prefix(48))
        var checksum = UInt64(CRC32.checksum(body.span))
        let digits = Array("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz")
        var tail = ""
        for _ in 0..<6 {
            tail = String(digits[Int(checksum % 62)]) + tail
            checksum /= 62
        }
        return String(decoding: body, as: UTF8.self) + tail
    }
}
