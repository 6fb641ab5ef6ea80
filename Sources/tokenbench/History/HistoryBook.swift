import Synchronization

/// The histories of the secrets that are being changed and verified now. One whose secret is off the board is checked as
/// soon as every reader has told all it saw of it, and then forgotten: so memory does not grow with time.
final class HistoryBook: Sendable {
    /// What has come out so far.
    struct Findings: Sendable {
        var violations: [Violation] = []
        var checkedSecretCount = 0
        /// Of those secrets.
        var changeCount = 0
        /// Changes that verifications saw from both sides while they were being made.
        var closelyWatchedCount = 0
    }

    private struct State {
        var histories: [Int: SecretHistory] = [:]
        /// Off the board, in the order of the times at which they were taken off.
        var retired: [(serial: Int, at: Int64)] = []
        /// By reader: the time of its last mark, and what it has counted.
        var marks: [Int: (at: Int64, counts: ReaderReport.Counts)] = [:]
        var nextSerial = 1
        var findings = Findings()
    }

    private let readerCount: Int
    private let state = Mutex(State())

    init(readerCount: Int) {
        self.readerCount = readerCount
    }

    /// Begins the history of a secret that is good from now on, before it is put on the board.
    func begin() -> Int {
        state.withLock { state in
            let serial = state.nextSerial
            state.nextSerial += 1
            state.histories[serial] = SecretHistory(serial: serial)
            return serial
        }
    }

    func add(_ change: SecretHistory.Change, to serial: Int) {
        state.withLock { $0.histories[serial]?.add(change) }
    }

    /// The secret is off the board. No change of it may be added any more.
    func retire(_ serial: Int) {
        state.withLock { $0.retired.append((serial, Clock.nowNanoseconds)) }
    }

    func take(_ report: ReaderReport) {
        state.withLock { state in
            switch report {
            case .sighting(let serial, let sighting):
                state.histories[serial]?.add(sighting)
            case .mark(let reader, let time, let counts):
                state.marks[reader] = (time, counts)
                checkRetired(&state)
            }
        }
    }

    private func checkRetired(_ state: inout State) {
        guard state.marks.count == readerCount, let toldUntil = state.marks.values.map(\.at).min() else { return }
        let ready = state.retired.prefix { $0.at < toldUntil }
        for (serial, _) in ready { Self.check(serial, &state) }
        state.retired.removeFirst(ready.count)
    }

    private static func check(_ serial: Int, _ state: inout State) {
        guard let history = state.histories.removeValue(forKey: serial) else { return }
        let verdicts = history.check()
        state.findings.violations += verdicts.violations
        state.findings.checkedSecretCount += 1
        state.findings.changeCount += history.changes.count
        state.findings.closelyWatchedCount += verdicts.closelyWatchedCount
    }

    /// Checks all that is left, once every reader has told everything.
    func close() -> Findings {
        state.withLock { state in
            for serial in state.histories.keys.sorted() { Self.check(serial, &state) }
            return state.findings
        }
    }

    var findings: Findings { state.withLock { $0.findings } }

    /// Readers that have told everything and ended.
    var endedReaderCount: Int { state.withLock { $0.marks.values.count { $0.at == .max } } }

    /// What each reader has counted, by its number.
    var counts: [Int: ReaderReport.Counts] { state.withLock { $0.marks.mapValues(\.counts) } }
}
