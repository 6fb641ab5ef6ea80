import CSQLite
import Glibc
import LinuxIO
import TokenCore

/// How what the jobs have written comes to hold.
extension StoreWriter {
    /// COMMIT, then the mark, between the two moves of the epochs: when all is done the jobs may be answered. Otherwise,
    /// what all of them are told.
    func endTransaction(_ before: WriteTransaction.Standing) -> Refusal? {
        let touched = transaction.touched
        if !touched.isEmpty { waitUntilLostPagesAreForgotten() }
        let begin = SystemClock.monotonicNanoseconds()
        Failpoint.beforeOdd.pass()
        epochs.page.begin(touched)
        Failpoint.afterOdd.pass()
        let refusal = commitTransaction(before)
        Failpoint.afterMark.pass()
        // Whether the change holds must be known: if only the recovery will show it, nobody keeps anything until then.
        if poison == nil { epochs.page.end(touched) }
        Failpoint.afterEven.pass()
        metrics.noteCommit(nanoseconds: SystemClock.monotonicNanoseconds() - begin, epochsMoved: touched.count)
        return refusal
    }

    /// Committing at once and only holding back the answer would not do: a client that sees the change must not be followed
    /// by one that still believes the page that was lost.
    private func waitUntilLostPagesAreForgotten() {
        if Mistake.commitWithoutWaiting.isMade { return }
        while true {
            let wait = epochs.narrowsFrom - SystemClock.boottimeNanoseconds()
            if wait <= 0 { return }
            usleep(UInt32(clamping: wait / 1_000 + 1))
        }
    }

    private func commitTransaction(_ before: WriteTransaction.Standing) -> Refusal? {
        do throws(ChangeFailure) {
            let clockMark = try keepClockMark()
            let isPageRemembered = try rememberPage()
            try sqlite(checkThatTheDatabaseMayGrow)
            try run("COMMIT")
            Failpoint.afterCommit.pass()
            keptClockMark = clockMark
            self.isPageRemembered = isPageRemembered
        } catch {
            if case .sqlite(let error) = error { note(error) }
            rollBackIfOpen()
            transaction.restore(before)
            // Frames that were written before an fsync failed may yet be found by the recovery.
            return poison == nil ? unavailable : .outcomeUnknown
        }
        // Whoever hears of the change is judged by the rules it made.
        if transaction.standing.rulesChangeCount != before.rulesChangeCount { rules.replace(with: transaction.rules) }
        if transaction.hasImported { state.noteImport() }
        let ledger = transaction.ledger
        if ledger.sequence == before.ledger.sequence { return nil }
        if let failure = writeMark({ $0.advance(sequence: ledger.sequence, head: ledger.head) }) {
            // The change is committed and its mark is not: no answer, and the restart shows what holds.
            poisonStore(failure.description)
            return .outcomeUnknown
        }
        state.update(sequence: ledger.sequence, head: ledger.head, addingChanges: changeCount)
        return nil
    }

    /// A page in place of a lost one is remembered with the first change behind the wait: a daemon that dies in the wait must
    /// have a successor that waits again.
    private func rememberPage() throws(ChangeFailure) -> Bool {
        if isPageRemembered || SystemClock.boottimeNanoseconds() < epochs.narrowsFrom { return isPageRemembered }
        try sqlite { () throws(SQLiteError) in try connection.remember(pageID: epochs.page.pageID) }
        return true
    }

    /// The clock's mark goes with the changes, at most once a second: it may be behind, for what it holds back is not lost
    /// by a second.
    private func keepClockMark() throws(ChangeFailure) -> Instant {
        let mark = clock.mark
        let hasChanges = sqlite3_total_changes64(connection.handle) != changedRowCount
        if !hasChanges || mark < keptClockMark.adding(seconds: 1) { return keptClockMark }
        try transaction.run("UPDATE store SET clock_mark = ?1") { $0.bind(1, mark) }
        return mark
    }
}
