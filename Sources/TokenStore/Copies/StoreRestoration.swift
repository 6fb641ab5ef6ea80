import Glibc
import LinuxIO
import TokenCore

/// Makes a store of a copy.
///
/// The old store, if there is one, is brought to rest first: all it holds is in its one file then. The new one is made whole
/// beside it and takes its place by one rename(2). The mark of before is good for both, because a new store that lacks what
/// the mark names holds the event that accepts this. So whoever dies at whatever step leaves one of the two stores, whole.
struct StoreRestoration: ~Copyable {
    /// What has been done; a test looks at the files after each, or kills the process there.
    enum Step: CaseIterable {
        case copied, completed, pageMarked, oldKept, replaced, markWritten

        var failpoint: Failpoint {
            switch self {
            case .copied: .restoreCopied
            case .completed: .restoreCompleted
            case .pageMarked: .restorePageMarked
            case .oldKept: .restoreOldKept
            case .replaced: .restoreReplaced
            case .markWritten: .restoreMarkWritten
            }
        }
    }

    private let paths: StorePaths
    private let lock: StoreLock
    private let lockedAtBoottime: Int64
    private let isLockNew: Bool
    private var slot: MarkPage
    private let old: OldStore

    init(directory: String) throws(StoreFailure) {
        if mkdir(directory, 0o700) != 0 && errno != EEXIST { throw .system(path: directory, .last("mkdir")) }
        let paths = StorePaths(directory: try StoreFiles.resolve(directory))
        try StoreFiles.checkOwnership(paths)
        try StoreFiles.checkFileSystem(paths.directory)
        let isLockNew = access(paths.lock, F_OK) != 0
        if isLockNew && access(paths.database, F_OK) == 0 {
            throw .markUnusable(
                path: paths.lock, problem: "is missing; move what is in \(paths.directory) away to restore there")
        }
        let lock =
            isLockNew ? try StoreLock.create(path: paths.lock, mark: .none) : try StoreLock.acquire(path: paths.lock)
        let lockedAtBoottime = SystemClock.boottimeNanoseconds()
        Store.removeLeftovers(paths)
        var slot = try lock.newestSlot()
        let old = try OldStore(at: paths, mark: slot.mark)
        // The mark may be behind what had been committed, and is what the copy is compared with.
        if let head = old.head, head.sequence > slot.mark.sequence {
            let newest = RollbackMark(store: slot.mark.store, sequence: head.sequence, head: head.hash)
            slot = MarkPage(mark: newest, generation: slot.generation + 1)
            try lock.write(slot, synchronously: true)
        }
        self.paths = paths
        self.lock = lock
        self.lockedAtBoottime = lockedAtBoottime
        self.isLockNew = isLockNew
        self.slot = slot
        self.old = old
    }

    mutating func run(
        _ plan: RestorePlan, note: (String) -> Void, after: (Step) -> Void
    ) throws(StoreFailure) -> RestoredStore {
        do throws(StoreFailure) {
            return try restore(plan, note) { step in
                after(step)
                step.failpoint.pass()
            }
        } catch {
            Store.removeLeftovers(paths)
            // What was an empty place is one again.
            if isLockNew && access(paths.database, F_OK) != 0 { unlink(paths.lock) }
            throw error
        }
    }

