import CSQLite
import Glibc
import LinuxIO
import TokenCore

/// Commits the jobs of the queue, those that wait in one transaction.
///
/// It runs on the writer's thread and owns the one connection that commits and checkpoints, and the lock. Nobody hears of
/// a change before its COMMIT has returned, the mark is written, and the epochs have moved:
///
///     touched epochs odd → COMMIT → rules → rollback mark → touched epochs even → answers
///
/// From the odd epoch on nobody uses or keeps an answer that the change makes wrong; before the even one is seen, the
/// change is. `Tests/Models` has the proof, and what goes wrong in every other order.
final class StoreWriter {
    private let connection: SQLiteConnection
    /// What readers judge by.
    private let rules: InForce<AccessRules>
    private let transaction: WriteTransaction
    private let log: WriteAheadLog
    private var mark: MarkKeeper
    private var poison: String?
    /// Called once, by the writer's thread, when the store can no longer be trusted with a change.
    private let whenPoisoned: @Sendable (String) -> Void
    /// Called for each error that fails changes and may pass, as a full disk does.
    private let whenHindered: @Sendable (String) -> Void
    private let state: StoreState
    private let metrics: WriterMetrics
    private let clock: StoreClock
    private let epochs: EpochKeeper
    private var isPageRemembered: Bool
    /// The clock's mark as the store has it.
    private var keptClockMark = Instant.epoch
    /// How many rows the connection had changed when the transaction began.
    private var changedRowCount: Int64 = 0
    /// How many jobs of the transaction have left events: the others, such as notes of use, are no changes.
    private var changeCount = 0

    init(
        connection: SQLiteConnection, rules: InForce<AccessRules>, mark: consuming MarkKeeper, state: StoreState,
        metrics: WriterMetrics, clock: StoreClock, epochs: EpochKeeper, settlesClock: Bool,
        whenPoisoned: @escaping @Sendable (String) -> Void,
        whenHindered: @escaping @Sendable (String) -> Void
    ) throws(SQLiteError) {
        self.connection = connection
        self.rules = rules
        transaction = try WriteTransaction(
            connection: connection, rules: rules.copy().value, settlesClock: settlesClock)
        log = WriteAheadLog(of: connection)
        self.mark = mark
        self.state = state
        self.metrics = metrics
        self.clock = clock
        self.epochs = epochs
        isPageRemembered = !epochs.page.isReplacement
        self.whenPoisoned = whenPoisoned
        self.whenHindered = whenHindered
        state.update(sequence: transaction.ledger.sequence, head: transaction.ledger.head)
    }

    /// Works until the queue is closed and empty.
    func run(_ queue: WriteQueue) {
        while let jobs = queue.takeGroup() {
            commit(jobs)
            // After the answers: whoever waits does not wait for a checkpoint.
            tendLog { () throws(SQLiteError) in try log.tend() }
        }
        tendLog { () throws(SQLiteError) in try log.finish() }
        log.end()
        if poison == nil, let failure = mark.synchronize() { poisonStore(failure.description) }
        if poison == nil { connection.checkpointWhenClosed() }
    }

    private func commit(_ jobs: [any Job]) {
        if poison != nil {
            for job in jobs { job.finish(.storeUnavailable) }
            return
        }
        metrics.noteBatch(ofOperations: jobs.count)
        let before = transaction.standing
        let outcome = perform(jobs)
        let refusals: [Refusal?]
        switch outcome {
        case .performed(let perJob):
            let failure = endTransaction(before)
            refusals = failure == nil ? perJob : jobs.map { _ in failure }
        case .lost, .needsSavepoints:
            transaction.restore(before)
            refusals = jobs.map { _ in .storeUnavailable }
        }
        for (job, refusal) in zip(jobs, refusals) {
            Failpoint.beforeReply.pass()
            job.finish(refusal)
        }
        Failpoint.afterReply.pass()
        epochs.page.answered(transaction.touched)
    }

    private enum BatchOutcome {
        /// Each job's refusal, or none; the transaction is still open.
        case performed([Refusal?])
        /// The transaction is gone, and every job's work with it.
        case lost
        /// The same, because a job failed that had written something.
        case needsSavepoints
    }

    /// A savepoint costs as much as what most jobs write, for SQLite copies each page once for each savepoint that writes it,
    /// and is needed only by a job that fails when it has written something. There is hardly ever one: jobs judge before
    /// they write. So the jobs do without, and in the rare case all of them begin again, each in a savepoint.
    private func perform(_ jobs: [any Job]) -> BatchOutcome {
        let before = transaction.standing
        let outcome = perform(jobs, inSavepoints: false)
        guard case .needsSavepoints = outcome else { return outcome }
        transaction.restore(before)
        return perform(jobs, inSavepoints: true)
    }

    private func perform(_ jobs: [any Job], inSavepoints: Bool) -> BatchOutcome {
        changedRowCount = sqlite3_total_changes64(connection.handle)
        transaction.markedSequence = mark.synchronizedSequence
        transaction.touched.removeAll()
        changeCount = 0
        do throws(ChangeFailure) {
            try run("BEGIN IMMEDIATE")
            try transaction.settleClock(now: clock.observe(), believedNow: clock.mark)
        } catch {
            if case .sqlite(let error) = error { note(error) }
            rollBackIfOpen()
            return .lost
        }
        var refusals: [Refusal?] = []
        refusals.reserveCapacity(jobs.count)
        for job in jobs {
            let sequence = transaction.ledger.sequence
            switch inSavepoints ? performInSavepoint(job) : performOpenly(job) {
            case .done:
                if transaction.ledger.sequence != sequence { changeCount += 1 }
                refusals.append(nil)
            case .refused(let refusal): refusals.append(refusal)
            case .transactionEnded:
                rollBackIfOpen()
                return .lost
            case .wroteAndFailed:
                rollBackIfOpen()
                return .needsSavepoints
            }
        }
        return .performed(refusals)
    }

