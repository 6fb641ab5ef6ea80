package import TokenCore

/// What a secret is good for: the facts that decide a verification, and what an answer tells of its token.
package struct Credential: Sendable {
    package let facts: VerificationFacts
    package let tokenNumber: Int64
    package let tokenID: String
    package let tokenName: String
    package let kind: TokenKind
    /// What the token was given; the facts hold what of it is effective.
    package let recordedScopes: ScopeSet
    package let principal: PrincipalRecord
    /// This is the token's current secret, not one that an overlap keeps alive.
    package let isCurrent: Bool
    /// Another system made the token.
    package let isImported: Bool
}

extension Credential {
    /// The point read behind a verification: one statement, and so one snapshot.
    static let selection = """
        SELECT secret.dies_at, token.number, token.id, token.name, token.scopes, token.expires_at,
            token.revoked_at IS NOT NULL, principal.ended_at IS NOT NULL, principal.is_paused,
            principal.number, principal.kind, principal.id, principal.role,
            workspace.number, workspace.id, workspace.state, token.ended_at IS NOT NULL, secret.is_imported
        FROM secret
        JOIN token ON token.number = secret.token
        JOIN principal ON principal.number = token.principal
        JOIN workspace ON workspace.number = principal.workspace
        WHERE secret.number = ?1 AND secret.digest = ?2
        """
}

extension SQLiteConnection {
    /// What the secret is good for, whether it lives or not.
    func credential(_ digest: Digest, _ rules: AccessRules) throws(SQLiteError) -> Credential? {
        let statement = try statement(Credential.selection)
        statement.bind(1, digest.secretNumber)
        statement.bind(2, digest)
        guard try statement.step() else { return nil }
        defer { statement.reset() }
        let principal = PrincipalRecord(
            number: statement.integer(9), workspaceNumber: statement.integer(13), workspaceID: statement.text(14),
            kind: TokenKind(stored: statement.integer(10)), id: statement.text(11),
            role: statement.optionalText(12))
        let recorded = ScopeSet(text: statement.text(4)) ?? ScopeSet()
        let workspaceState = statement.integer(15)
        var facts = VerificationFacts(workspaceID: principal.workspaceID, principalID: principal.id)
        facts.isTokenEnded = statement.bool(6)
        facts.isParentEnded = statement.bool(7) || workspaceState == WorkspaceState.ended.rawValue
        facts.supersededAt = statement.optionalInstant(0)
        facts.expiresAt = statement.optionalInstant(5)
        facts.hasExpiredForGood = statement.bool(16) && !facts.isTokenEnded
        let isPaused = statement.bool(8)
        facts.isDisabled = isPaused && principal.kind == .serviceAccount
        facts.isSuspended =
            isPaused && principal.kind == .personal || workspaceState == WorkspaceState.suspended.rawValue
        facts.scopes = rules.effectiveScopes(recorded: recorded, role: principal.role)
        return Credential(
            facts: facts, tokenNumber: statement.integer(1), tokenID: statement.text(2), tokenName: statement.text(3),
            kind: principal.kind, recordedScopes: recorded, principal: principal,
            isCurrent: facts.supersededAt == nil, isImported: statement.bool(17))
    }
}

extension TokenKind {
    /// As the principal table has it; its CHECK allows no other number.
    init(stored: Int64) {
        self = stored == Int64(TokenKind.serviceAccount.rawValue) ? .serviceAccount : .personal
    }
}
