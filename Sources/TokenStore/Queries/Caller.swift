package import TokenCore

/// For whom a call is made, found out from the store at the moment it is judged.
package struct Caller: Sendable {
    package let principal: PrincipalRecord
    /// The bearer token; none for a user whom a trusted peer names.
    package let bearer: Credential?
    package let power: Power

    /// Whether the caller may see the token at all. A personal token is its user's, and its workspace's administrators'.
    func mayManage(_ token: TokenRecord) -> Bool {
        token.workspaceID == principal.workspaceID && token.kind == .personal
            && (owns(token) || Power.administration.missing(from: power.scopes).isEmpty)
    }

    func owns(_ token: TokenRecord) -> Bool { token.principalNumber == principal.number }

    /// What every method for service accounts needs, whichever account it names: so the refusal tells of none. And seeing
    /// other members' tokens.
    package func checkAdministration() throws(ChangeFailure) { try checkHolds(Power.administration) }

    /// What putting and listing members needs.
    package func checkMembership() throws(ChangeFailure) { try checkHolds(Power.membership) }

    /// What removing members needs.
    package func checkRemoval() throws(ChangeFailure) { try checkHolds(Power.removal) }

    /// What reading the audit needs.
    package func checkAuditReading() throws(ChangeFailure) { try checkHolds(Power.auditReading) }

    private func checkHolds(_ scopes: ScopeSet) throws(ChangeFailure) {
        try allowing { () throws(Denial) in try power.checkHolds(scopes) }
    }
}

extension SQLiteConnection {
    /// Finds the caller of a claim that names one, as it is `now`.
    func caller(
        _ claim: CallerClaim, now: Instant, _ rules: AccessRules, within reach: WorkspaceReach
    ) throws(ChangeFailure) -> Caller {
        switch claim {
        case .bearer(let digest):
            return try bearer(digest, now: now, rules, within: reach)
        case .delegated(let userID, let workspaceID):
            return try delegated(userID: userID, workspaceID: workspaceID, rules)
        case .host, .none:
            throw .refused(
                Refusal(
                    .unauthorized,
                    "this call is made for a user: present a bearer token, or name the user and workspace"))
        }
    }

    /// A token of a workspace that the peer does not reach is as good as none.
    private func bearer(
        _ digest: Digest, now: Instant, _ rules: AccessRules, within reach: WorkspaceReach
    ) throws(ChangeFailure) -> Caller {
        let found = try sqlite { () throws(SQLiteError) in try credential(digest, rules) }
        guard let found, reach.covers(found.facts.workspaceID),
            found.facts.judge(requestedWorkspace: nil, now: now, holdsRequired: { _ in true }) == .valid
        else { throw .refused(.unauthorized) }
        return Caller(
            principal: found.principal, bearer: found,
            power: Power(
                isServiceAccount: found.kind == .serviceAccount, scopes: found.facts.scopes,
                recordedScopes: found.recordedScopes, expiresAt: found.facts.diesAt))
    }

    private func delegated(
        userID: String, workspaceID: String, _ rules: AccessRules
    ) throws(ChangeFailure) -> Caller {
        let member = try sqlite { () throws(SQLiteError) in
            try liveMember(userID: userID, workspaceID: workspaceID)
        }
        guard let member, !member.isPaused else {
            throw .refused(Refusal(.unauthorized, "the user named is no active member of an active workspace"))
        }
        let scopes = rules.roles.grants(member.record.role ?? "")
        return Caller(
            principal: member.record, bearer: nil,
            power: Power(isServiceAccount: false, scopes: scopes, recordedScopes: nil, expiresAt: nil))
    }

    /// The membership of a user that has not ended; paused when the member or the workspace is suspended.
    func liveMember(
        userID: String, workspaceID: String
    ) throws(SQLiteError) -> (record: PrincipalRecord, isPaused: Bool)? {
        let statement = try statement(
            """
            SELECT principal.number, workspace.number, principal.role,
                principal.is_paused OR workspace.state <> 1
            FROM workspace
            JOIN principal ON principal.workspace = workspace.number AND principal.kind = 1
                AND principal.id = ?2 AND principal.ended_at IS NULL
            WHERE workspace.id = ?1
            """)
        statement.bind(1, workspaceID)
        statement.bind(2, userID)
        guard try statement.step() else { return nil }
        defer { statement.reset() }
        let record = PrincipalRecord(
            number: statement.integer(0), workspaceNumber: statement.integer(1), workspaceID: workspaceID,
            kind: .personal, id: userID, role: statement.optionalText(2))
        return (record, statement.bool(3))
    }
}
