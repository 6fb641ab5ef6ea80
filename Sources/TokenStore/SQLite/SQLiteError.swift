import CSQLite

/// What SQLite answered instead of a result. See sqlite.org/rescode.html.
package struct SQLiteError: Error, Equatable {
    /// The extended result code, such as SQLITE_IOERR_FSYNC.
    package let extendedCode: Int32
    package let message: String
    /// The statement, whose text never holds a value: values are bound.
    package let statement: String

    /// The result code without its extension, such as SQLITE_IOERR.
    package var code: Int32 { extendedCode & 0xff }

    package init(extendedCode: Int32, message: String, statement: String) {
        self.extendedCode = extendedCode
        self.message = message
        self.statement = statement
    }

    /// The disk is full or a quota is reached: it may pass, and nothing was lost.
    package var isFull: Bool { code == SQLITE_FULL }

    /// Another process has the database open: inside of this one nobody waits so long.
    package var isInUse: Bool { code == SQLITE_BUSY }

    /// The file is no database, or not a whole one.
    package var isOfTheFile: Bool { code == SQLITE_CORRUPT || code == SQLITE_NOTADB }

    /// A unique index or primary key refused the row.
    package var isUniqueViolation: Bool {
        extendedCode == Int32(CSQLITE_CONSTRAINT_UNIQUE) || extendedCode == Int32(CSQLITE_CONSTRAINT_PRIMARYKEY)
    }
}

extension SQLiteError: CustomStringConvertible {
    private static let statementCharacterCountMax = 400

    package var description: String {
        let name = String(cString: sqlite3_errstr(extendedCode))
        let beginning = statement.prefix(Self.statementCharacterCountMax)
        let context = statement.isEmpty ? "" : " in: \(beginning)\(beginning.count < statement.count ? "…" : "")"
        return "SQLite \(extendedCode) \(name): \(message)\(context)"
    }
}
