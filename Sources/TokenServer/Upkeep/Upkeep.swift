import LinuxIO
import Synchronization
import TokenCore
import TokenStore

/// What the daemon does by the clock, on a thread of its own: lets the store's clock follow, has the loops hand over which
/// tokens were used, writes down what was refused, prunes events whose time is over, and looks whether clients still find
/// the daemon.
final class Upkeep: Sendable {
    /// How often it is looked whether events are to be pruned.
    private static let pruningIntervalNanoseconds: Int64 = 24 * 60 * 60 * 1_000_000_000

    /// When the start is over: every thread waits for work then.
    private static let settlingMilliseconds: Int32 = 250

    private let store: Store
    private let facts: DaemonFacts
    private let inboxes: [LoopInbox]
    private let watch: PlaceWatch
    private let lookMilliseconds: Int32
    /// All else is done at each of so many looks.
    private let lookCountPerInterval: Int64
    private let waker: BlockingWaker
    private let isEnding = Atomic(false)
    /// The last pruning came to its limit, so that another follows with the next interval.
    private let hasMoreToPrune = Atomic(false)
    private let thread = Mutex<PosixThread?>(nil)

    init(
        store: Store, facts: DaemonFacts, inboxes: [LoopInbox], watch: PlaceWatch, timeouts: Timeouts
    ) throws(SystemError) {
        self.watch = watch
        let look = min(timeouts.look, timeouts.upkeep)
        lookMilliseconds = Int32(clamping: look.nanoseconds / 1_000_000)
        lookCountPerInterval = max(timeouts.upkeep.nanoseconds / look.nanoseconds, 1)
        self.store = store
        self.facts = facts
        self.inboxes = inboxes
        waker = try BlockingWaker()
    }

    func start() throws(SystemError) {
        try thread.withLock { (thread) throws(SystemError) in
            thread = try PosixThread(name: "tokend-upkeep") { self.run() }
        }
    }

    /// Ends the thread, and has the store take what was refused up to now. The loops have ended.
    func end() {
        isEnding.store(true, ordering: .releasing)
        waker.wake()
        thread.withLock { $0.take() }?.join()
        recordRefusals(before: nil)
    }

    private func run() {
        // Most of what a start runs is not needed again, and would stay in memory for no other reason than that.
        if !waker.wait(atMostMilliseconds: min(Self.settlingMilliseconds, lookMilliseconds)) {
            FreeMemory.letGoOfCode()
        }
        var watch = watch
        var nextPruning: Int64 = 0
        var lookCount: Int64 = 0
        while !isEnding.load(ordering: .acquiring) {
            if waker.wait(atMostMilliseconds: lookMilliseconds) { continue }
            look(&watch)
            lookCount += 1
            if lookCount % lookCountPerInterval != 0 { continue }
            let now = store.clock.observe()
            recordRefusals(before: now)
            // What has passed is seen by the next change, and there may be none for long.
            if store.state.hindrance != nil { store.submit(SignOfLife(), origin: .daemon) { _ in } }
            for inbox in inboxes { inbox.askForUses() }
            let boottime = SystemClock.boottimeNanoseconds()
            if boottime >= nextPruning || hasMoreToPrune.load(ordering: .relaxed) {
                nextPruning = boottime + Self.pruningIntervalNanoseconds
                prune()
            }
        }
    }

    private func look(_ watch: inout PlaceWatch) {
        let (new, all) = watch.look()
        // A daemon that stops removes its sockets itself.
        if facts.isStopping || (all.isEmpty && facts.lostFileCount == 0) { return }
        let isChanged = !new.isEmpty || all.count != facts.lostFileCount
        facts.lose(all)
        for loss in new {
            facts.log.write(
                .warning, "a file is gone by which clients find the daemon, or another is in its place",
                ["path": loss.path, "remedy": loss.remedy.rawValue])
        }
        if isChanged { facts.reporter.lost(facts.unreadyReason) }
    }

    private func recordRefusals(before now: Instant?) {
        let counts = facts.refusals.take(before: now)
        if counts.isEmpty { return }
        store.submit(RecordRefusals(counts: counts), origin: .daemon) { [facts] result in
            if case .failure(let refusal) = result {
                facts.refusals.putBack(counts)
                facts.log.limited(.error, "refusals could not be recorded", ["error": refusal.message])
            }
        }
    }

    private func prune() {
        let pruning = PruneEvents(retentionDays: Int64(facts.auditRetentionDays))
        store.submit(pruning, origin: .daemon) { [self] result in
            switch result {
            case .success(let count):
                hasMoreToPrune.store(count == PruneEvents.rowCountMax, ordering: .relaxed)
            case .failure(let refusal):
                facts.log.limited(.error, "old events could not be pruned", ["error": refusal.message])
            }
        }
    }
}

extension Origin {
    /// The daemon's own doing, for nobody.
    static let daemon = daemon(claim: .none, traceID: "")

    static func daemon(claim: CallerClaim, traceID: String) -> Origin {
        Origin(claim: claim, peerUserID: .max, peerProcessID: 0, traceID: traceID, deadlineNanoseconds: nil)
    }
}
