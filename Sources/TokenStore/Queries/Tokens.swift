import TokenCore

extension SQLiteConnection {
    private static let tokenSelection = """
        SELECT token.number, token.id, token.principal, principal.kind, workspace.id, principal.id, token.name,
            token.scopes, token.hint, token.created_at, token.created_by, token.expires_at, token.rolled_at,
            coalesce(token.revoked_at, principal.ended_at, workspace.ended_at), \(UseBlock.timeOfToken),
            principal.is_paused OR workspace.state <> 1, token.ended_at IS NOT NULL
        FROM token
        JOIN principal ON principal.number = token.principal
        JOIN workspace ON workspace.number = principal.workspace
        \(UseBlock.join)
        """
    private static let tokenByID = tokenSelection + " WHERE token.id = ?1"
    private static let tokenByNumber = tokenSelection + " WHERE token.number = ?1"
    private static let tokenByLiveName =
        tokenSelection + " WHERE token.principal = ?1 AND token.name = ?2 AND token.ended_at IS NULL"
    private static let tokensBefore =
        tokenSelection + " WHERE token.principal = ?1 AND token.number < ?2 ORDER BY token.number DESC"

    func token(id: String) throws(SQLiteError) -> TokenRecord? {
        let statement = try statement(Self.tokenByID)
        statement.bind(1, id)
        return try statement.onlyToken()
    }

    func token(number: Int64) throws(SQLiteError) -> TokenRecord? {
        let statement = try statement(Self.tokenByNumber)
        statement.bind(1, number)
        return try statement.onlyToken()
    }

    /// The token that holds a name among the principal's: live, or expired with nothing put in its place.
    func token(named name: String, ofPrincipal principal: Int64) throws(SQLiteError) -> TokenRecord? {
        let statement = try statement(Self.tokenByLiveName)
        statement.bind(1, principal)
        statement.bind(2, name)
        return try statement.onlyToken()
    }

    /// Whether a token of the principal has the name and has not ended.
    func isNameTaken(_ name: String, ofPrincipal principal: Int64) throws(SQLiteError) -> Bool {
        let statement = try statement(
            "SELECT 1 FROM token WHERE principal = ?1 AND name = ?2 AND ended_at IS NULL")
        statement.bind(1, principal)
        statement.bind(2, name)
        defer { statement.reset() }
        return try statement.step()
    }

    /// How many tokens the principal has, up to `rowCountMax`: entries of an index are counted, and no row is read.
    func tokenCount(ofPrincipal principal: Int64) throws(SQLiteError) -> Int {
        let statement = try statement("SELECT count(*) FROM (SELECT 1 FROM token WHERE principal = ?1 LIMIT ?2)")
        statement.bind(1, principal)
        statement.bind(2, Int64(ListLimits.rowCountMax))
        defer { statement.reset() }
        return try statement.step() ? Int(statement.integer(0)) : 0
    }

    /// Gives `body` the tokens numbered below `number`, newest first, until it returns false.
    func forEachToken(
        ofPrincipal principal: Int64, below number: Int64, _ body: (TokenRecord) -> Bool
    ) throws(SQLiteError) {
        let statement = try statement(Self.tokensBefore)
        statement.bind(1, principal)
        statement.bind(2, number)
        defer { statement.reset() }
        while try statement.step() {
            if !body(statement.token()) { return }
        }
    }
}

extension SQLiteStatement {
    fileprivate func onlyToken() throws(SQLiteError) -> TokenRecord? {
        guard try step() else { return nil }
        defer { reset() }
        return token()
    }

    fileprivate func token() -> TokenRecord {
        TokenRecord(
            number: integer(0), id: text(1), principalNumber: integer(2), kind: TokenKind(stored: integer(3)),
            workspaceID: text(4), ownerID: text(5), name: text(6), scopes: ScopeSet(text: text(7)) ?? ScopeSet(),
            hint: text(8), createdAt: instant(9), createdBy: text(10), expiresAt: optionalInstant(11),
            rolledAt: optionalInstant(12), revokedAt: optionalInstant(13), lastUsedAt: UseBlock.instant(self, 14),
            isPaused: bool(15), hasEnded: bool(16))
    }
}
