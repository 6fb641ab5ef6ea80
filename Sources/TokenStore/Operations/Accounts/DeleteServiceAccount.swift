import TokenCore

/// Ends a service account and with it all its tokens: they hang on its row, which is the only one written.
package struct DeleteServiceAccount: Operation {
    package let accountID: String

    package init(accountID: String) {
        self.accountID = accountID
    }

    package var mayUseReserve: Bool { true }

    /// How many tokens ended with it that had neither been revoked nor expired.
    package func perform(in transaction: WriteTransaction) throws(ChangeFailure) -> Int64 {
        let caller = try transaction.caller()
        let account = try transaction.visibleAccount(id: accountID, to: caller)
        let tokenCount = try transaction.endPrincipal(account.number)
        try transaction.record(
            "service_account.deleted", target: account.id, by: caller,
            [.init("name", account.name), .init("ended_token_count", String(tokenCount))])
        return tokenCount
    }
}

extension WriteTransaction {
    /// Ends a membership or an account, and returns how many live tokens end with it: a number that the row holds, less
    /// those that have expired and hold only their name. Of these, no more than `rowCountMax` are counted.
    func endPrincipal(_ number: Int64) throws(ChangeFailure) -> Int64 {
        let count = try sqlite { () throws(SQLiteError) -> Int64 in
            let statement = try connection.statement(
                """
                SELECT live_token_count - (SELECT count(*) FROM (SELECT 1 FROM token
                    WHERE principal = ?1 AND ended_at IS NULL AND expires_at IS NOT NULL AND expires_at <= ?2 LIMIT ?3))
                FROM principal WHERE number = ?1
                """)
            statement.bind(1, number)
            statement.bind(2, now)
            statement.bind(3, Int64(ListLimits.rowCountMax))
            defer { statement.reset() }
            return try statement.step() ? statement.integer(0) : 0
        }
        touchAll()
        try run("UPDATE principal SET ended_at = ?2 WHERE number = ?1") { statement in
            statement.bind(1, number)
            statement.bind(2, now)
        }
        return count
    }
}
