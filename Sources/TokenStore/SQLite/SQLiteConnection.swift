import CSQLite
import Glibc

/// One connection, for the one thread that uses it: it is opened NOMUTEX, and SQLite's multi-thread mode forbids two
/// threads in the same connection at the same time (sqlite.org/threadsafe.html).
package final class SQLiteConnection {
    /// Either opens what exists and makes nothing.
    package enum Access {
        case readOnly
        case readWrite
    }

    /// Once for the process, before the first connection.
    private static let configuration: Void = csqlite_count_no_memory()

    let handle: OpaquePointer
    let path: String
    /// Goes after the connection is closed.
    private var companion: AnyObject?
    private var statements: [StatementText: SQLiteStatement] = [:]

    /// Opens `path` with the `unix-excl` VFS: the first access locks out every other process for as long as this process
    /// has a connection, and the WAL index stays in our memory, so that a read costs no fcntl.
    package init(path: String, access: Access) throws(SQLiteError) {
        let flags: Int32 =
            switch access {
            case .readOnly: SQLITE_OPEN_READONLY
            case .readWrite: SQLITE_OPEN_READWRITE
            }
        Self.configuration
        var opened: OpaquePointer?
        let code = sqlite3_open_v2(
            path, &opened, flags | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE | SQLITE_OPEN_NOFOLLOW, "unix-excl")
        guard let opened else {
            throw SQLiteError(extendedCode: code, message: "out of memory", statement: "")
        }
        handle = opened
        self.path = path
        if code != SQLITE_OK {
            let error = SQLiteError(extendedCode: code, message: String(cString: sqlite3_errmsg(opened)), statement: "")
            sqlite3_close_v2(opened)
            throw error
        }
        // A hostile file must not run code through its schema (sqlite.org/security.html).
        _ = csqlite_set(handle, SQLITE_DBCONFIG_DEFENSIVE, 1)
        _ = csqlite_set(handle, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0)
        // Closing checkpoints and deletes the WAL. Not of a store that was refused, nor after an error of the disk.
        _ = csqlite_set(handle, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1)
        // Who comes to a database that another process has need not wait long: such a one ends with its process.
        sqlite3_busy_timeout(handle, 500)
    }

    deinit {
        for statement in statements.values { statement.finalize() }
        sqlite3_close_v2(handle)
    }

    /// Keeps the object until the connection is closed.
    func outlived(by companion: AnyObject) {
        self.companion = companion
    }

    /// Lets the closing of the last connection move the WAL into the database and delete it: all is well.
    func checkpointWhenClosed() {
        _ = csqlite_set(handle, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 0)
    }

    /// Runs statements that take and return nothing.
    package func execute(_ text: String) throws(SQLiteError) {
        let code = sqlite3_exec(handle, text, nil, nil, nil)
        if code != SQLITE_OK { throw error(in: text) }
    }

    /// The prepared statement of `text`, made at its first use and kept. For texts of the program, of which there are few.
    package func statement(_ text: String) throws(SQLiteError) -> SQLiteStatement {
        let key = StatementText(text: text)
        if let statement = statements[key] { return statement }
        let statement = try prepare(text)
        statements[key] = statement
        return statement
    }

    /// A text that is looked for by its length. It is hundreds of bytes long, and to hash them at each use would take longer
    /// than binding and stepping many a statement; those of one length are told apart by a look at where they lie.
    private struct StatementText: Hashable {
        let text: String

        func hash(into hasher: inout Hasher) {
            hasher.combine(text.utf8.count)
        }
    }

    /// What has been prepared and kept, so that a test may ask for the plan of each.
    var statementTexts: [String] { statements.keys.map(\.text) }

    /// A statement for a text made at run time; the caller finalizes it.
    package func prepare(_ text: String) throws(SQLiteError) -> SQLiteStatement {
        var prepared: OpaquePointer?
        let code = sqlite3_prepare_v3(handle, text, -1, UInt32(SQLITE_PREPARE_PERSISTENT), &prepared, nil)
        guard code == SQLITE_OK, let prepared else { throw error(in: text) }
        return SQLiteStatement(prepared, connection: self)
    }

    /// False inside a transaction, and true once it has ended, whoever ended it: after some errors SQLite itself does.
    package var isOutsideTransaction: Bool { sqlite3_get_autocommit(handle) != 0 }

    /// The rowid of the newest row that this connection inserted.
    package var lastInsertedNumber: Int64 { sqlite3_last_insert_rowid(handle) }

    /// How many rows the last statement changed.
    var changedRowCount: Int64 { sqlite3_changes64(handle) }

    /// The first column of the first row, as text.
    package func singleText(_ text: String) throws(SQLiteError) -> String? {
        let statement = try prepare(text)
        defer { statement.finalize() }
        return try statement.step() ? statement.text(0) : nil
    }

    func error(in statement: String) -> SQLiteError {
        let error = SQLiteError(
            extendedCode: sqlite3_extended_errcode(handle), message: String(cString: sqlite3_errmsg(handle)),
            statement: statement)
        return hasReachedQuota(error)
            ? SQLiteError(
                extendedCode: SQLITE_FULL, message: "a quota is reached", statement: statement) : error
    }

    /// Which is a full disk. SQLite knows only ENOSPC as one.
    private func hasReachedQuota(_ error: SQLiteError) -> Bool {
        // A checkpoint writes to the database, and all else to the WAL.
        error.extendedCode == Int32(CSQLITE_IOERR_WRITE)
            && csqlite_write_errno(handle, error.statement == Self.checkpointName ? 0 : 1) == EDQUOT
    }

    /// What stands for a statement in an error of a checkpoint.
    static let checkpointName = "checkpoint"
}

@available(*, unavailable, message: "a connection belongs to one thread")
extension SQLiteConnection: Sendable {}
