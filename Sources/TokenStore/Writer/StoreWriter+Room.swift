import CSQLite
import Glibc
import LinuxIO

/// What is done when something does not fit on the disk, and behind each commit so that it does.
extension StoreWriter {
    private static let logAttemptIntervalNanoseconds: Int64 = 200_000_000

    /// Only what takes rights away is done.
    var isShortOfRoom: Bool { !reserve.isKept || isDatabaseStuck }

    /// Tries again on a full disk: with the room of a WAL that begins anew, and then with that of the reserve, for jobs which
    /// may use it. It was never begun, or all of it was rolled back: so it can be.
    func attemptMakingRoom(_ jobs: [any Job]) -> [Refusal?] {
        reserve.regain()
        var refusals = attempt(jobs)
        if lacksRoom {
            beginLogAnew()
            refusals = attempt(jobs)
        }
        if lacksRoom && reserve.release() {
            nextLogAttempt = 0
            beginLogAnew()
            refusals = attempt(jobs)
        }
        if lacksRoom { isReserveSpent = true }
        if isShortOfRoom { noteShortage() }
        return refusals
    }

    private var lacksRoom: Bool { isOutOfRoom && poison == nil }

    private func noteShortage() { hinder(isReserveSpent ? .reserveSpent : .fullDisk) }

    /// Moves what is committed into the database, as far as it is time for that.
    func tendLog() {
        let wasShortOfRoom = isShortOfRoom
        if wasShortOfRoom {
            beginLogAnew()
        } else {
            tendLog { () throws(SQLiteError) in try log.tend() }
        }
        // The first commit that does not fit into the WAL would be too late: the database is owed more with each until then.
        if isDatabaseStuck && reserve.isKept && canReservePayTheDatabase && reserve.release() {
            nextLogAttempt = 0
            beginLogAnew()
        }
        if !wasShortOfRoom && isShortOfRoom { noteShortage() }
    }

    func finishLog() {
        tendLog { () throws(SQLiteError) in try log.finish() }
        log.end()
    }

    /// The WAL needs no more room then. The database does for what is copied to it: on what the reserve gave, a WAL must not wait
    /// until it has taken all, nor may a copy that finds too little leave nothing for the next revocation.
    private func beginLogAnew() {
        // All that is in the WAL would be copied again, for nothing.
        if isDatabaseStuck && SystemClock.monotonicNanoseconds() < nextLogAttempt { return }
        if !reserve.isKept && !canReservePayTheDatabase { return }
        tendLog { () throws(SQLiteError) in try log.beginAnew() }
    }

    private var canReservePayTheDatabase: Bool {
        guard let byteCount = try? log.databaseGrowthByteCount else { return false }
        return byteCount <= DiskReserve.byteCountForDatabase
    }

    private func tendLog(_ step: () throws(SQLiteError) -> WriteAheadLog.Step) {
        if poison != nil { return }
        do throws(SQLiteError) {
            let step = try step()
            if step == .nothing { return }
            isDatabaseStuck = false
            mark.databaseMoved()
            if step == .finished { metrics.noteCheckpoint() }
        } catch {
            if error.isFull {
                isDatabaseStuck = true
                nextLogAttempt = SystemClock.monotonicNanoseconds() + Self.logAttemptIntervalNanoseconds
            } else {
                note(error)
            }
        }
    }

    /// What fits into the WAL has to fit into the database too, one day: a long WAL has room of its own on a full disk. Little
    /// is paid by the reserve then; what is more is committed only with room for it, and for as much again in the WAL.
    func checkThatTheDatabaseMayGrow() throws(SQLiteError) {
        if isShortOfRoom { return }
        let growth = try log.databaseGrowthByteCount
        if growth <= DiskReserve.byteCountForDatabase / 2 { return }
        var figures = statvfs()
        if statvfs(directory, &figures) != 0 || figures.f_frsize == 0 { return }
        if UInt(growth) / figures.f_frsize * 2 < figures.f_bavail { return }
        throw SQLiteError(
            extendedCode: SQLITE_FULL, message: "the database has no room for what it grows by", statement: "COMMIT")
    }

    /// Writes the mark. Its room was taken when it was made, but where what is written never takes the place of what was, that
    /// says nothing.
    func writeMark(_ write: (inout MarkKeeper) -> StoreFailure?) -> StoreFailure? {
        let failure = write(&mark)
        guard let failure, failure.isForWantOfRoom, reserve.release() else { return failure }
        return write(&mark)
    }
}
