import Glibc
package import LinuxIO
import Synchronization
import TokenCore
package import TokenStore

/// The daemon: a store, two sockets, and the loops that serve them.
package final class Server: Sendable {
    package struct Failure: Error, CustomStringConvertible {
        package let description: String
        package let exitCode: Int32
    }

    private let store: Store
    private let sockets: SocketPair
    private let facts: DaemonFacts
    private let reloader: Reloader
    private let backups: Backups
    let inboxes: [LoopInbox]
    private let upkeep: Upkeep
    private let supervision: Supervision
    private let threads: Mutex<[LoopThread]>

    /// Serves `store`, which was opened under the rules of `configuration`, on two listeners until `stop`. The loops run
    /// when this returns; one that fails says so by `whenFailed`, and the process should end. A reload reads `source`.
    /// `reporter` tells of all this, without one nobody.
    package init(
        store: Store, service: consuming UnixListener, operator: consuming UnixListener,
        configuration: LoadedConfiguration, source: ConfigurationSource, timeouts: Timeouts = Timeouts(), log: Log,
        reporter: ServiceReporter? = nil,
        whenFailed: @escaping @Sendable (String) -> Void = { _ in }
    ) throws(Failure) {
        self.store = store
        sockets = SocketPair(service: service, operator: `operator`)
        facts = DaemonFacts(
            admission: Admission(policy: configuration.policy, daemonUserID: geteuid(), log: log),
            changes: ChangeLimiter(configuration.settings.changeRate),
            auditRetentionDays: configuration.settings.auditRetentionDays, log: log,
            reporter: reporter ?? ServiceReporter(log: log))
        reloader = Reloader(source: source, inForce: configuration, store: store, facts: facts)
        var inboxes: [LoopInbox] = []
        var threads: [LoopThread] = []
        do throws(SystemError) {
            backups = try Backups(store: store, log: log)
            for number in 0..<configuration.settings.eventLoopCount {
                let inbox = try LoopInbox()
                inboxes.append(inbox)
                threads.append(
                    try LoopThread(
                        number: number, inbox: inbox, sockets: sockets, facts: facts, store: store,
                        prefixes: configuration.settings.prefixes, reloader: reloader, backups: backups,
                        cacheByteCount: configuration.settings.cacheByteCount / configuration.settings.eventLoopCount,
                        pollNanoseconds: configuration.settings.pollNanoseconds, timeouts: timeouts,
                        whenFailed: whenFailed))
            }
            upkeep = try Upkeep(store: store, facts: facts, inboxes: inboxes, interval: timeouts.upkeep)
            try upkeep.start()
            supervision = try Supervision(
                store: store, facts: facts, inboxes: inboxes, statusInterval: timeouts.status)
            try supervision.start()
        } catch {
            for inbox in inboxes { inbox.end(.stopping) }
            throw Failure(description: "a thread of the daemon could not start: \(error)", exitCode: 71)  // EX_OSERR
        }
        store.state.follow { [inboxes] in
            for inbox in inboxes { inbox.noteCommit() }
        }
        self.inboxes = inboxes
        self.threads = Mutex(threads)
    }

    /// Reads the configuration again, for the host's operator and without an answer: the log tells what came of it.
    package func reload() {
        reloader.reload(for: .daemon(claim: .host, traceID: TraceID.make())) { _ in }
    }

    /// No new connection, and no call that has not been received yet; the others are answered, for at most `Timeouts.drain`.
    package func drain() {
        facts.stop()
        sockets.removeFiles()
        for inbox in inboxes { inbox.end(.draining) }
    }

    /// Ends now; calls in flight get no answer.
    package func stop() {
        facts.stop()
        sockets.removeFiles()
        for inbox in inboxes { inbox.end(.stopping) }
    }

    /// Waits until the loops have ended, then closes the store.
    package func wait() {
        let threads = threads.withLock { threads in
            let taken = threads
            threads = []
            return taken
        }
        for thread in threads { thread.join() }
        backups.end()
        supervision.end()
        upkeep.end()
        store.close()
    }
}

/// A loop's thread. What the loop owns is made on it and never leaves it.
private final class LoopThread: Sendable {
    private let thread: Mutex<PosixThread?>

    init(
        number: Int, inbox: LoopInbox, sockets: SocketPair, facts: DaemonFacts, store: Store, prefixes: TokenPrefixes,
        reloader: Reloader, backups: Backups, cacheByteCount: Int, pollNanoseconds: Int64, timeouts: Timeouts,
        whenFailed: @escaping @Sendable (String) -> Void
    ) throws(SystemError) {
        thread = Mutex(
            try PosixThread(name: "tokend-loop-\(number)") {
                do {
                    let dispatcher = try Dispatcher(
                        store: store, facts: facts, prefixes: prefixes, reloader: reloader, backups: backups,
                        inbox: inbox, cacheByteCount: cacheByteCount)
                    let loop = try EventLoop(
                        inbox: inbox, listeners: sockets, admission: facts.admission, dispatcher: dispatcher,
                        timeouts: timeouts, pollNanoseconds: pollNanoseconds)
                    try loop.run()
                } catch {
                    // Half of a daemon is worse than none: supervision restarts it.
                    whenFailed("\(error)")
                }
            })
    }

    func join() {
        thread.withLock { $0.take() }?.join()
    }
}
