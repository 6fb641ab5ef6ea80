import Glibc
package import LinuxIO
import Synchronization
package import TokenCore

/// The authoritative store: one directory, one process, one thread that writes, any number that read.
package final class Store: Sendable {
    package let paths: StorePaths
    package let id: StoreID
    /// What readers judge by. The writer alone replaces it.
    private let rules: InForce<AccessRules>
    package let schemaVersion: Int64
    package let state: StoreState
    package let writerMetrics = WriterMetrics()
    package let clock: StoreClock
    /// By which loops and clients know what of the answers they keep is still good.
    package var epochs: EpochPage { epochKeeper.page }
    private let epochKeeper: EpochKeeper
    /// What the operator has accepted that it lacks; to be told by `AcceptRollback` before anything else is done.
    package let acceptedRollback: Rollback?
    /// Authenticates page tokens.
    package let cursorKey: [UInt8]
    /// What speaks against the file system that it lies on, and does not forbid it.
    package let doubt: String?
    private let queue: WriteQueue
    private let writerThread: Mutex<PosixThread?>

    /// Opens a store that `create` made, and holds it until `close`.
    ///
    /// - Parameters:
    ///   - directory: Where `create` made it.
    ///   - rules: What roles grant, and which scopes there are, until `Reload` replaces them.
    ///   - clock: The wall clock; called for each change and each batch of them, and at each read that judges expiry.
    ///   - boottime: CLOCK_BOOTTIME in microseconds, which shows when the wall clock steps.
    ///   - epochPagePath: Where clients find the epoch page; without one it is this process's own.
    ///   - leaseNanoseconds: For how long clients may believe the page without hearing more.
    ///   - offline: What a command of the host's operator does with it, instead of a daemon.
    ///   - takingPlaces: Takes what else clients look for beside the page, with the store's lock held and the page not yet
    ///     touched. Where it fails, the page stays as it is: it may be that of a daemon which serves there.
    ///   - whenPoisoned: Called at most once, by the writer's thread, when no change can be acknowledged any more: the
    ///     process should end, and its successor recover.
    ///   - whenHindered: Called by the writer's thread for each batch in which changes fail for what may pass, such as a full
    ///     disk: why, and what to do.
    /// - Throws: Why this is no store that may be used, and what to do about it.
    package init(
        directory: String, rules: AccessRules = .builtIn, clock: @escaping @Sendable () -> Instant = Store.systemClock,
        boottime: @escaping @Sendable () -> Int64 = Store.systemBoottime, epochPagePath: String? = nil,
        leaseNanoseconds: Int64 = EpochLayout.leaseNanoseconds, offline: OfflineWork? = nil,
        takingPlaces: () throws(StoreFailure) -> Void = {},
        whenPoisoned: @escaping @Sendable (String) -> Void,
        whenHindered: @escaping @Sendable (String) -> Void = { _ in }
    ) throws(StoreFailure) {
        paths = StorePaths(directory: try StoreFiles.resolve(directory))
        self.rules = InForce(rules)
        try StoreFiles.checkOwnership(paths)
        if access(paths.lock, F_OK) != 0 && access(paths.database, F_OK) != 0 { throw .missing(path: directory) }
        // The lock first: whoever does not have it touches nothing.
        let lock = try StoreLock.acquire(path: paths.lock)
        doubt = try StoreFiles.checkFileSystem(paths.directory)
        Self.removeLeftovers(paths)
        let slot = try lock.newestSlot()
        let connection: SQLiteConnection
        do throws(StoreFailure) {
            connection = try Self.openDatabase(paths)
        } catch {
            throw slot.mark.sequence == 0 ? Self.unfinished(paths) : error
        }
        let identity = try StoreIdentity(reading: connection, path: paths.database)
        acceptedRollback = try Self.check(slot.mark, against: connection, identity.id, paths, offline)
        try Self.check(rules.roles, against: connection)
        try Self.checkSchema(connection, paths)
        // Only now is it written to: a store that is refused stays as it was found.
        try Pragmas.applyToWriter(connection)
        try Migrator.migrate(connection)
        try WriteAheadLog.shorten(of: connection)
        // Again, for what an older store lacks and no migration made.
        try Self.checkSchema(connection, paths)
        id = identity.id
        cursorKey = identity.cursorKey
        schemaVersion = try Migrator.version(connection)
        state = StoreState(hasImportedTokens: try Self.hasImportedTokens(connection))
        let keptMark = try translatingSQLite { () throws(SQLiteError) in try connection.keptClockMark() }
        self.clock = StoreClock(
            mark: offline?.resetsClock == true ? clock() : keptMark, wall: clock, boottime: boottime)
        if offline == nil, let epochPagePath { try Self.checkPlace(ofPage: epochPagePath) }
        try takingPlaces()
        epochKeeper =
            offline == nil
            ? try Self.openEpochs(epochPagePath, leaseNanoseconds, connection)
            : try Self.borrowEpochs(epochPagePath, leaseNanoseconds, connection)
        do throws(SystemError) {
            queue = try WriteQueue()
        } catch {
            throw .system(path: "eventfd", error)
        }
        let mark = try Self.keeper(lock, slot, connection)
        let reserve = try DiskReserve(path: paths.reserve)
        let writer: StoreWriter
        do throws(SQLiteError) {
            writer = try StoreWriter(
                connection: connection, rules: self.rules, mark: mark, reserve: reserve, directory: paths.directory,
                state: state, metrics: writerMetrics, clock: self.clock, epochs: epochKeeper,
                settlesClock: acceptedRollback == nil, whenPoisoned: whenPoisoned, whenHindered: whenHindered)
        } catch {
            throw .sqlite(error)
        }
        writerThread = Mutex(try Self.start(writer, queue))
        do throws(SystemError) {
            // The lease is the daemon's to promise.
            if offline == nil { try epochKeeper.start() }
        } catch {
            throw .system(path: "lease", error)
        }
    }

    private static func checkPlace(ofPage path: String) throws(StoreFailure) {
        do throws(TrustedPath.Violation) {
            try TrustedPath.check(directory: TrustedPath.parent(of: path))
        } catch {
            throw .unsafe(error.description)
        }
    }

    /// Every epoch is moved on by this. A store's first page is remembered before anybody hears of it; one in place of a lost
    /// page, by the writer.
    private static func openEpochs(
        _ path: String?, _ leaseNanoseconds: Int64, _ connection: SQLiteConnection
    ) throws(StoreFailure) -> EpochKeeper {
        let remembered = try translatingSQLite { () throws(SQLiteError) in try connection.rememberedPageID() }
        let keeper: EpochKeeper
        do throws(SystemError) {
            let page =
                if let path {
                    try EpochPage.open(path: path, rememberedID: remembered, leaseNanoseconds: leaseNanoseconds)
                } else {
                    try EpochPage.makePrivate()
                }
            keeper = try EpochKeeper(page, isPageLost: page.isReplacement)
        } catch {
            throw .system(path: path ?? "epochs", error)
        }
        if path != nil && remembered == nil && !keeper.page.isReplacement {
            try translatingSQLite { () throws(SQLiteError) in try connection.remember(pageID: keeper.page.pageID) }
        }
        return keeper
    }

    private static func start(_ writer: StoreWriter, _ queue: WriteQueue) throws(StoreFailure) -> PosixThread {
        let handover = Handover(writer)
        do throws(SystemError) {
            return try PosixThread(name: "tokend-writer") { handover.value.run(queue) }
        } catch {
            throw .system(path: "writer", error)
        }
    }

    /// Asks the writer for a change. The completion is called once, by the writer's thread or, when the queue takes no
    /// more, by this one.
    package func submit<Work: Operation>(
        _ operation: Work, origin: Origin,
        completion: @escaping @Sendable (Result<Work.Output, Refusal>) -> Void
    ) {
        let job = OperationJob(operation, origin: origin, completion: completion)
        if !queue.add(job) { job.finish(.storeUnavailable) }
    }

    /// A connection that reads, for the thread that calls.
    package func makeReader() throws(StoreFailure) -> StoreReader {
        try StoreReader(paths: paths, rules: rules, clock: clock, epochs: epochs.memory)
    }

    /// Of the store's -wal file; 0 when there is none.
    package var writeAheadLogByteCount: UInt64 {
        var status = stat()
        // By name: opening and closing the store's files would drop SQLite's locks.
        return stat(paths.database + WriteAheadLog.pathSuffix, &status) == 0 ? UInt64(status.st_size) : 0
    }

    package var waitingChangeCount: Int { queue.waitingCount }

    /// Does what is queued, checkpoints, and gives the lock back with the process. Readers must be gone.
    package func close() {
        queue.close()
        let thread = writerThread.withLock { thread -> PosixThread? in
            let taken = thread.take()
            return taken
        }
        thread?.join()
        epochKeeper.end()
    }

    private static func openDatabase(_ paths: StorePaths) throws(StoreFailure) -> SQLiteConnection {
        if access(paths.database, F_OK) != 0 { throw .missing(path: paths.directory) }
        let connection = try translatingSQLite { () throws(SQLiteError) in
            try SQLiteConnection(path: paths.database, access: .readWrite)
        }
        try Migrator.checkReadable(connection, path: paths.database)
        return connection
    }

    private static func hasImportedTokens(_ connection: SQLiteConnection) throws(StoreFailure) -> Bool {
        try translatingSQLite { () throws(SQLiteError) in
            try connection.singleText("SELECT 1 FROM secret WHERE is_imported = 1 LIMIT 1") != nil
        }
    }

    private static func checkSchema(_ connection: SQLiteConnection, _ paths: StorePaths) throws(StoreFailure) {
        if let problem = try StoreSoundness.actingProblem(of: connection) {
            throw .foreignSchema(path: paths.database, problem: problem)
        }
    }

    /// Every member must have a role that means something.
    static func check(_ roles: Roles, against connection: SQLiteConnection) throws(StoreFailure) {
        let missing = try translatingSQLite { () throws(SQLiteError) in try connection.roleMissing(from: roles) }
        if let missing { throw .roleMissing(name: missing.name, memberCount: missing.memberCount) }
    }

    /// The store must hold the event that the mark names: it may be ahead of the mark, never behind or different. What it
    /// lacks is returned if the operator accepts that.
    static func check(
        _ mark: RollbackMark, against connection: SQLiteConnection, _ id: StoreID, _ paths: StorePaths,
        _ offline: OfflineWork?
    ) throws(StoreFailure) -> Rollback? {
        if mark.store != id { throw .markUnusable(path: paths.lock, problem: "belongs to another store") }
        let standing = try translatingSQLite { () throws(SQLiteError) in
            try MarkStanding(of: mark, in: connection)
        }
        switch (standing, offline?.acceptedSequence) {
        case (.unborn, _):
            throw unfinished(paths)
        case (.current, nil), (.accepted, nil):
            return nil
        case (.current, _), (.accepted, _):
            throw .notRolledBack(path: paths.database)
        case (.rolledBack(let rollback), let accepted):
            if rollback.store.sequence == accepted { return rollback }
            if let accepted {
                throw .endsElsewhere(path: paths.database, sequence: rollback.store.sequence, named: accepted)
            }
            throw .rolledBack(
                path: paths.database, expectedSequence: mark.sequence, foundSequence: rollback.store.sequence)
        }
    }

    /// The keeper of the mark, which names an event of the store from here on. One that does not is accepted on the word of the
    /// newest events, before which nothing else may be committed: it goes on to them first.
    private static func keeper(
        _ lock: consuming StoreLock, _ slot: MarkPage, _ connection: SQLiteConnection
    ) throws(StoreFailure) -> MarkKeeper {
        let (standing, ledger) = try translatingSQLite { () throws(SQLiteError) in
            (try MarkStanding(of: slot.mark, in: connection), try Ledger(reading: connection))
        }
        var mark = MarkKeeper(
            lock: lock, store: slot.mark.store, generation: slot.generation,
            synchronizedSequence: slot.mark.sequence)
        if case .accepted = standing, let failure = mark.advance(sequence: ledger.sequence, head: ledger.head) {
            throw failure
        }
        return mark
    }

    private static func unfinished(_ paths: StorePaths) -> StoreFailure {
        .markUnusable(path: paths.lock, problem: "names no event: tokend init did not finish")
    }

    /// For how long no change that narrows anything can be committed yet, because a page is lost.
    package var narrowingWaitNanoseconds: Int64 {
        max(0, epochKeeper.narrowsFrom - SystemClock.boottimeNanoseconds())
    }

    /// The daemon's page, to move its epochs in the daemon's absence. Another one is not put in the place of a lost page:
    /// that is for the daemon, which tells clients of it.
    private static func borrowEpochs(
        _ path: String?, _ leaseNanoseconds: Int64, _ connection: SQLiteConnection
    ) throws(StoreFailure) -> EpochKeeper {
        let remembered = try translatingSQLite { () throws(SQLiteError) in try connection.rememberedPageID() }
        do throws(SystemError) {
            if let path,
                let page = EpochPage.reopening(
                    path: path, rememberedID: remembered, leaseNanoseconds: leaseNanoseconds)
            {
                return try EpochKeeper(page, isPageLost: false)
            }
            let isPageLost = remembered != nil || path.map { access($0, F_OK) == 0 } == true
            return try EpochKeeper(
                try EpochPage.makePrivate(leaseNanoseconds: leaseNanoseconds), isPageLost: isPageLost)
        } catch {
            throw .system(path: path ?? "epochs", error)
        }
    }
}

/// Moves a value that belongs to one thread to the thread that is to have it.
///
/// Sound because the giver makes the value, wraps it, starts the thread and never touches it again.
private struct Handover<Value>: @unchecked Sendable {
    let value: Value

    init(_ value: Value) {
        self.value = value
    }
}
