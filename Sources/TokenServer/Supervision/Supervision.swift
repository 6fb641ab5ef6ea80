import LinuxIO
import Synchronization
import TokenStore

/// Keeps the service manager informed, on a thread of its own: signs of life, and what `systemctl status` shows.
///
/// A sign of life means that every part has done something since the last one: each loop took its inbox, the writer
/// carried out a job of its queue, and the store was read. Where one of them hangs, or the store is poisoned, there is no
/// further sign, and the daemon is killed and started anew.
final class Supervision: Sendable {
    private let store: Store
    private let facts: DaemonFacts
    private let inboxes: [LoopInbox]
    private let reporter: ServiceReporter
    private let intervalMilliseconds: Int32
    private let waker: BlockingWaker
    private let isEnding = Atomic(false)
    private let thread = Mutex<PosixThread?>(nil)

    /// `statusInterval` is how often figures are told when no watchdog asks for more.
    init(store: Store, facts: DaemonFacts, inboxes: [LoopInbox], statusInterval: Duration) throws(SystemError) {
        self.store = store
        self.facts = facts
        self.inboxes = inboxes
        reporter = facts.reporter
        // Half of what is asked for, as sd_watchdog_enabled(3) recommends.
        let interval = min(statusInterval, reporter.watchdogInterval.map { $0 / 2 } ?? statusInterval)
        intervalMilliseconds = Int32(clamping: max(interval.nanoseconds / 1_000_000, 1))
        waker = try BlockingWaker()
    }

    /// Does nothing where nobody listens.
    func start() throws(SystemError) {
        if !reporter.hasListener { return }
        try thread.withLock { (thread) throws(SystemError) in
            thread = try PosixThread(name: "tokend-watchdog") { self.run() }
        }
    }

    func end() {
        isEnding.store(true, ordering: .releasing)
        waker.wake()
        thread.withLock { $0.take() }?.join()
    }

    /// From the wish to stop on nobody waits for signs any more, and loops that have ended give none.
    private var hasEnded: Bool { isEnding.load(ordering: .acquiring) || facts.isStopping }

    private func run() {
        var figures = ServingFigures(facts, store)
        let isWatched = reporter.watchdogInterval != nil
        // Without one the store never answers, which is what it is.
        let reader: StoreReader? = if isWatched { try? store.makeReader() } else { nil }
        while !hasEnded {
            if isWatched {
                if !callTheRoll(reader) { return }
                reporter.showSignOfLife()
            }
            reporter.serving(figures.next())
            let end = SystemClock.monotonicNanoseconds() + Int64(intervalMilliseconds) * 1_000_000
            while !hasEnded {
                let rest = end - SystemClock.monotonicNanoseconds()
                // A wake may be an answer that came late.
                if rest <= 0 || !waker.wait(atMostMilliseconds: Int32(clamping: rest / 1_000_000 + 1)) { break }
            }
        }
    }

    /// Waits until every part has answered, however long that takes: the service manager has the patience that it was
    /// configured with. False when the daemon ends first.
    private func callTheRoll(_ reader: StoreReader?) -> Bool {
        let parts = inboxes.indices.map { RollCall.Part.loop($0) } + [.writer, .store]
        let roll = RollCall(parts) { self.waker.wake() }
        while !hasEnded {
            ask(roll, reader)
            _ = waker.wait(atMostMilliseconds: intervalMilliseconds)
            let missing = roll.missingParts
            if missing.isEmpty { return true }
            if !hasEnded { report(missing) }
        }
        return false
    }

    /// Asks those that have not answered. One that was asked before is asked again: a queue may have been full.
    private func ask(_ roll: RollCall, _ reader: StoreReader?) {
        for part in roll.missingParts {
            switch part {
            case .loop(let number):
                inboxes[number].askForSign { roll.answer(part) }
            case .writer:
                store.submit(SignOfLife(), origin: .daemon) { result in
                    // A poisoned store refuses every job.
                    if case .success = result { roll.answer(part) }
                }
            case .store:
                if let reader, reader.canRead { roll.answer(part) }
            }
        }
    }

    private func report(_ missing: [RollCall.Part]) {
        let names = missing.map(\.description).joined(separator: ", ")
        reporter.serving("No sign of life from \(names)")
        facts.log.limited(.error, "a part of the daemon shows no sign of life", ["missing": names])
    }
}
