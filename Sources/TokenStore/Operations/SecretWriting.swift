package import TokenCore

/// The secret an operation would put in force: its digest and hint. The secret itself never comes here.
package struct SecretDraft: Sendable {
    package let digest: Digest
    package let hint: String

    package init(digest: Digest, hint: String) {
        self.digest = digest
        self.hint = hint
    }
}

extension Instant {
    /// When a secret dies that is killed now: long ago, so that no clock set back can make it live again.
    package static let deadAtOnce = Instant.epoch
}

extension WriteTransaction {
    /// Writes a new token and its secret, and returns its number. It gets a new id unless one is given.
    func insertToken(
        id: String? = nil, principal: Int64, name: String, scopes: ScopeSet, expiresAt: Instant?, secret: SecretDraft,
        createdBy: String, isImported: Bool = false
    ) throws(ChangeFailure) -> Int64 {
        try run(
            """
            INSERT INTO token (id, principal, name, scopes, hint, created_at, created_by, expires_at)
            VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)
            """
        ) { statement in
            statement.bind(1, id ?? newID(.token))
            statement.bind(2, principal)
            statement.bind(3, name)
            statement.bind(4, scopes.text)
            statement.bind(5, secret.hint)
            statement.bind(6, now)
            statement.bind(7, createdBy)
            statement.bind(8, expiresAt)
        }
        let number = connection.lastInsertedNumber
        try run("UPDATE principal SET live_token_count = live_token_count + 1 WHERE number = ?1") { statement in
            statement.bind(1, principal)
        }
        try insertCurrentSecret(secret.digest, ofToken: number, isImported: isImported)
        return number
    }

    func insertCurrentSecret(
        _ digest: Digest, ofToken number: Int64, isImported: Bool = false
    ) throws(ChangeFailure) {
        try run("INSERT INTO secret (digest, token, is_imported) VALUES (?1, ?2, ?3)") { statement in
            statement.bind(1, digest)
            statement.bind(2, number)
            statement.bind(3, isImported)
        }
    }

    /// From `instant` on, the token's current secret no longer verifies.
    func supersedeCurrentSecret(ofToken number: Int64, at instant: Instant) throws(ChangeFailure) {
        try touchSecrets(ofToken: number)
        try run("UPDATE secret SET dies_at = ?2 WHERE token = ?1 AND dies_at IS NULL") { statement in
            statement.bind(1, number)
            statement.bind(2, instant)
        }
    }

    /// Ends now whatever overlap of the token still runs, by the latest time that is believed: one that is over by a clock that
    /// is ahead would go on.
    func endOverlap(ofToken number: Int64) throws(ChangeFailure) {
        try touchSecrets(ofToken: number)
        try run("UPDATE secret SET dies_at = ?3 WHERE token = ?1 AND dies_at > ?2") { statement in
            statement.bind(1, number)
            statement.bind(2, believedNow)
            statement.bind(3, Instant.deadAtOnce)
        }
    }

    /// Ends the token for good and frees its name.
    func revoke(tokenNumber number: Int64) throws(ChangeFailure) {
        try touchSecrets(ofToken: number)
        try end(tokenNumber: number)
        try run("UPDATE token SET revoked_at = ?2 WHERE number = ?1") { statement in
            statement.bind(1, number)
            statement.bind(2, now)
        }
    }

    /// Frees the token's name, if it still has it.
    func end(tokenNumber number: Int64) throws(ChangeFailure) {
        try run(
            """
            UPDATE principal SET live_token_count = live_token_count - 1
            WHERE number = (SELECT principal FROM token WHERE number = ?1 AND ended_at IS NULL)
            """
        ) { statement in
            statement.bind(1, number)
        }
        try run("UPDATE token SET ended_at = ?2 WHERE number = ?1 AND ended_at IS NULL") { statement in
            statement.bind(1, number)
            statement.bind(2, now)
        }
    }
}
