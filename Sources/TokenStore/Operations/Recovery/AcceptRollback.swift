import TokenCore

/// Goes on with a store that lacks what its rollback mark names, on the word of the host's operator.
package struct AcceptRollback: Operation {
    package let rollback: Rollback
    package let tokens: Rollback.Tokens
    /// Who has accepted it.
    package let actor: String

    package init(_ rollback: Rollback, tokens: Rollback.Tokens, actor: String) {
        self.rollback = rollback
        self.tokens = tokens
        self.actor = actor
    }

    package var mayUseReserve: Bool { true }

    /// How many tokens were revoked.
    package func perform(in transaction: WriteTransaction) throws(ChangeFailure) -> Int64 {
        // Whatever a client keeps was answered by another store.
        transaction.touchAll()
        let count = tokens == .revoked ? try transaction.revokeAllTokens() : 0
        try transaction.skip(to: rollback)
        try transaction.recordOfHost(
            Rollback.action, actor: actor, rollback.metadata(tokens, endedTokenCount: count))
        return count
    }
}

extension WriteTransaction {
    /// Ends every token of the store for good; how many there were.
    func revokeAllTokens() throws(ChangeFailure) -> Int64 {
        touchAll()
        return try sqlite { () throws(SQLiteError) in try connection.revokeAllTokens(at: now) }
    }
}

extension SQLiteConnection {
    func revokeAllTokens(at now: Instant) throws(SQLiteError) -> Int64 {
        let revoking = try statement("UPDATE token SET revoked_at = ?1, ended_at = ?1 WHERE ended_at IS NULL")
        revoking.bind(1, now)
        try revoking.run()
        let count = changedRowCount
        try statement("UPDATE secret SET \(WriteTransaction.forgettingToken) WHERE principal IS NOT NULL").run()
        try statement("UPDATE principal SET live_token_count = 0 WHERE live_token_count <> 0").run()
        return count
    }
}
