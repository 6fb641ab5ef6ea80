import Glibc
import Synchronization

/// A daemon of our own, on a store and sockets in a new directory under /tmp. `end` stops it and removes everything.
final class DemoDaemon: Sendable {
    let directory: String
    var socketPath: String { directory + "/tokend.sock" }
    var operatorSocketPath: String { directory + "/operator.sock" }
    private var logPath: String { directory + "/log" }
    private let state = Mutex(State())

    private struct State {
        /// The program that runs now, `init` or `serve`; 0 when none does.
        var processID: pid_t = 0
        /// Nothing is started any more.
        var hasEnded = false
    }

    /// Makes the directory, which nobody else can enter.
    init() throws {
        var template = Array("/tmp/tokend-demo-XXXXXX".utf8CString)
        guard mkdtemp(&template) != nil else {
            throw Problem(
                message: "no directory can be made in /tmp: \(String(cString: strerror(errno)))", exitCode: .software)
        }
        directory = template.withUnsafeBufferPointer { $0.baseAddress.map { String(cString: $0) } } ?? ""
    }

    /// Makes the store and starts the daemon; it may not listen yet when this returns.
    func start() throws {
        let program = try Self.program()
        let store = directory + "/store"
        // What the host's configuration says is not for this daemon.
        let configuration = ["--config", "/dev/null"]
        try spawn([program, "init", "--store", store] + configuration)
        if waitForEnd() != 0 { throw Problem(message: "tokend init failed:\n\(log)", exitCode: .software) }
        try spawn([program, "serve", "--store", store, "--socket", socketPath] + configuration)
    }

    /// Waits for the program that runs; its exit status, or 0 when none runs.
    private func waitForEnd() -> Int32 {
        let processID = state.withLock { $0.processID }
        if processID == 0 { return 0 }
        var status: Int32 = 0
        while waitpid(processID, &status, 0) < 0 && errno == EINTR {}
        state.withLock { $0.processID = 0 }
        return status
    }

    /// Stops the daemon in good order and removes the directory. Harmless when called twice.
    func end() {
        state.withLock { state in
            state.hasEnded = true
            if state.processID != 0 { kill(state.processID, SIGTERM) }
        }
        _ = waitForEnd()
        Self.remove(directory)
    }

    /// Removes a directory with all that is in it; of a link not what it leads to.
    private static func remove(_ path: String) {
        for name in Directory.names(in: path) {
            let entry = "\(path)/\(name)"
            if FileFacts(entry)?.kind == .directory { remove(entry) } else { unlink(entry) }
        }
        rmdir(path)
    }

    /// What the daemon wrote, for an error.
    private var log: String {
        guard let file = fopen(logPath, "r") else { return "" }
        defer { fclose(file) }
        var bytes = [UInt8](repeating: 0, count: 4096)
        let count = fread(&bytes, 1, bytes.count, file)
        return String(decoding: bytes.prefix(count), as: UTF8.self)
    }

    /// tokend lies beside tokenctl, wherever that is.
    private static func program() throws -> String {
        var path = [CChar](repeating: 0, count: Int(PATH_MAX))
        let count = readlink("/proc/self/exe", &path, path.count - 1)
        let own = count > 0 ? String(decoding: path.prefix(count).map(UInt8.init(bitPattern:)), as: UTF8.self) : ""
        let program = own.lastIndex(of: "/").map { own[...$0] + "tokend" } ?? "tokend"
        if access(program, X_OK) != 0 {
            throw Problem(
                message: "there is no tokend beside tokenctl (\(program)); build or install both", exitCode: .software)
        }
        return program
    }

    /// Its output goes to the log. Signals that this process ignores or blocks are not ignored or blocked there.
    private func spawn(_ arguments: [String]) throws {
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0)
        for descriptor in [STDOUT_FILENO, STDERR_FILENO] {
            posix_spawn_file_actions_addopen(&actions, descriptor, logPath, O_WRONLY | O_CREAT | O_APPEND, 0o600)
        }
        var attributes = posix_spawnattr_t()
        posix_spawnattr_init(&attributes)
        defer { posix_spawnattr_destroy(&attributes) }
        var signals = sigset_t()
        sigfillset(&signals)
        posix_spawnattr_setsigdefault(&attributes, &signals)
        sigemptyset(&signals)
        posix_spawnattr_setsigmask(&attributes, &signals)
        // A group of its own: Ctrl-C comes to us, and we end it in good order.
        posix_spawnattr_setpgroup(&attributes, 0)
        posix_spawnattr_setflags(
            &attributes, Int16(POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETPGROUP))
        let words: [UnsafeMutablePointer<CChar>?] = arguments.map { strdup($0) } + [nil]
        defer { for word in words { free(word) } }
        // Under the lock: whoever ends it meanwhile either finds the process or keeps it from being started.
        let code = state.withLock { state in
            state.hasEnded
                ? ECANCELED : posix_spawn(&state.processID, arguments[0], &actions, &attributes, words, environ)
        }
        if code != 0 {
            throw Problem(message: "\(arguments[0]): \(String(cString: strerror(code)))", exitCode: .software)
        }
    }
}
