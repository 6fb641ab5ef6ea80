/// How much there is in the store, for whoever operates it.
package struct StoreFigures: Sendable {
    package let tokenCount: Int64
    package let workspaceCount: Int64
}

extension StoreReader {
    package func figures() throws(SQLiteError) -> StoreFigures {
        let statement = try connection.statement(
            """
            SELECT (SELECT count(*) FROM token WHERE ended_at IS NULL), (SELECT count(*) FROM workspace WHERE state <> 3)
            """)
        defer { statement.reset() }
        _ = try statement.step()
        return StoreFigures(tokenCount: statement.integer(0), workspaceCount: statement.integer(1))
    }

    /// Runs what only SQLite can refuse.
    func sqlite<Value>(_ body: () throws(SQLiteError) -> Value) throws(ChangeFailure) -> Value {
        do throws(SQLiteError) {
            return try body()
        } catch {
            throw .sqlite(error)
        }
    }
}
