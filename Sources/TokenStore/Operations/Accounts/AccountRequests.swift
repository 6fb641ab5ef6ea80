import TokenCore

/// The memory of requests that made accounts. That of those that made or rolled tokens is in RequestID.swift.
extension WriteTransaction {
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
