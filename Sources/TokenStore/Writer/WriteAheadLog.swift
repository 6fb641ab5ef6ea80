import CSQLite
import Glibc
import LinuxIO

/// Moves what is committed from the WAL into the database, so that the WAL can begin anew: checkpoints.
///
/// Most of a checkpoint is waiting for the disk, and whoever asks for a change would wait for that too. So it goes in small
/// steps between the commits:
///
///     copy what is new, without waiting → another thread waits for the disk, and there are new commits meanwhile → copy …
///     once the WAL is long: copy the little that is new and wait for it → the WAL begins anew
///
/// Behind each step the database is whole, and as it was at some commit. What was copied and is not safe on the disk must stay
/// in the WAL. SQLite does not know of that: it writes over the WAL once all of it is copied and nobody reads it, and calls no
/// fsync when there is nothing to copy. So somebody reads it until all that was copied is safe.
///
/// It belongs to the writer's thread.
final class WriteAheadLog {
    static let pathSuffix = "-wal"
    static let pageByteCount = 4_096
    /// In pages: so many new ones are a step.
    static let pageCountToCopy: Int32 = 128
    /// When the WAL is this long, a small step is the last. Short enough that a restart reads it fast.
    static let pageCountToCheckpoint: Int32 = 3_000
    /// What is little enough to be waited for.
    static let pageCountToWaitFor: Int32 = 200
    /// A disk that takes the pages more slowly than they come is waited for, so that the WAL has an end.
    static let pageCountMax = 2 * pageCountToCheckpoint

    /// What the hook writes to: SQLite keeps the address until the connection closes, so it has to stay put.
    private let pageCount: UnsafeMutablePointer<Int32>
    private let connection: SQLiteConnection
    /// Of the WAL's pages, those that have been copied since it began.
    private var copiedPageCount: Int32 = 0
    /// Both are there from the first step on.
    private var pin: ReadPin?
    private var writeback: DatabaseWriteback?
    /// The file that the writeback is for.
    private let writtenPath: String

    /// Another file than the database is written back for tests alone.
    init(of connection: SQLiteConnection, writingBack path: String? = nil) {
        self.connection = connection
        writtenPath = path ?? connection.path
        pageCount = .allocate(capacity: 1)
        pageCount.initialize(to: 0)
        // Called by the committing connection on its own thread, see sqlite.org/c3ref/wal_hook.html.
        sqlite3_wal_hook(
            connection.handle,
            { context, _, _, pages in
                context?.assumingMemoryBound(to: Int32.self).pointee = pages
                return SQLITE_OK
            }, pageCount)
    }

    deinit {
        sqlite3_wal_hook(connection.handle, nil, nil)
        pageCount.deallocate()
    }

    /// Before the store is open. Behind the first commit all of a log would be moved that a crash or a migration left so long,
    /// and no change could be made meanwhile, nor a sign of life be given. A start may take long.
    static func shorten(of connection: SQLiteConnection) throws(StoreFailure) {
        var status = stat()
        if stat(connection.path + pathSuffix, &status) != 0 { return }
        if Int(status.st_size) <= Int(pageCountMax) * pageByteCount { return }
        let code = sqlite3_wal_checkpoint_v2(connection.handle, nil, SQLITE_CHECKPOINT_TRUNCATE, nil, nil)
        if code == SQLITE_OK { return }
        let error = connection.error(in: SQLiteConnection.checkpointName)
        // On a full disk it stays as it is, and the daemon starts for all that can be done there.
        if !error.isFull && !error.isInUse { throw .sqlite(error) }
    }

    /// What was done behind a commit.
    enum Step {
        case nothing
        /// What is committed is in the database; the WAL goes on.
        case copied
        /// The last step of a checkpoint: the WAL begins anew.
        case finished
    }

    /// Does what is due behind a commit.
    func tend() throws(SQLiteError) -> Step {
        let count = pageCount.pointee
        let newCount = count - copiedPageCount
        let isLong = count >= Self.pageCountToCheckpoint
        if newCount == 0 || newCount < Self.pageCountToCopy && !isLong { return .nothing }
        if writeback?.isBusy == true && count < Self.pageCountMax { return .nothing }
        try waitForWriteback()
        let isLast = isLong && newCount <= Self.pageCountToWaitFor || count >= Self.pageCountMax
        if isLast {
            try pin?.release()
            try checkpoint()
        } else {
            try copy()
        }
        return isLast ? .finished : .copied
    }

    /// The last step, however short the WAL is: the room that it has on the disk is there for what comes next.
    func beginAnew() throws(SQLiteError) -> Step {
        try waitForWriteback()
        try pin?.release()
        try checkpoint()
        return .finished
    }

