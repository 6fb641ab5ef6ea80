/// As the workspace table has it, and the protocol.
package enum WorkspaceState: Int64, Sendable {
    case active = 1
    /// Its tokens rest, members' and accounts', and nobody calls for it.
    case suspended = 2
    /// Its tokens are revoked. Final.
    case ended = 3
}

extension StoreReader {
    /// One page of the host's workspaces, newest first. For the host's operator: it shows all of them.
    package func workspaces(
        state: WorkspaceState?, below: Int64, pageSize: Int, rowCountMax: Int = ListLimits.rowCountMax
    ) throws(SQLiteError) -> ListPage<WorkspaceRecord> {
        var page = PageBuilder<WorkspaceRecord>(pageSize: pageSize, rowCountMax: rowCountMax)
        try forEachWorkspace(below: below) { workspace in
            page.take(workspace, number: workspace.number, isAdmitted: state == nil || workspace.state == state)
        }
        return page.finished
    }

    /// How many there are; of many, as many as a list looks through at most.
    package func workspaceCount() throws(SQLiteError) -> Int {
        let statement = try connection.statement("SELECT count(*) FROM (SELECT 1 FROM workspace LIMIT ?1)")
        statement.bind(1, Int64(ListLimits.rowCountMax))
        defer { statement.reset() }
        return try statement.step() ? Int(statement.integer(0)) : 0
    }

    private func forEachWorkspace(below: Int64, _ body: (WorkspaceRecord) -> Bool) throws(SQLiteError) {
        let statement = try connection.statement(
            "SELECT number, id, state, created_at FROM workspace WHERE number < ?1 ORDER BY number DESC")
        statement.bind(1, below)
        defer { statement.reset() }
        while try statement.step() {
            if !body(statement.workspace()) { return }
        }
    }
}

extension SQLiteConnection {
    func workspace(id: String) throws(SQLiteError) -> WorkspaceRecord? {
        let statement = try statement("SELECT number, id, state, created_at FROM workspace WHERE id = ?1")
        statement.bind(1, id)
        guard try statement.step() else { return nil }
        defer { statement.reset() }
        return statement.workspace()
    }
}

extension SQLiteStatement {
    fileprivate func workspace() -> WorkspaceRecord {
        // The table's CHECK allows no other number; one that is there all the same opens nothing.
        WorkspaceRecord(
            number: integer(0), id: text(1), state: WorkspaceState(rawValue: integer(2)) ?? .ended,
            createdAt: instant(3))
    }
}
