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
    private let log: WriteAheadLog
    let reserve: DiskReserve
    private let directory: String
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
        if lacksRoom { refusals = attemptWithNewLog(jobs) }
        if lacksRoom && reserve.release() { refusals = attemptWithNewLog(jobs) }
        return refusals
    }

    private var lacksRoom: Bool { isOutOfRoom && poison == nil }

    private func attemptWithNewLog(_ jobs: [any Job]) -> [Refusal?] {
        tendLog { () throws(SQLiteError) in try beginLogAnew() }
        return attempt(jobs)
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
    var unavailable: Refusal { isOutOfRoom ? .diskFull : .storeUnavailable }

    func rollBackIfOpen() {
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
            hinder(.other(error.description))
        }
    }

    private func hinder(_ cause: StoreHindrance.Cause) {
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
