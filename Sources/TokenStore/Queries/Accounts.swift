package import TokenCore

/// Which service accounts a list shows.
package struct AccountFilter: Sendable, Equatable {
    package var namePrefix = ""
    package var scope: Scope?
    package var isDisabled: Bool?

    package init() {}

    func admits(_ account: ServiceAccountRecord) -> Bool {
        if let scope, !account.scopes.contains(scope) { return false }
        if let isDisabled, account.isDisabled != isDisabled { return false }
        return account.name.utf8.starts(with: namePrefix.utf8)
    }
}

extension StoreReader {
    /// The service account with this id in the caller's workspace.
    package func account(id: String, visibleTo caller: Caller) throws(ChangeFailure) -> ServiceAccountRecord {
        try caller.checkAdministration()
        let account = try sqlite { () throws(SQLiteError) in
            try connection.account(id: id, workspace: caller.principal.workspaceNumber)
        }
        guard let account else { throw .refused(.notFound("service account")) }
        return account
    }

    /// One page of the workspace's accounts that have not been deleted.
    package func accounts(
        visibleTo caller: Caller, matching filter: AccountFilter, below: Int64, pageSize: Int,
        rowCountMax: Int = ListLimits.rowCountMax
    ) throws(ChangeFailure) -> ListPage<ServiceAccountRecord> {
        try caller.checkAdministration()
        var page = PageBuilder<ServiceAccountRecord>(pageSize: pageSize, rowCountMax: rowCountMax)
        try sqlite { () throws(SQLiteError) in
            try connection.forEachAccount(ofWorkspace: caller.principal.workspaceNumber, below: below) { account in
                page.take(account, number: account.number, isAdmitted: filter.admits(account))
            }
        }
        return page.finished
    }

    /// How many accounts there are, up to `rowCountMax`, without a look at any.
    package func accountCount(visibleTo caller: Caller) throws(ChangeFailure) -> Int {
        try caller.checkAdministration()
        return try sqlite { () throws(SQLiteError) in
            try connection.principalCount(ofWorkspace: caller.principal.workspaceNumber, kind: .serviceAccount)
        }
    }
}

extension SQLiteConnection {
    private static let accountSelection = """
        SELECT principal.number, principal.workspace, workspace.id, principal.id, principal.name, principal.scopes,
            principal.issued_scopes, principal.is_paused, principal.started_at, principal.created_by,
            principal.updated_at
        FROM principal
        JOIN workspace ON workspace.number = principal.workspace
        """
    private static let accountByID =
        accountSelection
        + " WHERE principal.workspace = ?1 AND principal.kind = 2 AND principal.id = ?2 AND principal.ended_at IS NULL"
    private static let accountByName =
        accountSelection
        + " WHERE principal.workspace = ?1 AND principal.kind = 2 AND principal.name = ?2 AND principal.ended_at IS NULL"
    private static let accountByNumber =
        accountSelection + " WHERE principal.number = ?1 AND principal.kind = 2 AND principal.ended_at IS NULL"
    private static let accountsBefore =
        accountSelection
        + " WHERE principal.workspace = ?1 AND principal.kind = 2 AND principal.ended_at IS NULL"
        + " AND principal.number < ?2 ORDER BY principal.number DESC"

    func account(id: String, workspace: Int64) throws(SQLiteError) -> ServiceAccountRecord? {
        let statement = try statement(Self.accountByID)
        statement.bind(1, workspace)
        statement.bind(2, id)
        return try statement.onlyAccount()
    }

    func account(named name: String, workspace: Int64) throws(SQLiteError) -> ServiceAccountRecord? {
        let statement = try statement(Self.accountByName)
        statement.bind(1, workspace)
        statement.bind(2, name)
        return try statement.onlyAccount()
    }

    func account(number: Int64) throws(SQLiteError) -> ServiceAccountRecord? {
        let statement = try statement(Self.accountByNumber)
        statement.bind(1, number)
        return try statement.onlyAccount()
    }

    /// Gives `body` the accounts numbered below `number`, newest first, until it returns false.
    func forEachAccount(
        ofWorkspace workspace: Int64, below number: Int64, _ body: (ServiceAccountRecord) -> Bool
    ) throws(SQLiteError) {
        let statement = try statement(Self.accountsBefore)
        statement.bind(1, workspace)
        statement.bind(2, number)
        defer { statement.reset() }
        while try statement.step() {
            if !body(statement.account()) { return }
        }
    }

    /// How many members or accounts a workspace has, up to `rowCountMax`: entries of an index are counted.
    func principalCount(ofWorkspace workspace: Int64, kind: TokenKind) throws(SQLiteError) -> Int {
        let statement = try statement(
            """
            SELECT count(*) FROM
                (SELECT 1 FROM principal WHERE workspace = ?1 AND kind = ?2 AND ended_at IS NULL LIMIT ?3)
            """)
        statement.bind(1, workspace)
        statement.bind(2, Int64(kind.rawValue))
        statement.bind(3, Int64(ListLimits.rowCountMax))
        defer { statement.reset() }
        return try statement.step() ? Int(statement.integer(0)) : 0
    }
}

extension SQLiteStatement {
    fileprivate func onlyAccount() throws(SQLiteError) -> ServiceAccountRecord? {
        guard try step() else { return nil }
        defer { reset() }
        return account()
    }

    fileprivate func account() -> ServiceAccountRecord {
        ServiceAccountRecord(
            number: integer(0), workspaceNumber: integer(1), workspaceID: text(2), id: text(3), name: text(4),
            scopes: ScopeSet(text: text(5)) ?? ScopeSet(), issuedScopes: ScopeSet(text: text(6)) ?? ScopeSet(),
            isDisabled: bool(7), createdAt: instant(8), createdBy: text(9), updatedAt: optionalInstant(10))
    }
}