    private enum JobOutcome {
        case done
        /// It has left nothing behind.
        case refused(Refusal)
        case transactionEnded
        /// What it has written is still there.
        case wroteAndFailed
    }

    private func performOpenly(_ job: any Job) -> JobOutcome {
        if let refusal = refusalOfLate(job) { return .refused(refusal) }
        let before = transaction.standing
        let rowCountBefore = sqlite3_total_changes64(connection.handle)
        do throws(ChangeFailure) {
            transaction.begin(job.origin, now: clock.observe(), believedNow: clock.mark)
            try job.perform(in: transaction)
            return .done
        } catch {
            transaction.restore(before)
            switch error {
            case .refused(let refusal):
                let hasWritten = sqlite3_total_changes64(connection.handle) != rowCountBefore
                return hasWritten ? .wroteAndFailed : .refused(refusal)
            case .sqlite(let error):
                if error.code != SQLITE_CONSTRAINT { note(error) }
                return connection.isOutsideTransaction || poison != nil ? .transactionEnded : .wroteAndFailed
            }
        }
    }

    private func performInSavepoint(_ job: any Job) -> JobOutcome {
        if let refusal = refusalOfLate(job) { return .refused(refusal) }
        let before = transaction.standing
        do throws(ChangeFailure) {
            try run("SAVEPOINT change")
            transaction.begin(job.origin, now: clock.observe(), believedNow: clock.mark)
            try job.perform(in: transaction)
            try run("RELEASE change")
            return .done
        } catch {
            transaction.restore(before)
            switch error {
            case .refused(let refusal):
                return undoSavepoint() ? .refused(refusal) : .transactionEnded
            case .sqlite(let error):
                note(error)
                // SQLITE_FULL and others end the whole transaction at times, and only the statement at others: ask.
                if connection.isOutsideTransaction || poison != nil { return .transactionEnded }
                return undoSavepoint() ? .refused(refusal(for: error)) : .transactionEnded
            }
        }
    }

    private func refusalOfLate(_ job: any Job) -> Refusal? {
        guard let deadline = job.origin.deadlineNanoseconds, SystemClock.monotonicNanoseconds() >= deadline else {
            return nil
        }
        return Refusal(.deadlineExceeded, "the deadline passed before the change was begun")
    }

    /// What the job is told whose statement failed while the store is well.
    private func refusal(for error: SQLiteError) -> Refusal {
        error.code == SQLITE_CONSTRAINT
            ? Refusal(.internalError, "the change contradicts what the store holds; nothing was changed")
            : .storeUnavailable
    }

    private func undoSavepoint() -> Bool {
        do throws(ChangeFailure) {
            try run("ROLLBACK TO change")
            try run("RELEASE change")
            return true
        } catch {
            if case .sqlite(let error) = error { note(error) }
            return false
        }
    }

    /// COMMIT, then the mark, between the two moves of the epochs: when all is done the jobs may be answered. Otherwise,
    /// what all of them are told.
    private func endTransaction(_ before: WriteTransaction.Standing) -> Refusal? {
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
            try run("COMMIT")
            Failpoint.afterCommit.pass()
            keptClockMark = clockMark
            self.isPageRemembered = isPageRemembered
        } catch {
            if case .sqlite(let error) = error { note(error) }
            rollBackIfOpen()
            transaction.restore(before)
            // Frames that were written before an fsync failed may yet be found by the recovery.
            return poison == nil ? .storeUnavailable : .outcomeUnknown
        }
        // Whoever hears of the change is judged by the rules it made.
        if transaction.standing.rulesChangeCount != before.rulesChangeCount { rules.replace(with: transaction.rules) }
        if transaction.hasImported { state.noteImport() }
        let ledger = transaction.ledger
        if ledger.sequence == before.ledger.sequence { return nil }
        if let failure = mark.advance(sequence: ledger.sequence, head: ledger.head) {
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

    private func rollBackIfOpen() {
        if !connection.isOutsideTransaction { try? connection.execute("ROLLBACK") }
    }

    private func tendLog(_ step: () throws(SQLiteError) -> WriteAheadLog.Step) {
        if poison != nil { return }
        do throws(SQLiteError) {
            let step = try step()
            if step != .nothing { mark.databaseMoved() }
            if step == .finished { metrics.noteCheckpoint() }
        } catch {
            note(error)
        }
    }

    private func run(_ text: String) throws(ChangeFailure) {
        try sqlite { () throws(SQLiteError) in try connection.statement(text).run() }
    }

    /// An error of the disk or of the file poisons the store: an fsync that failed may have dropped the pages it was asked
    /// to write, so trying again proves nothing. Only a restart, which reads what is really there, does.
    private func note(_ error: SQLiteError) {
        switch error.code {
        case SQLITE_IOERR, SQLITE_CORRUPT, SQLITE_NOTADB, SQLITE_READONLY, SQLITE_CANTOPEN, SQLITE_PROTOCOL:
            poisonStore(error.description)
        default:
            whenHindered(error.description)
        }
    }

    private func poisonStore(_ reason: String) {
        if poison != nil { return }
        poison = reason
        whenPoisoned(reason)
    }
}

@available(*, unavailable, message: "the writer belongs to its thread")
extension StoreWriter: Sendable {}
