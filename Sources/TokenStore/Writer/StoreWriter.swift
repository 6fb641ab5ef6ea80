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
    private let reserve: DiskReserve
    private let directory: String
    private var mark: MarkKeeper
    private var poison: String?
    /// Called once, by the writer's thread, when the store can no longer be trusted with a change.
    private let whenPoisoned: @Sendable (String) -> Void
    /// Called for each batch in which changes fail for what may pass, with what to do.
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
    /// Something did not fit on the disk since the last attempt began.
    private var isOutOfRoom = false
    /// How many jobs of the transaction have left events: the others, such as notes of use, are no changes.
    private var changeCount = 0

    init(
        connection: SQLiteConnection, rules: InForce<AccessRules>, mark: consuming MarkKeeper, reserve: DiskReserve,
        directory: String, state: StoreState, metrics: WriterMetrics, clock: StoreClock, epochs: EpochKeeper,
        settlesClock: Bool,
        whenPoisoned: @escaping @Sendable (String) -> Void,
        whenHindered: @escaping @Sendable (String) -> Void
    ) throws(SQLiteError) {
        self.connection = connection
        self.rules = rules
        transaction = try WriteTransaction(
            connection: connection, rules: rules.copy().value, settlesClock: settlesClock)
        log = WriteAheadLog(of: connection)
        self.mark = mark
        self.reserve = reserve
        self.directory = directory
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
        if !reserve.isKept { hinder(.fullDisk) }
        while let jobs = queue.takeGroup() {
            commit(jobs)
            // After the answers: whoever waits does not wait for a checkpoint.
            tendLog { () throws(SQLiteError) in try reserve.isKept ? log.tend() : beginLogAnew() }
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
        reserve.regain()
        let refusals = attemptMakingRoom(jobs)
        if !reserve.isKept { hinder(.fullDisk) }
        for (job, refusal) in zip(jobs, refusals) {
            Failpoint.beforeReply.pass()
            job.finish(refusal)
        }
        Failpoint.afterReply.pass()
        epochs.page.answered(transaction.touched)
    }

    /// Tries again on a full disk: with the room of a WAL that begins anew, and then with that of the reserve, for jobs which
    /// may use it. It was never begun, or all of it was rolled back: so it can be.
    private func attemptMakingRoom(_ jobs: [any Job]) -> [Refusal?] {
        var refusals = attempt(jobs)
        for makesMore in [{ true }, reserve.release] {
            if !isOutOfRoom || poison != nil || !makesMore() { break }
            tendLog { () throws(SQLiteError) in try beginLogAnew() }
            refusals = attempt(jobs)
        }
        return refusals
    }

    /// The WAL needs no more room then. The database does for what is copied to it: on what the reserve gave, a WAL must not wait
    /// until it has taken all, nor may a copy that finds too little leave nothing for the next revocation.
    private func beginLogAnew() throws(SQLiteError) -> WriteAheadLog.Step {
        if !reserve.isKept, try log.databaseGrowthByteCount > Int(DiskReserve.byteCount) / 2 { return .nothing }
        return try log.beginAnew()
    }

    private func attempt(_ jobs: [any Job]) -> [Refusal?] {
        isOutOfRoom = false
        let before = transaction.standing
        switch perform(jobs) {
        case .performed(let refusals):
            if let failure = endTransaction(before) { return jobs.map { _ in failure } }
            if reserve.isKept { state.endHindrance() }
            return refusals
        case .lost, .needsSavepoints:
            transaction.restore(before)
            return jobs.map { _ in unavailable }
        }
    }

    /// What those are told whose work was undone.
    private var unavailable: Refusal { isOutOfRoom ? .diskFull : .storeUnavailable }

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
        if let refusal = refusal(before: job) { return .refused(refusal) }
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
                return endsTransaction(error) ? .transactionEnded : .wroteAndFailed
            }
        }
    }

    private func performInSavepoint(_ job: any Job) -> JobOutcome {
        if let refusal = refusal(before: job) { return .refused(refusal) }
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
                if endsTransaction(error) { return .transactionEnded }
                return undoSavepoint() ? .refused(refusal(for: error)) : .transactionEnded
            }
        }
    }

    /// SQLITE_FULL and others end the whole transaction at times, and only the statement at others: ask. On a full disk all
    /// of it is tried again.
    private func endsTransaction(_ error: SQLiteError) -> Bool {
        connection.isOutsideTransaction || poison != nil || error.isFull
    }

    /// Why the job is not begun at all.
    private func refusal(before job: any Job) -> Refusal? {
        if !reserve.isKept && !job.mayUseReserve { return .diskFull }
        guard let deadline = job.origin.deadlineNanoseconds, SystemClock.monotonicNanoseconds() >= deadline else {
            return nil
        }
        return Refusal(.deadlineExceeded, "the deadline passed before the change was begun")
    }

    /// What the job is told whose statement failed while the store is well.
    private func refusal(for error: SQLiteError) -> Refusal {
        error.code == SQLITE_CONSTRAINT
            ? Refusal(.internalError, "the change contradicts what the store holds; nothing was changed")
            : unavailable
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
            return poison == nil ? unavailable : .outcomeUnknown
        }
        // Whoever hears of the change is judged by the rules it made.
        if transaction.standing.rulesChangeCount != before.rulesChangeCount { rules.replace(with: transaction.rules) }
        if transaction.hasImported { state.noteImport() }
        let ledger = transaction.ledger
        if ledger.sequence == before.ledger.sequence { return nil }
        if let failure = advanceMark(to: ledger) {
            // The change is committed and its mark is not: no answer, and the restart shows what holds.
            poisonStore(failure.description)
            return .outcomeUnknown
        }
        state.update(sequence: ledger.sequence, head: ledger.head, addingChanges: changeCount)
        return nil
    }

    /// The mark's room was taken when it was made, but where what is written never takes the place of what was, that says nothing.
    private func advanceMark(to ledger: Ledger) -> StoreFailure? {
        let failure = mark.advance(sequence: ledger.sequence, head: ledger.head)
        guard let failure, failure.isForWantOfRoom, reserve.release() else { return failure }
        return mark.advance(sequence: ledger.sequence, head: ledger.head)
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
        case SQLITE_FULL:
            isOutOfRoom = true
        default:
            hinder(.other(error.description))
        }
    }

    private func hinder(_ cause: StoreHindrance.Cause) {
        whenHindered(state.hinder(cause, now: clock.now).text(directory: directory))
    }

    private func poisonStore(_ reason: String) {
        if poison != nil { return }
        poison = reason
        whenPoisoned(reason)
    }
}

@available(*, unavailable, message: "the writer belongs to its thread")
extension StoreWriter: Sendable {}
