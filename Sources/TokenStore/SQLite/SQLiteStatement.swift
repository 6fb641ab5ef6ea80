import CSQLite
package import TokenCore

/// A prepared statement. Between two uses it is reset: a statement left in the middle of its rows would pin the snapshot
/// it reads and keep the WAL from being checkpointed.
package final class SQLiteStatement {
    private let handle: OpaquePointer
    // The connection keeps this statement, and outlives it.
    private unowned let connection: SQLiteConnection
    /// Copies of the texts and blobs that are bound for one run. SQLite would take memory for each and give it back at the
    /// next run.
    private var boundBytes = BoundBytes()

    init(_ handle: OpaquePointer, connection: SQLiteConnection) {
        self.handle = handle
        self.connection = connection
    }

    func finalize() {
        sqlite3_finalize(handle)
    }

    /// True when there is a row to read. A statement that ends or fails resets itself.
    package func step() throws(SQLiteError) -> Bool {
        let code = sqlite3_step(handle)
        if code == SQLITE_ROW { return true }
        if code == SQLITE_DONE {
            reset()
            return false
        }
        let error = connection.error(in: String(cString: sqlite3_sql(handle)))
        reset()
        throw error
    }

    /// Runs to its end a statement that returns no row.
    package func run() throws(SQLiteError) {
        while try step() {}
    }

    /// Ends the reading of rows before the last one.
    package func reset() {
        sqlite3_reset(handle)
        boundBytes.removeAll()
    }
}

// MARK: - Parameters, numbered from 1

extension SQLiteStatement {
    package func bind(_ index: Int32, _ value: Int64) {
        check(sqlite3_bind_int64(handle, index, value))
    }

    package func bind(_ index: Int32, _ value: Int64?) {
        if let value { bind(index, value) } else { bindNull(index) }
    }

    package func bind(_ index: Int32, _ value: Bool) {
        bind(index, value ? 1 : 0 as Int64)
    }

    package func bind(_ index: Int32, _ instant: Instant?) {
        bind(index, instant?.microseconds)
    }

    package func bind(_ index: Int32, _ text: String) {
        var text = text
        text.withUTF8 { bind(index, UnsafeRawBufferPointer($0), as: .text) }
    }

    package func bind(_ index: Int32, _ blob: [UInt8]) {
        blob.withUnsafeBytes { bind(index, $0, as: .blob) }
    }

    package func bind(_ index: Int32, _ digest: Digest) {
        digest.withUnsafeBytes { bind(index, $0, as: .blob) }
    }

    private enum Kind {
        case text
        case blob
    }

    /// Every parameter is bound anew for each run: what an earlier one was bound to is gone.
    private func bind(_ index: Int32, _ bytes: UnsafeRawBufferPointer, as kind: Kind) {
        let copy = boundBytes.copy(bytes)
        let start = copy ?? bytes.baseAddress
        // A copy stays where it is until the statement is reset; what has none, SQLite copies.
        let destructor = copy == nil ? csqlite_transient() : nil
        let count = UInt64(bytes.count)
        switch kind {
        case .text:
            let text = start?.assumingMemoryBound(to: CChar.self)
            check(sqlite3_bind_text64(handle, index, text, count, destructor, UInt8(SQLITE_UTF8)))
        case .blob:
            check(sqlite3_bind_blob64(handle, index, start, count, destructor))
        }
    }

    /// Binds bytes without a copy. They have to stay where they are until the statement is reset, and are not looked at
    /// behind that.
    func bindBorrowed(_ index: Int32, _ blob: UnsafeRawBufferPointer) {
        // No destructor: SQLITE_STATIC.
        check(sqlite3_bind_blob64(handle, index, blob.baseAddress, UInt64(blob.count), nil))
    }

    package func bindNull(_ index: Int32) {
        check(sqlite3_bind_null(handle, index))
    }

    /// A bind fails only for an index the statement lacks, a statement not reset, or no memory: our error, not a peer's.
    private func check(_ code: Int32) {
        precondition(code == SQLITE_OK, "bind: \(String(cString: sqlite3_errstr(code)))")
    }
}

// MARK: - Columns of the current row, numbered from 0

extension SQLiteStatement {
    package func integer(_ column: Int32) -> Int64 {
        sqlite3_column_int64(handle, column)
    }

    package func isNull(_ column: Int32) -> Bool {
        sqlite3_column_type(handle, column) == SQLITE_NULL
    }

    package func bool(_ column: Int32) -> Bool {
        integer(column) != 0
    }

    package func instant(_ column: Int32) -> Instant {
        Instant(microseconds: integer(column))
    }

    package func optionalInstant(_ column: Int32) -> Instant? {
        isNull(column) ? nil : instant(column)
    }

    package func text(_ column: Int32) -> String {
        // Text first, then its size: the other order may convert between the two (sqlite.org/c3ref/column_blob.html).
        guard let start = sqlite3_column_text(handle, column) else { return "" }
        let count = Int(sqlite3_column_bytes(handle, column))
        return String(decoding: UnsafeBufferPointer(start: start, count: count), as: UTF8.self)
    }

    /// The bytes of a text, which are SQLite's own until the statement is stepped or reset.
    func bytes(_ column: Int32) -> UnsafeRawBufferPointer {
        // Text first, then its size, as above.
        let start = sqlite3_column_text(handle, column)
        return UnsafeRawBufferPointer(start: start, count: Int(sqlite3_column_bytes(handle, column)))
    }

    /// The bytes of a blob, which are SQLite's own until the statement is stepped or reset.
    func blobBytes(_ column: Int32) -> UnsafeRawBufferPointer {
        let start = sqlite3_column_blob(handle, column)
        return UnsafeRawBufferPointer(start: start, count: Int(sqlite3_column_bytes(handle, column)))
    }

    package func optionalText(_ column: Int32) -> String? {
        isNull(column) ? nil : text(column)
    }

    package func blob(_ column: Int32) -> [UInt8] {
        Array(blobBytes(column))
    }

    /// None when the column does not hold exactly 32 bytes.
    package func digest(_ column: Int32) -> Digest? {
        Digest(bytes: Span(_unsafeBytes: blobBytes(column)))
    }
}