    private mutating func restore(
        _ plan: RestorePlan, _ note: (String) -> Void, _ after: (Step) -> Void
    ) throws(StoreFailure) -> RestoredStore {
        try checkIsAnother(plan)
        let copy = try RestoreCopy(of: plan, as: paths.incoming)
        let rollback = try compare(copy, plan)
        after(.copied)
        let page = EpochPage.reopening(
            path: plan.epochPagePath, rememberedID: old.pageID ?? copy.pageID, leaseNanoseconds: plan.leaseNanoseconds)
        let (head, endedTokenCount) = try copy.complete(
            plan, over: rollback, pageID: page?.pageID, clockMark: old.clockMark)
        after(.completed)
        if page == nil { waitForCaches(plan, hasPage: (old.pageID ?? copy.pageID) != nil, note) }
        // Nothing that clients keep is good in the new store.
        page?.begin(.all)
        after(.pageMarked)
        if slot.mark.sequence == 0 || slot.mark.store != copy.id {
            // A store whose mark names no event yet is whole once its database is there.
            try write(RollbackMark(store: copy.id, sequence: 0, head: .zero))
        }
        if access(paths.incoming + "-wal", F_OK) == 0 {
            throw .unfit(path: paths.incoming, problem: "could not be brought to rest; see whether the disk is full")
        }
        let kept = try keepOldDatabase()
        after(.oldKept)
        if rename(paths.incoming, paths.database) != 0 { throw .system(path: paths.database, .last("rename")) }
        for directory in [paths.directory, TrustedPath.parent(of: paths.directory)] {
            try StoreFiles.synchronize(directory: directory)
        }
        after(.replaced)
        try write(RollbackMark(store: copy.id, sequence: head.sequence, head: head.hash))
        after(.markWritten)
        page?.end(.all)
        return RestoredStore(
            id: copy.id, copySequence: copy.head.sequence, sequence: head.sequence, rollback: rollback,
            endedTokenCount: endedTokenCount, replacedDatabase: kept)
    }

    private mutating func write(_ mark: RollbackMark) throws(StoreFailure) {
        slot = MarkPage(mark: mark, generation: slot.generation + 1)
        try lock.write(slot, synchronously: true)
    }

    // MARK: - What is there

    /// To close a file that SQLite has open would drop its locks, and there would be nothing to restore.
    private func checkIsAnother(_ plan: RestorePlan) throws(StoreFailure) {
        var given = stat()
        var present = stat()
        if fstat(plan.copyDescriptor, &given) != 0 { throw .system(path: plan.copyPath, .last("fstat")) }
        if stat(paths.database, &present) == 0, given.st_ino == present.st_ino, given.st_dev == present.st_dev {
            throw .unfit(path: plan.copyPath, problem: "is the database of this very store; name a copy")
        }
    }

    /// What the copy lacks of what had been committed here, if the operator accepts that.
    private func compare(_ copy: RestoreCopy, _ plan: RestorePlan) throws(StoreFailure) -> Rollback? {
        let mark = slot.mark
        var rollback: Rollback?
        if mark.sequence > 0 {
            if mark.store != copy.id {
                // What init made, and nobody has used, as a package does: nothing of it is missed.
                if plan.consent == nil && mark.sequence == 1 && old.head?.sequence == 1 { return nil }
                throw .unfit(
                    path: plan.copyPath,
                    problem: "is a copy of the store \(copy.id), and \(paths.directory) has the store \(mark.store); "
                        + "to give that up, move the directory away and make another one, or name another --store")
            }
            rollback = try copy.rollback(from: mark)
        }
        guard let rollback else {
            if plan.consent == nil { return nil }
            throw .notRolledBack(path: plan.copyPath)
        }
        guard let consent = plan.consent else {
            throw .copyIsOlder(
                path: plan.copyPath, sequence: rollback.store.sequence, markSequence: rollback.mark.sequence)
        }
        if consent.sequence != rollback.store.sequence {
            throw .endsElsewhere(path: plan.copyPath, sequence: rollback.store.sequence, named: consent.sequence)
        }
        return rollback
    }

    /// Clients may believe a page that is lost for one lease term after the last daemon.
    private func waitForCaches(_ plan: RestorePlan, hasPage: Bool, _ note: (String) -> Void) {
        if !hasPage && access(plan.epochPagePath, F_OK) != 0 { return }
        let end = lockedAtBoottime + plan.leaseNanoseconds
        var isTold = false
        while true {
            let wait = end - SystemClock.boottimeNanoseconds()
            if wait <= 0 { return }
            if !isTold { note(LostPage.note(path: plan.epochPagePath, waitNanoseconds: wait)) }
            isTold = true
            usleep(UInt32(clamping: wait / 1_000 + 1))
        }
    }

