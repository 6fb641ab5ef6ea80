import CSQLite
import LinuxIO
import TokenCore

/// The jobs of one group, each carried out in the transaction that all of them share.
extension StoreWriter {
    enum BatchOutcome {
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
    func perform(_ jobs: [any Job]) -> BatchOutcome {
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
        hasStatementFailed = false
        transaction.isOnReserve = isShortOfRoom
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
                noteOfJob(error)
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
                noteOfJob(error)
                if endsTransaction(error) { return .transactionEnded }
                return undoSavepoint() ? .refused(refusal(for: error)) : .transactionEnded
            }
        }
    }

    /// What contradicts the store says nothing of the disk.
    private func noteOfJob(_ error: SQLiteError) {
        if error.code != SQLITE_CONSTRAINT { note(error) }
    }

    /// SQLITE_FULL and others end the whole transaction at times, and only the statement at others: ask. On a full disk all
    /// of it is tried again.
    private func endsTransaction(_ error: SQLiteError) -> Bool {
        connection.isOutsideTransaction || poison != nil || error.isFull
    }

    /// Why the job is not begun at all.
    private func refusal(before job: any Job) -> Refusal? {
        if isShortOfRoom && !job.mayUseReserve { return isReserveSpent ? .reserveSpent : .diskFull }
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
}
