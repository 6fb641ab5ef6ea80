import Glibc
import LinuxIO
import Synchronization
import TokenCore
package import TokenStore

/// The daemon: a store, two sockets, and the loops that serve them.
package final class Server: Sendable {
    package struct Failure: Error, CustomStringConvertible {
        package let description: String
        package let exitCode: ExitCode
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

    /// Serves `store`, which was opened under the rules of `configuration`, on two listeners until `stop`. The loops serve
    /// when this returns; one that fails later says so by `whenFailed`, and the process should end. A reload reads `source`.
    /// `reporter` tells of all this, without one nobody.
    package init(
        store: Store, sockets: SocketPair, configuration: LoadedConfiguration, source: ConfigurationSource,
        timeouts: Timeouts = Timeouts(), log: Log, reporter: ServiceReporter? = nil,
        whenFailed: @escaping @Sendable (String) -> Void = { _ in }
    ) throws(Failure) {
        self.store = store
        self.sockets = sockets
        facts = DaemonFacts(
            admission: Admission(policy: configuration.policy, daemonUserID: geteuid(), log: log),
            changes: ChangeLimiter(configuration.settings.changeRate),
            auditRetentionDays: configuration.settings.auditRetentionDays, log: log,
            reporter: reporter ?? ServiceReporter(log: log))
        reloader = Reloader(source: source, inForce: configuration, store: store, facts: facts)
        var threads: [LoopThread] = []
        do {
            backups = try Backups(store: store, facts: facts)
            inboxes = try (0..<configuration.settings.eventLoopCount).map { _ in try LoopInbox() }
            store.state.follow { [inboxes] in
                for inbox in inboxes { inbox.noteCommit() }
            }
            let starts = try LoopStarts(count: inboxes.count)
            for (number, inbox) in inboxes.enumerated() {
                threads.append(
                    try LoopThread(
                        number: number, inbox: inbox, sockets: sockets, facts: facts, store: store,
                        prefixes: configuration.settings.prefixes, reloader: reloader, backups: backups,
                        cacheByteCount: configuration.settings.cacheByteCount / inboxes.count,
                        pollNanoseconds: configuration.settings.pollNanoseconds, timeouts: timeouts, starts: starts,
                        whenFailed: whenFailed))
            }
            try starts.wait()
            upkeep = try Upkeep(
                store: store, facts: facts, inboxes: inboxes, watch: PlaceWatch(sockets, store.epochs),
                timeouts: timeouts)
            try upkeep.start()
            supervision = try Supervision(
                store: store, facts: facts, inboxes: inboxes, statusInterval: timeouts.status)
            try supervision.start()
        } catch {
            for thread in threads { thread.end() }
            throw Failure(description: "a thread of the daemon could not start: \(error)", exitCode: .system)
        }
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
