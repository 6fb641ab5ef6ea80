import Glibc
import LinuxIO
import TokenCore

extension Store {
    /// Makes an empty store in `directory`, which is created (mode 0700) if it is not there. Never overwrites.
    ///
    /// The lock file comes first and holds the store while it is made; the database is complete before the mark names its
    /// first event. A crash in between leaves files that `init` refuses and that hold nothing.
    package static func create(directory: String) throws(StoreFailure) {
        if mkdir(directory, 0o700) != 0 && errno != EEXIST { throw .system(path: directory, .last("mkdir")) }
        let paths = StorePaths(directory: try StoreFiles.resolve(directory))
        try StoreFiles.checkOwnership(paths)
        try StoreFiles.checkFileSystem(paths.directory)
        for file in [paths.lock, paths.database] where access(file, F_OK) == 0 { throw .exists(path: file) }

        let id = StoreID(random: (Randomness.word(), Randomness.word()))
        let unborn = RollbackMark(store: id, sequence: 0, head: .zero)
        let lock = try StoreLock.create(path: paths.lock, mark: unborn)
        let connection = try makeDatabase(paths)
        let first = try writeFirstRows(id, connection)
        try lock.write(
            MarkPage(
                mark: RollbackMark(store: id, sequence: first.sequence, head: first.head), generation: 1),
            synchronously: true)
        connection.checkpointWhenClosed()
        for directory in [paths.directory, TrustedPath.parent(of: paths.directory)] {
            try StoreFiles.synchronize(directory: directory)
        }
    }

    private static func makeDatabase(_ paths: StorePaths) throws(StoreFailure) -> SQLiteConnection {
        // SQLite would make the file with 0644 and leave the rest to the umask. Its WAL gets the file's mode.
        try StoreFiles.createEmpty(paths.database)
        let connection = try translatingSQLite { () throws(SQLiteError) in
            let connection = try SQLiteConnection(path: paths.database, access: .readWrite)
            try connection.execute("PRAGMA application_id = \(Schema.applicationID)")
            return connection
        }
        try Pragmas.applyToWriter(connection)
        try Migrator.migrate(connection)
        return connection
    }

    private static func writeFirstRows(
        _ id: StoreID, _ connection: SQLiteConnection
    ) throws(StoreFailure) -> Ledger {
        let now = Instant(microseconds: SystemClock.realtimeMicroseconds())
        var key: [UInt8] = []
        let bits = Randomness.bits256()
        withUnsafeBytes(of: bits) { key += $0 }
        return try translatingSQLite { () throws(SQLiteError) in
            try connection.execute("BEGIN IMMEDIATE")
            let statement = try connection.statement(
                "INSERT INTO store (number, id, created_at, cursor_key, clock_mark) VALUES (1, ?1, ?2, ?3, ?2)")
            statement.bind(1, id.bytes)
            statement.bind(2, now)
            statement.bind(3, key)
            try statement.run()
            var ledger = try Ledger(reading: connection)
            try ledger.append(
                AuditEvent(
                    sequence: 0, at: now, workspaceID: nil, actor: "uid:\(geteuid())", peerUID: nil, peerPID: nil,
                    action: "store.created", target: id.description),
                workspaceNumber: nil, to: connection)
            try connection.execute("COMMIT")
            return ledger
        }
    }
}
