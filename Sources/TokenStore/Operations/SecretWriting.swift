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

/// What the row of a secret tells of its token: the same as the token's row.
struct TokenOfSecret {
    let number: Int64
    let principal: Int64
    let id: String
    let name: String
    let scopes: ScopeSet
    let expiresAt: Instant?
}

extension TokenOfSecret {
    init(_ token: TokenRecord) {
        self.init(
            number: token.number, principal: token.principalNumber, id: token.id, name: token.name,
            scopes: token.scopes, expiresAt: token.expiresAt)
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
        let id = id ?? newID(.token)
        try run(
            """
            INSERT INTO token (id, principal, name, scopes, hint, created_at, created_by, expires_at)
            VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)
            """
        ) { statement in
            statement.bind(1, id)
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
        try insertCurrentSecret(
            secret.digest,
            of: TokenOfSecret(
                number: number, principal: principal, id: id, name: name, scopes: scopes, expiresAt: expiresAt),
            isImported: isImported)
        return number
    }

    func insertCurrentSecret(
        _ digest: Digest, of token: TokenOfSecret, isImported: Bool = false
    ) throws(ChangeFailure) {
        try run(
            """
            INSERT INTO secret (number, digest, token, is_imported, principal, token_id, name, scopes, expires_at)
            VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)
            """
        ) { statement in
            statement.bind(1, digest.secretNumber)
            statement.bind(2, digest)
            statement.bind(3, token.number)
            statement.bind(4, isImported)
            statement.bind(5, token.principal)
            statement.bind(6, token.id)
            statement.bind(7, token.name)
            statement.bind(8, token.scopes.text)
            statement.bind(9, token.expiresAt)
        }
    }

    /// From `instant` on, the token's current secret no longer verifies.
    func supersedeCurrentSecret(ofToken number: Int64, at instant: Instant) throws(ChangeFailure) {
        try touchSecrets(ofToken: number)
        if instant == .deadAtOnce { return try kill(.current, ofToken: number) }
        try run("UPDATE secret SET dies_at = ?2 WHERE token = ?1 AND dies_at IS NULL") { statement in
            statement.bind(1, number)
            statement.bind(2, instant)
        }
    }

    /// Ends now whatever overlap the token has had: one that is over by a clock that is ahead would go on.
    func endOverlap(ofToken number: Int64) throws(ChangeFailure) {
        try touchSecrets(ofToken: number)
        try kill(.superseded, ofToken: number)
    }

    /// Which of a token's secrets may verify: as `secret_current` and `secret_superseded` find them.
    private enum SecretRole: String {
        case current = "dies_at IS NULL"
        case superseded = "dies_at > 0"
    }

    /// Sets to nothing what a secret's row tells of its token.
    static let forgettingToken =
        "principal = NULL, token_id = NULL, name = NULL, scopes = NULL, expires_at = NULL"

    private func kill(_ role: SecretRole, ofToken number: Int64) throws(ChangeFailure) {
        try run(
            """
            UPDATE secret SET dies_at = ?2, \(Self.forgettingToken) WHERE token = ?1 AND \(role.rawValue)
            """
        ) { statement in
            statement.bind(1, number)
            statement.bind(2, Instant.deadAtOnce)
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
        for role in [SecretRole.current, .superseded] {
            try run(
                "UPDATE secret SET \(Self.forgettingToken) WHERE token = ?1 AND \(role.rawValue)"
            ) { $0.bind(1, number) }
        }
    }

    /// The token was made by a clock that was ahead.
    func shortenExpiry(ofToken number: Int64, to instant: Instant) throws(ChangeFailure) {
        for change in [
            "UPDATE token SET expires_at = ?2 WHERE number = ?1",
            "UPDATE secret SET expires_at = ?2 WHERE token = ?1 AND dies_at IS NULL AND principal IS NOT NULL",
            "UPDATE secret SET expires_at = ?2 WHERE token = ?1 AND dies_at > 0 AND principal IS NOT NULL",
        ] {
            try run(change) { statement in
                statement.bind(1, number)
                statement.bind(2, instant)
            }
        }
    }
}