    /// How much longer the database becomes by that.
    var databaseGrowthByteCount: Int {
        get throws(SQLiteError) {
            var status = stat()
            // By name: to open and close the file would drop SQLite's locks.
            if stat(connection.path, &status) != 0 { return 0 }
            let pageCount = Int(try connection.singleText("PRAGMA page_count") ?? "") ?? 0
            return max(pageCount * Self.pageByteCount - Int(status.st_size), 0)
        }
    }

    /// The same at the end. The writer's connection is the last one behind it.
    func finish() throws(SQLiteError) -> Step {
        try waitForWriteback()
        pin = nil
        try checkpoint()
        return .finished
    }

    /// Ends the thread.
    func end() {
        writeback?.end()
    }

    private func waitForWriteback() throws(SQLiteError) {
        guard let writeback else { return }
        writeback.waitUntilDone()
        // It poisons, as an fsync of SQLite's own would that failed.
        if let failure = writeback.failure { throw Self.error(SQLITE_IOERR, failure) }
    }

    /// SQLite waits until what it copies is on the disk.
    private func checkpoint() throws(SQLiteError) {
        try copyWhatNobodyReads()
        pageCount.pointee = 0
        copiedPageCount = 0
    }

    private func copy() throws(SQLiteError) {
        let writeback = try readyWriteback()
        // Before anything is copied: a reader that finds all of the WAL copied does not read it, and keeps nothing.
        try readyPin().hold()
        try connection.withoutWaitingForTheDisk { () throws(SQLiteError) in try copyWhatNobodyReads() }
        copiedPageCount = pageCount.pointee
        writeback.begin()
    }

    /// PASSIVE waits for nobody.
    private func copyWhatNobodyReads() throws(SQLiteError) {
        let code = sqlite3_wal_checkpoint_v2(connection.handle, nil, SQLITE_CHECKPOINT_PASSIVE, nil, nil)
        if code != SQLITE_OK && code & 0xff != SQLITE_BUSY {
            throw connection.error(in: SQLiteConnection.checkpointName)
        }
    }

    private func readyPin() throws(SQLiteError) -> ReadPin {
        if let pin { return pin }
        let made = try ReadPin(path: connection.path)
        pin = made
        return made
    }

    private func readyWriteback() throws(SQLiteError) -> DatabaseWriteback {
        if let writeback { return writeback }
        do throws(SystemError) {
            let made = try DatabaseWriteback(path: writtenPath)
            writeback = made
            connection.outlived(by: made)
            return made
        } catch {
            throw Self.error(SQLITE_NOMEM, error)
        }
    }

    private static func error(_ code: Int32, _ error: SystemError) -> SQLiteError {
        SQLiteError(extendedCode: code, message: error.description, statement: SQLiteConnection.checkpointName)
    }
}

/// A reader that keeps the WAL from beginning anew, by reading it.
private final class ReadPin {
    private let connection: SQLiteConnection
    private var isHeld = false

    init(path: String) throws(SQLiteError) {
        connection = try SQLiteConnection(path: path, access: .readOnly)
        try connection.execute("PRAGMA cache_size = 4")
    }

    /// Holds what is committed now, and nothing older any more.
    func hold() throws(SQLiteError) {
        try release()
        try connection.execute("BEGIN")
        isHeld = true
        let statement = try connection.statement("SELECT number FROM store")
        defer { statement.reset() }
        _ = try statement.step()
    }

    func release() throws(SQLiteError) {
        if !isHeld { return }
        try connection.execute("COMMIT")
        isHeld = false
    }
}

extension SQLiteConnection {
    /// Lets `body` write to the database without an fsync. Behind it commits wait for the disk again, or it throws what poisons.
    func withoutWaitingForTheDisk(_ body: () throws(SQLiteError) -> Void) throws(SQLiteError) {
        try execute("PRAGMA synchronous = OFF")
        let outcome: Result<Void, SQLiteError>
        do throws(SQLiteError) {
            outcome = .success(try body())
        } catch {
            outcome = .failure(error)
        }
        if !waitsForTheDiskAgain() {
            throw SQLiteError(
                extendedCode: SQLITE_IOERR, message: "synchronous is not FULL",
                statement: SQLiteConnection.checkpointName)
        }
        try outcome.get()
    }

    /// False whatever the reason is: a commit that is not safe would be answered.
    private func waitsForTheDiskAgain() -> Bool {
        do throws(SQLiteError) {
            try execute("PRAGMA synchronous = FULL")
            return try singleText("PRAGMA synchronous") == "2"
        } catch {
            return false
        }
    }
}
