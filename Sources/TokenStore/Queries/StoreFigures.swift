/// How much there is in the store, for whoever operates it.
package struct StoreFigures: Sendable {
    /// Of tokens that have not ended.
    package let tokenCount: Int64
    package let workspaceCount: Int64
}

extension StoreReader {
    /// Looks at so many tokens and workspaces at most: each is a step, which a loop does while others wait.
    package func figures(tokenCountMax: Int) throws(SQLiteError) -> StoreFigures {
        let statement = try connection.statement(
            """
            SELECT (SELECT count(*) FROM (SELECT 1 FROM token WHERE ended_at IS NULL LIMIT ?1)),
                (SELECT count(*) FROM (SELECT state FROM workspace LIMIT ?1) WHERE state <> 3)
            """)
        statement.bind(1, Int64(tokenCountMax))
        defer { statement.reset() }
        _ = try statement.step()
        return StoreFigures(tokenCount: statement.integer(0), workspaceCount: statement.integer(1))
    }
}
