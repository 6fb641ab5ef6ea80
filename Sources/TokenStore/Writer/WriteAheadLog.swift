import CSQLite

/// How long the WAL has grown since it was last checkpointed, and the checkpoint itself.
final class WriteAheadLog {
    /// In pages of 4 KiB. Long enough that a burst of commits is not held up, short enough that a restart reads it fast.
    static let pageCountToCheckpoint: Int32 = 1_000

    /// What the hook writes to: SQLite keeps the address until the connection closes, so it has to stay put.
    private let pageCount: UnsafeMutablePointer<Int32>
    private let connection: SQLiteConnection

    init(of connection: SQLiteConnection) {
        self.connection = connection
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

    var isLongEnoughToCheckpoint: Bool { pageCount.pointee >= Self.pageCountToCheckpoint }

    /// Copies what no reader still needs from the WAL into the database. PASSIVE waits for nobody.
    func checkpoint(_ connection: SQLiteConnection) throws(SQLiteError) {
        pageCount.pointee = 0
        let code = sqlite3_wal_checkpoint_v2(connection.handle, nil, SQLITE_CHECKPOINT_PASSIVE, nil, nil)
        if code != SQLITE_OK && code & 0xff != SQLITE_BUSY { throw connection.error(in: "checkpoint") }
    }
}
