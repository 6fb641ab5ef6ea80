package import TokenCore

/// A new service account of the caller's workspace. It has no token yet, and outlives who made it.
package struct CreateServiceAccount: Operation {
    package let name: String
    package let scopes: ScopeSet
    package let request: RequestID?

    package init(name: String, scopes: ScopeSet, request: RequestID? = nil) {
        self.name = name
        self.scopes = scopes
        self.request = request
    }

    package func perform(in transaction: WriteTransaction) throws(ChangeFailure) -> ServiceAccountRecord {
        let caller = try transaction.caller()
        try caller.checkAdministration()
        try transaction.checkCatalogue(scopes)
        try allowing { () throws(Denial) in try caller.power.checkAccount(scopes: scopes) }
        if let request, let account = try transaction.accountMade(by: request, fingerprint, caller) { return account }
        try transaction.checkAccountName(name, workspace: caller.principal.workspaceNumber)
        try insert(caller, transaction)
        let account = try transaction.writtenAccount(transaction.connection.lastInsertedNumber)
        if let request { try transaction.remember(request, fingerprint, account: account.number, by: caller) }
        try transaction.record(
            "service_account.created", target: account.id, by: caller,
            [.init("name", name), .init("scopes", scopes.text)])
        return account
    }

    private func insert(_ caller: Caller, _ transaction: WriteTransaction) throws(ChangeFailure) {
        try transaction.run(
            """
            INSERT INTO principal (workspace, kind, id, name, scopes, created_by, started_at)
            VALUES (?1, 2, ?2, ?3, ?4, ?5, ?6)
            """
        ) { statement in
            statement.bind(1, caller.principal.workspaceNumber)
            statement.bind(2, transaction.newID(.serviceAccount))
            statement.bind(3, name)
            statement.bind(4, scopes.text)
            statement.bind(5, caller.principal.id)
            statement.bind(6, transaction.now)
        }
    }

    private var fingerprint: Digest {
        RequestID.fingerprint("CreateServiceAccount", [name, scopes.text])
    }
}

extension WriteTransaction {
    /// The service account an operation was asked to act on, if the caller may see it.
    func visibleAccount(id: String, to caller: Caller) throws(ChangeFailure) -> ServiceAccountRecord {
        try caller.checkAdministration()
        return try account(id: id, inWorkspaceOf: caller)
    }

    func account(id: String, inWorkspaceOf caller: Caller) throws(ChangeFailure) -> ServiceAccountRecord {
        let account = try sqlite { () throws(SQLiteError) in
            try connection.account(id: id, workspace: caller.principal.workspaceNumber)
        }
        guard let account else { throw .refused(.notFound("service account")) }
        return account
    }

    func checkAccountName(_ name: String, workspace: Int64) throws(ChangeFailure) {
        let namesake = try sqlite { () throws(SQLiteError) in
            try connection.account(named: name, workspace: workspace)
        }
        if let namesake {
            throw .refused(
                Refusal(
                    .conflict, "the service account \(namesake.id) has this name; delete it, or choose another name",
                    metadata: ["service_account_id": namesake.id]))
        }
    }

    /// The account that an operation has just written; it must be there.
    func writtenAccount(_ number: Int64) throws(ChangeFailure) -> ServiceAccountRecord {
        guard let account = try sqlite({ () throws(SQLiteError) in try connection.account(number: number) }) else {
            throw .refused(Refusal(.internalError, "the service account just written is not there"))
        }
        return account
    }

    /// The account that the same request of the same caller made within a day, as it is now. An account holds no secret, so
    /// it is given again as often as it is asked for.
    func accountMade(
        by request: RequestID, _ fingerprint: Digest, _ caller: Caller
    ) throws(ChangeFailure) -> ServiceAccountRecord? {
        let found = try sqlite { () throws(SQLiteError) -> (id: String, account: Int64, isSame: Bool)? in
            let statement = try connection.statement(
                """
                SELECT principal.id, account_request.account, account_request.fingerprint
                FROM account_request JOIN principal ON principal.number = account_request.account
                WHERE account_request.principal = ?1 AND account_request.id = ?2 AND account_request.at > ?3
                """)
            statement.bind(1, caller.principal.number)
            statement.bind(2, request.text)
            statement.bind(3, now.adding(seconds: -RequestID.rememberedSeconds))
            guard try statement.step() else { return nil }
            defer { statement.reset() }
            return (statement.text(0), statement.integer(1), statement.digest(2) == fingerprint)
        }
        guard let found else { return nil }
        let account = try sqlite { () throws(SQLiteError) in try connection.account(number: found.account) }
        guard let account, found.isSame else {
            throw .refused(
                Refusal(
                    .conflict, "this request_id was already used for the service account \(found.id); make a new one",
                    metadata: ["service_account_id": found.id]))
        }
        return account
    }

    func remember(
        _ request: RequestID, _ fingerprint: Digest, account: Int64, by caller: Caller
    ) throws(ChangeFailure) {
        // As with tokens: what has been forgotten goes here, a few rows at each request.
        try run(
            """
            DELETE FROM account_request WHERE (principal, id) IN
                (SELECT principal, id FROM account_request WHERE at <= ?1 ORDER BY at LIMIT 16)
                OR (principal = ?2 AND id = ?3)
            """
        ) { statement in
            statement.bind(1, now.adding(seconds: -RequestID.rememberedSeconds))
            statement.bind(2, caller.principal.number)
            statement.bind(3, request.text)
        }
        try run("INSERT INTO account_request (principal, id, fingerprint, account, at) VALUES (?1, ?2, ?3, ?4, ?5)") {
            statement in
            statement.bind(1, caller.principal.number)
            statement.bind(2, request.text)
            statement.bind(3, fingerprint)
            statement.bind(4, account)
            statement.bind(5, now)
        }
    }
}