    /// The old database under another name. A log that could not be emptied goes with it: it must not meet the new one.
    private func keepOldDatabase() throws(StoreFailure) -> String? {
        if access(paths.database, F_OK) != 0 { return nil }
        let time = Instant(microseconds: SystemClock.realtimeMicroseconds()).description.filter { $0 != ":" }
        let kept = paths.database + StorePaths.replacedMark + time
        if link(paths.database, kept) != 0 { throw .system(path: kept, .last("link")) }
        let log = paths.database + "-wal"
        if access(log, F_OK) == 0 {
            if link(log, kept + "-wal") != 0 { throw .system(path: kept + "-wal", .last("link")) }
            try StoreFiles.synchronize(directory: paths.directory)
            if unlink(log) != 0 { throw .system(path: log, .last("unlink")) }
        }
        try StoreFiles.synchronize(directory: paths.directory)
        return kept
    }
}

/// What is known of the store that is replaced.
private struct OldStore {
    var head: ChainCheck.Anchor?
    var pageID: [UInt8]?
    var clockMark = Instant.epoch

    /// Empties its log into its database, and reads what the new one needs. A database that can't be read is only kept.
    init(at paths: StorePaths, mark: RollbackMark) throws(StoreFailure) {
        if access(paths.database, F_OK) != 0 { return }
        do throws(StoreFailure) {
            let connection = try translatingSQLite { () throws(SQLiteError) in
                try SQLiteConnection(path: paths.database, access: .readWrite)
            }
            try Migrator.checkReadable(connection, path: paths.database)
            let identity = try StoreIdentity(reading: connection, path: paths.database)
            try read(connection, identity.id, mark)
            connection.checkpointWhenClosed()
        } catch {
            // A newer tokend's is for that to bring to rest, and a disk that fails is for nobody to write to.
            if error.isOfTheFile { return }
            throw error
        }
    }

    private mutating func read(
        _ connection: SQLiteConnection, _ id: StoreID, _ mark: RollbackMark
    ) throws(StoreFailure) {
        let empty = self
        self = try translatingSQLite { () throws(SQLiteError) -> OldStore in
            var copy = empty
            copy.pageID = try connection.rememberedPageID()
            copy.clockMark = try connection.keptClockMark()
            // What is itself an older copy is no newer than its mark, whatever it says.
            guard id == mark.store else { return copy }
            if case .rolledBack = try MarkStanding(of: mark, in: connection) { return copy }
            let ledger = try Ledger(reading: connection)
            copy.head = ChainCheck.Anchor(sequence: ledger.sequence, hash: ledger.head)
            return copy
        }
    }
}

extension RestoreCopy {
    func rollback(from mark: RollbackMark) throws(StoreFailure) -> Rollback? {
        let standing = try translatingSQLite { () throws(SQLiteError) in
            try MarkStanding(of: mark, in: SQLiteConnection(path: path, access: .readOnly))
        }
        if case .rolledBack(let rollback) = standing { return rollback }
        return nil
    }
}

extension RollbackMark {
    /// Of a store that is not known yet.
    fileprivate static let none = RollbackMark(store: StoreID(random: (0, 0)), sequence: 0, head: .zero)
}

/// What is said while nothing may be narrowed yet.
package enum LostPage {
    package static func note(path: String, waitNanoseconds: Int64) -> String {
        "\(path) is not the epoch page that clients know: waiting \(waitNanoseconds / 1_000_000_000 + 1) s, for as "
            + "long as they may believe that one"
    }
}

extension Store {
    /// Makes a store of a copy, in place of one that no daemon has, or in an empty place. What was there is kept. `note` is
    /// told what it waits for.
    package static func restore(
        _ plan: RestorePlan, note: (String) -> Void
    ) throws(StoreFailure) -> RestoredStore {
        try restore(plan, note: note) { _ in }
    }

    static func restore(
        _ plan: RestorePlan, note: (String) -> Void, after: (StoreRestoration.Step) -> Void
    ) throws(StoreFailure) -> RestoredStore {
        var restoration = try StoreRestoration(directory: plan.directory)
        return try restoration.run(plan, note: note, after: after)
    }
}
