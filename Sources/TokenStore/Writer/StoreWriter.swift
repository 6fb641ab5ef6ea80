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
    let connection: SQLiteConnection
    /// What readers judge by.
    let rules: InForce<AccessRules>
    let transaction: WriteTransaction
    let log: WriteAheadLog
    let reserve: DiskReserve
    let directory: String
    var mark: MarkKeeper
    var poison: String?
    /// Called once, by the writer's thread, when the store can no longer be trusted with a change.
    private let whenPoisoned: @Sendable (String) -> Void
    /// Called for each batch in which changes fail for what may pass, with what to do.
    private let whenHindered: @Sendable (String) -> Void
    let state: StoreState
    let metrics: WriterMetrics
    let clock: StoreClock
    let epochs: EpochKeeper
    var isPageRemembered: Bool
    /// The clock's mark as the store has it.
    var keptClockMark = Instant.epoch
    /// How many rows the connection had changed when the transaction began.
    var changedRowCount: Int64 = 0
    /// Something did not fit on the disk since the last attempt began.
    var isOutOfRoom = false
    /// A checkpoint found no room for what the database grows by, and none has succeeded since.
    var isDatabaseStuck = false
    /// When the next checkpoint is tried then, in nanoseconds of CLOCK_MONOTONIC.
    var nextLogAttempt: Int64 = 0
    /// Not even what may use the reserve has fitted the last time.
    var isReserveSpent = false
    /// A statement has failed, and not for want of room, since the jobs were begun.
    var hasStatementFailed = false
    /// How many jobs of the transaction have left events: the others, such as notes of use, are no changes.
    var changeCount = 0

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
            tendLog()
        }
        finishLog()
        if poison == nil, let failure = writeMark({ $0.synchronize() }) { poisonStore(failure.description) }
        if poison == nil { connection.checkpointWhenClosed() }
    }

    private func commit(_ jobs: [any Job]) {
        if poison != nil {
            for job in jobs { job.finish(.storeUnavailable) }
            return
        }
        metrics.noteBatch(ofOperations: jobs.count)
        let refusals = attemptMakingRoom(jobs)
        for (job, refusal) in zip(jobs, refusals) {
            Failpoint.beforeReply.pass()
            job.finish(refusal)
        }
        Failpoint.afterReply.pass()
        epochs.page.answered(transaction.touched)
    }

    func attempt(_ jobs: [any Job]) -> [Refusal?] {
        isOutOfRoom = false
        let before = transaction.standing
        switch perform(jobs) {
        case .performed(let refusals):
            if let failure = endTransaction(before) { return jobs.map { _ in failure } }
            endHindrance()
            return refusals
        case .lost, .needsSavepoints:
            transaction.restore(before)
            return jobs.map { _ in unavailable }
        }
    }

    /// That a statement failed is past with the next change that was written: an empty transaction proves nothing.
    private func endHindrance() {
        let hasWritten = sqlite3_total_changes64(connection.handle) != changedRowCount
        if hasWritten || reserve.isKept { isReserveSpent = false }
        if !isShortOfRoom { state.endHindrance(ofStatements: hasWritten && !hasStatementFailed) }
    }

    /// What those are told whose work was undone.
    var unavailable: Refusal {
        if !isOutOfRoom { return .storeUnavailable }
        return reserve.isKept ? .diskFull : .reserveSpent
    }

    func rollBackIfOpen() {
        if !connection.isOutsideTransaction { try? connection.execute("ROLLBACK") }
    }

    func run(_ text: String) throws(ChangeFailure) {
        try sqlite { () throws(SQLiteError) in try connection.statement(text).run() }
    }

    /// An error of the disk or of the file poisons the store: an fsync that failed may have dropped the pages it was asked
    /// to write, so trying again proves nothing. Only a restart, which reads what is really there, does.
    func note(_ error: SQLiteError) {
        switch error.code {
        case SQLITE_IOERR, SQLITE_CORRUPT, SQLITE_NOTADB, SQLITE_READONLY, SQLITE_CANTOPEN, SQLITE_PROTOCOL:
            poisonStore(error.description)
        case SQLITE_FULL:
            isOutOfRoom = true
        default:
            hasStatementFailed = true
            hinder(.other(error.description))
        }
    }

    func hinder(_ cause: StoreHindrance.Cause) {
        whenHindered(state.hinder(cause, now: clock.now).text(directory: directory))
    }

    func poisonStore(_ reason: String) {
        if poison != nil { return }
        poison = reason
        whenPoisoned(reason)
    }
}

@available(*, unavailable, message: "the writer belongs to its thread")
extension StoreWriter: Sendable {}
