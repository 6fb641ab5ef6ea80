/// What every connection is set to, and what the writer must find set.
enum Pragmas {
    /// For the connection that commits and checkpoints.
    static func applyToWriter(_ connection: SQLiteConnection) throws(StoreFailure) {
        try set(connection, "journal_mode", "WAL", expecting: "wal")
        // FULL: fsync of the WAL at each commit. A commit that was answered survives a power loss.
        try set(connection, "synchronous", "FULL", expecting: "2")
        try set(connection, "foreign_keys", "ON", expecting: "1")
        try set(connection, "secure_delete", "ON", expecting: "1")
        // The writer checkpoints by itself, after it has replied: see StoreWriter.
        try set(connection, "wal_autocheckpoint", "0", expecting: "0")
        try applyToAll(connection, cacheKibibytes: 1_024)
        try checkCells(true, connection)
    }

    static func applyToReader(_ connection: SQLiteConnection) throws(StoreFailure) {
        // Room for the upper pages of the tree by which a secret is found, of which there are a hundred for a million
        // tokens, and for what else is asked. The lower page of each verification drives out another such.
        try applyToAll(connection, cacheKibibytes: 1_024)
        try set(connection, "query_only", "ON", expecting: "1")
        // The pages that verifications ask for are read from the file again and again, and to check all cells of each would
        // take longer than to find the one that is asked for. That one is checked when it is looked at.
        try checkCells(false, connection)
    }

    /// For the connection that copies the store: VACUUM INTO writes, though not to the store.
    static func applyToCopier(_ connection: SQLiteConnection) throws(StoreFailure) {
        try applyToAll(connection, cacheKibibytes: 1_024)
        try checkCells(true, connection)
    }

    /// Whether all cells of a page are checked when it is read from the file, so that what is corrupt is found before a
    /// change spreads it (sqlite.org/pragma.html#pragma_cell_size_check).
    private static func checkCells(_ areChecked: Bool, _ connection: SQLiteConnection) throws(StoreFailure) {
        try set(connection, "cell_size_check", areChecked ? "ON" : "OFF", expecting: areChecked ? "1" : "0")
    }

    private static func applyToAll(_ connection: SQLiteConnection, cacheKibibytes: Int) throws(StoreFailure) {
        try set(connection, "trusted_schema", "OFF", expecting: "0")
        // From here on only connections of this process are in each other's way.
        try set(connection, "busy_timeout", "5000", expecting: "5000")
        // In KiB when negative, which bounds our memory; the kernel's page cache has the rest.
        try set(connection, "cache_size", "-\(cacheKibibytes)", expecting: "-\(cacheKibibytes)")
        try keepTemporaryData(onDisk: false, connection)
    }

    /// On disk it is in files without a name, where sqlite3_temp_directory, SQLITE_TMPDIR or TMPDIR says, else in /var/tmp.
    static func keepTemporaryData(onDisk: Bool, _ connection: SQLiteConnection) throws(StoreFailure) {
        try set(connection, "temp_store", onDisk ? "FILE" : "MEMORY", expecting: onDisk ? "1" : "2")
    }

    /// Sets a pragma and reads it back: SQLite ignores without an error what it can't do.
    private static func set(
        _ connection: SQLiteConnection, _ name: String, _ value: String, expecting expected: String
    ) throws(StoreFailure) {
        do throws(SQLiteError) {
            let statement = try connection.prepare("PRAGMA \(name) = \(value)")
            defer { statement.finalize() }
            try statement.run()
            let found = try connection.singleText("PRAGMA \(name)") ?? ""
            if found == expected { return }
            throw SQLiteError(extendedCode: 1, message: "PRAGMA \(name) is \(found), not \(expected)", statement: "")
        } catch {
            throw .sqlite(error)
        }
    }
}
