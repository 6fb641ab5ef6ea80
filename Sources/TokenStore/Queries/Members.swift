import TokenCore

/// Which members a list shows.
package struct MemberFilter: Sendable, Equatable {
    package var role = ""
    package var isSuspended: Bool?
    package var userID = ""

    package init() {}

    func admits(_ member: MemberRecord) -> Bool {
        if let isSuspended, member.isSuspended != isSuspended { return false }
        return (role.isEmpty || member.role == role) && (userID.isEmpty || member.userID == userID)
    }
}

extension StoreReader {
    /// One page of the workspace's members.
    package func members(
        visibleTo caller: Caller, matching filter: MemberFilter, below: Int64, pageSize: Int,
        rowCountMax: Int = ListLimits.rowCountMax
    ) throws(ChangeFailure) -> ListPage<MemberRecord> {
        var page = PageBuilder<MemberRecord>(pageSize: pageSize, rowCountMax: rowCountMax)
        try forEachMember(visibleTo: caller, filter, below: below) { member in
            page.take(member, number: member.number, isAdmitted: filter.admits(member))
        }
        return page.finished
    }

    /// How many members there are, up to `rowCountMax`, without a look at any.
    package func memberCount(visibleTo caller: Caller) throws(ChangeFailure) -> Int {
        try caller.checkMembership()
        return try sqlite { () throws(SQLiteError) in
            try connection.principalCount(ofWorkspace: caller.principal.workspaceNumber, kind: .personal)
        }
    }

    private func forEachMember(
        visibleTo caller: Caller, _ filter: MemberFilter, below: Int64, _ body: (MemberRecord) -> Bool
    ) throws(ChangeFailure) {
        try caller.checkMembership()
        let workspace = caller.principal.workspaceNumber
        try sqlite { () throws(SQLiteError) in
            if filter.userID.isEmpty {
                return try connection.forEachMember(ofWorkspace: workspace, below: below, body)
            }
            // One user is a page of one, without a walk to it.
            guard let member = try connection.member(filter.userID, workspace: workspace), member.number < below else {
                return
            }
            _ = body(member)
        }
    }
}

extension SQLiteConnection {
    private static let memberSelection = """
        SELECT principal.number, principal.workspace, workspace.id, principal.id, principal.role, principal.is_paused,
            principal.started_at, principal.updated_at
        FROM principal
        JOIN workspace ON workspace.number = principal.workspace
        WHERE principal.workspace = ?1 AND principal.kind = 1 AND principal.ended_at IS NULL
        """
    private static let memberByUser = memberSelection + " AND principal.id = ?2"
    private static let membersBefore = memberSelection + " AND principal.number < ?2 ORDER BY principal.number DESC"

    /// The membership of a user that has not ended.
    func member(_ userID: String, workspace: Int64) throws(SQLiteError) -> MemberRecord? {
        let statement = try statement(Self.memberByUser)
        statement.bind(1, workspace)
        statement.bind(2, userID)
        guard try statement.step() else { return nil }
        defer { statement.reset() }
        return statement.member()
    }

    /// Gives `body` the members numbered below `number`, newest first, until it returns false.
    func forEachMember(
        ofWorkspace workspace: Int64, below number: Int64, _ body: (MemberRecord) -> Bool
    ) throws(SQLiteError) {
        let statement = try statement(Self.membersBefore)
        statement.bind(1, workspace)
        statement.bind(2, number)
        defer { statement.reset() }
        while try statement.step() {
            if !body(statement.member()) { return }
        }
    }

    /// Whether the workspace has an active tenant administrator beside this member.
    func hasTenantAdmin(beside number: Int64, workspace: Int64) throws(SQLiteError) -> Bool {
        let statement = try statement(
            """
            SELECT 1 FROM principal WHERE workspace = ?1 AND role = ?2 AND is_paused = 0 AND kind = 1
                AND ended_at IS NULL AND number <> ?3 LIMIT 1
            """)
        statement.bind(1, workspace)
        statement.bind(2, Roles.tenantAdmin)
        statement.bind(3, number)
        defer { statement.reset() }
        return try statement.step()
    }
}

extension SQLiteStatement {
    fileprivate func member() -> MemberRecord {
        MemberRecord(
            number: integer(0), workspaceNumber: integer(1), workspaceID: text(2), userID: text(3), role: text(4),
            isSuspended: bool(5), joinedAt: instant(6), updatedAt: optionalInstant(7))
    }
}
