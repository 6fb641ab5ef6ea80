import Glibc
import LinuxIO
import Testing
import TokenServer
import TokenStore
import TokenWire

/// The daemon as its users start it: the executable, on a store and sockets of its own.
final class DaemonProcess {
    let place: Place
    private(set) var pid: pid_t = 0
    private var exitCode: Int32?

    /// A directory with a store in it, which outlives the daemons that serve it.
    final class Place: Sendable {
        let directory: TemporaryDirectory

        init() throws {
            directory = try TemporaryDirectory()
            try Store.create(directory: directory.path + "/store")
        }

        var storePath: String { directory.path + "/store" }
        var socketPath: String { directory.path + "/tokend.sock" }
        var operatorPath: String { directory.path + "/operator.sock" }
        /// Everything that daemons here wrote to standard error.
        var logPath: String { directory.path + "/log" }

        func log() throws -> String { try TextFile.read(logPath, byteCountMax: 64 << 20) }
    }

    /// What `TOKEND_PROGRAM` names, such as an optimised build, else the one beside the tests' own executable.
    static var executable: String {
        get throws {
            if let program = getenv("TOKEND_PROGRAM") { return String(cString: program) }
            var path = [CChar](repeating: 0, count: Int(PATH_MAX))
            guard readlink("/proc/self/exe", &path, path.count - 1) > 0 else { throw ClientFailure(what: "readlink") }
            let own = String(decoding: path.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
            return TrustedPath.parent(of: own) + "/tokend"
        }
    }

    /// Starts a daemon, by itself or as a service manager does; `isAwaited` waits until it answers. `socket` is another path
    /// than the place's.
    init(
        _ place: Place, socket: String? = nil, arguments: [String] = [], under manager: ServiceManager? = nil,
        isAwaited: Bool = true
    ) throws {
        self.place = place
        let socket = socket ?? place.socketPath
        try spawn(["serve", "--store", place.storePath, "--socket", socket] + arguments, under: manager)
        if isAwaited { try waitUntilReady() }
    }

    deinit {
        if exitCode == nil {
            kill(SIGKILL)
            _ = waitForExit()
        }
    }

    private func spawn(_ arguments: [String], under manager: ServiceManager?) throws {
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawn_file_actions_addopen(&actions, STDERR_FILENO, place.logPath, O_WRONLY | O_CREAT | O_APPEND, 0o600)
        pid =
            try manager?.spawn(try Self.executable, arguments, &actions)
            ?? Self.spawn(try Self.executable, arguments, &actions)
    }

    static func spawn(
        _ executable: String, _ arguments: [String], _ actions: UnsafePointer<posix_spawn_file_actions_t>?
    ) throws -> pid_t {
        var argv: [UnsafeMutablePointer<CChar>?] = ([executable] + arguments).map { strdup($0) } + [nil]
        defer { for argument in argv { free(argument) } }
        var pid: pid_t = 0
        let code = posix_spawn(&pid, executable, actions, nil, &argv, environ)
        if code != 0 { throw ClientFailure(what: "posix_spawn \(executable)", code: code) }
        return pid
    }

    /// Changes the soft limit of the running daemon: prlimit(1), because Glibc's module does not show prlimit(2).
    func limitOpenFiles(to count: Int) throws {
        let tool = try Self.spawn("/usr/bin/prlimit", ["--pid", String(pid), "--nofile=\(count):"], nil)
        var status: Int32 = 0
        guard waitpid(tool, &status, 0) == tool, status == 0 else { throw ClientFailure(what: "prlimit") }
    }

    private func waitUntilReady() throws {
        let isReady = eventually(withinMilliseconds: 10_000) {
            (try? RawClient(place.operatorPath).call(.checkHealth, HealthCheckRequest()))?.code == .ok
                || hasExited
        }
        if !isReady || hasExited { throw ClientFailure(what: "the daemon did not start: \(try place.log())") }
    }

    func kill(_ signal: Int32) { Glibc.kill(pid, signal) }

    private var hasExited: Bool {
        if exitCode != nil { return true }
        var status: Int32 = 0
        if waitpid(pid, &status, WNOHANG) != pid { return false }
        exitCode = status & 0x7f == 0 ? status >> 8 & 0xff : -(status & 0x7f)
        return true
    }

    /// The exit code, or minus the signal that ended it; nil when it still runs after that time.
    func waitForExit(withinMilliseconds limit: Int64 = 10_000) -> Int32? {
        _ = eventually(withinMilliseconds: limit) { hasExited }
        return exitCode
    }

    /// A first workspace; returns its administrator's token.
    func bootstrap(workspace: String = "ws_acme") throws -> String {
        try RawClient(place.operatorPath).call(
            .bootstrap, BootstrapRequest(workspaceID: workspace, userID: "ann")
        ).secretToken().secret
    }

    /// A peer with more answers waiting than the kernel takes.
    func neverReadingClient(_ token: String) throws -> RawClient {
        let client = try RawClient(place.socketPath)
        var bytes: [UInt8] = []
        for id in Frames.ids(10_000) { bytes += Frames.request(id, .verify, VerifyRequest(token: token)) }
        var rest = bytes[...]
        // Until the daemon has taken nothing for a while: it holds replies that nobody reads.
        var idleMilliseconds = 0
        while idleMilliseconds < 300 && !rest.isEmpty {
            let count = client.sendWithoutWaiting(rest)
            rest = rest.dropFirst(count)
            idleMilliseconds = count > 0 ? 0 : idleMilliseconds + 2
            usleep(2_000)
        }
        #expect(!rest.isEmpty, "the daemon took everything")
        return client
    }
}
