import LinuxIO
import TokenStore

/// The figures of a line of status, with rates since the last one.
struct ServingFigures {
    private let facts: DaemonFacts
    private let store: Store
    private var verificationCount: UInt64
    private var moment: Int64

    init(_ facts: DaemonFacts, _ store: Store) {
        self.facts = facts
        self.store = store
        verificationCount = facts.verificationCount
        moment = SystemClock.monotonicNanoseconds()
    }

    mutating func next() -> String {
        let (count, now) = (facts.verificationCount, SystemClock.monotonicNanoseconds())
        let seconds = Double(now - moment) / 1e9
        let rate = seconds > 0 ? Int(Double(count - verificationCount) / seconds) : 0
        (verificationCount, moment) = (count, now)
        return Self.text(
            connections: facts.admission.connectionCount, verifications: count, rate: rate,
            changes: store.state.current.changeCount, waiting: store.waitingChangeCount,
            hindrance: store.state.hindrance?.text(directory: store.paths.directory))
    }

    static func text(
        connections: Int, verifications: UInt64, rate: Int, changes: UInt64, waiting: Int, hindrance: String? = nil
    ) -> String {
        let hindrance = hindrance.map { ", but changes fail: \($0)" } ?? ""
        return "Serving\(hindrance), connections: \(connections), verifications: \(verifications) (\(rate)/s), "
            + "changes: \(changes), waiting: \(waiting)"
    }
}
