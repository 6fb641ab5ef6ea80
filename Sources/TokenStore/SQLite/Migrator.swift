import CSQLite
import LinuxIO

/// Brings a store to the newest schema.
enum Migrator {
    /// Looks before anything is written, not even a pragma: a file that is not ours, or is newer, stays as it is.
    static func checkReadable(_ connection: SQLiteConnection, path: String) throws(StoreFailure) {
        let application: Int64
        do throws(StoreFailure) {
            application = try number("application_id", connection)
        } catch {
            if case .sqlite(let error) = error, error.code == SQLITE_NOTADB { throw .foreignFile(path: path) }
            throw error
        }
        let version = try number("user_version", connection)
        if application != Schema.applicationID { throw .foreignFile(path: path) }
        if version > Schema.newestVersion {
            throw .newerSchema(path: path, found: version, known: Schema.newestVersion)
        }
    }

    /// Each migration is one transaction with its version: after a crash the store is at one version or the next.
    ///
    /// One that rewrites a table keeps each page as it was until its statement ends. In memory that would be as much as the
    /// table: the rest of SQLite's temporary data stays there.
    static func migrate(_ connection: SQLiteConnection) throws(StoreFailure) {
        let version = try number("user_version", connection)
        if version == Schema.newestVersion { return }
        try Pragmas.keepTemporaryData(onDisk: true, connection)
        try migrate(connection, from: version)
        try Pragmas.keepTemporaryData(onDisk: false, connection)
    }

    private static func migrate(_ connection: SQLiteConnection, from version: Int64) throws(StoreFailure) {
        for (index, migration) in Schema.migrations.enumerated().dropFirst(Int(version)) {
            do throws(SQLiteError) {
                try connection.execute("BEGIN IMMEDIATE")
                try migration.apply(to: connection)
                try connection.execute("PRAGMA user_version = \(index + 1)")
                Failpoint.beforeMigrationCommit.pass()
                try connection.execute("COMMIT")
            } catch {
                if !connection.isOutsideTransaction { try? connection.execute("ROLLBACK") }
                throw .notMigrated(version: Int64(index), error)
            }
        }
    }

    static func version(_ connection: SQLiteConnection) throws(StoreFailure) -> Int64 {
        try number("user_version", connection)
    }

    private static func number(_ pragma: String, _ connection: SQLiteConnection) throws(StoreFailure) -> Int64 {
        try translatingSQLite { () throws(SQLiteError) in
            Int64(try connection.singleText("PRAGMA \(pragma)") ?? "") ?? 0
        }
    }
}
