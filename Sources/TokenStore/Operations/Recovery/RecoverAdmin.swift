import TokenCore

/// A new token for a tenant administrator who has none any more, in place of all that user's tokens of the workspace. For
/// the host's operator.
///
/// It is for who is an active tenant administrator. Only where a workspace has none left, another user becomes one.
package struct RecoverAdmin: Operation {
    package struct Outcome: Sendable {
        package let token: TokenRecord
        package let endedTokenCount: Int
        /// The user was no active tenant administrator before.
        package let isNewAdmin: Bool
    }

    package let workspaceID: String
    package let userID: String
    package let secret: SecretDraft
    package let actor: String

    package init(workspaceID: String, userID: String, secret: SecretDraft, actor: String) {
        self.workspaceID = workspaceID
        self.userID = userID
        self.secret = secret
        self.actor = actor
    }

    package func perform(in transaction: WriteTransaction) throws(ChangeFailure) -> Outcome {
        let workspace = try workspace(transaction)
        let admins = try sqlite { () throws(SQLiteError) in
            try transaction.connection.activeAdmins(ofWorkspace: workspace.number)
        }
        let isNewAdmin = !admins.contains(userID)
        if isNewAdmin {
            guard admins.isEmpty else {
                throw .refused(
                    .invalid(
                        "--admin",
                        "\(workspaceID) has tenant administrators: \(admins.joined(separator: ", ")); "
                            + "name one of them"))
            }
            try makeAdmin(workspace, transaction)
        }
        guard let member = try member(workspace, transaction) else {
            throw .refused(Refusal(.internalError, "the member just written is not there"))
        }
        let count = try endTokens(of: member, transaction)
        let number = try transaction.insertToken(
            principal: member.number, name: "recovered", scopes: transaction.rules.administratorScopes,
            expiresAt: transaction.rules.lifetimes.personalSeconds.map { transaction.now.adding(seconds: $0) },
            secret: secret, createdBy: actor)
        let token = try transaction.writtenToken(number)
        try record("token.created", target: token.id, token.creationMetadata, workspace, transaction)
        return Outcome(token: token, endedTokenCount: count, isNewAdmin: isNewAdmin)
    }

    private func workspace(_ transaction: WriteTransaction) throws(ChangeFailure) -> WorkspaceRecord {
        let found = try sqlite { () throws(SQLiteError) in
            try transaction.connection.workspace(id: workspaceID)
        }
        guard let found else { throw .refused(.invalid("--workspace", "there is no workspace \(workspaceID)")) }
        if found.state == .ended {
            throw .refused(.invalid("--workspace", "\(workspaceID) has ended, which is final; bootstrap another one"))
        }
        return found
    }

    private func member(
        _ workspace: WorkspaceRecord, _ transaction: WriteTransaction
    ) throws(ChangeFailure) -> MemberRecord? {
        try sqlite { () throws(SQLiteError) in
            try transaction.connection.member(userID, workspace: workspace.number)
        }
    }

    private func makeAdmin(_ workspace: WorkspaceRecord, _ transaction: WriteTransaction) throws(ChangeFailure) {
        transaction.touchAll()
        let role = AuditEvent.Metadata("role", Roles.tenantAdmin)
        guard let member = try member(workspace, transaction) else {
            try checkIsUserName(userID, field: "--admin")
            try transaction.run(
                """
                INSERT INTO principal (workspace, kind, id, role, created_by, started_at)
                VALUES (?1, 1, ?2, ?3, ?4, ?5)
                """
            ) { statement in
                statement.bind(1, workspace.number)
                statement.bind(2, userID)
                statement.bind(3, Roles.tenantAdmin)
                statement.bind(4, actor)
                statement.bind(5, transaction.now)
            }
            return try record("member.added", target: userID, [role], workspace, transaction)
        }
        try transaction.run("UPDATE principal SET role = ?2, is_paused = 0, updated_at = ?3 WHERE number = ?1") {
            statement in
            statement.bind(1, member.number)
            statement.bind(2, Roles.tenantAdmin)
            statement.bind(3, transaction.now)
        }
        if member.role != Roles.tenantAdmin {
            try record(
                "member.role_changed", target: userID, [role, .init("previous_role", member.role)], workspace,
                transaction)
        }
        if member.isSuspended { try record("member.reactivated", target: userID, [role], workspace, transaction) }
    }

    /// The lost token is one of them, and nobody knows which.
    private func endTokens(
        of member: MemberRecord, _ transaction: WriteTransaction
    ) throws(ChangeFailure) -> Int {
        let numbers = try sqlite { () throws(SQLiteError) in
            try transaction.connection.liveTokenNumbers(ofPrincipal: member.number)
        }
        for number in numbers {
            let token = try transaction.writtenToken(number)
            try transaction.revoke(tokenNumber: number)
            try transaction.record(
                TokenAction.revoked.name(token.kind), target: token.id, actor: actor,
                workspaceNumber: member.workspaceNumber, workspaceID: workspaceID,
                [.init("name", token.name), .init("recovery", "admin")], peer: (nil, nil))
        }
        return numbers.count
    }

    private func record(
        _ action: String, target: String, _ metadata: [AuditEvent.Metadata], _ workspace: WorkspaceRecord,
        _ transaction: WriteTransaction
    ) throws(ChangeFailure) {
        try transaction.record(
            action, target: target, actor: actor, workspaceNumber: workspace.number, workspaceID: workspaceID,
            metadata + [.init("recovery", "admin")], peer: (nil, nil))
    }
}

extension SQLiteConnection {
    fileprivate func activeAdmins(ofWorkspace workspace: Int64) throws(SQLiteError) -> [String] {
        let statement = try statement(
            """
            SELECT id FROM principal
            WHERE workspace = ?1 AND role = ?2 AND is_paused = 0 AND kind = 1 AND ended_at IS NULL ORDER BY id
            """)
        statement.bind(1, workspace)
        statement.bind(2, Roles.tenantAdmin)
        defer { statement.reset() }
        var ids: [String] = []
        while try statement.step() { ids.append(statement.text(0)) }
        return ids
    }

    fileprivate func liveTokenNumbers(ofPrincipal principal: Int64) throws(SQLiteError) -> [Int64] {
        let statement = try statement(
            "SELECT number FROM token WHERE principal = ?1 AND ended_at IS NULL ORDER BY number")
        statement.bind(1, principal)
        defer { statement.reset() }
        var numbers: [Int64] = []
        while try statement.step() { numbers.append(statement.integer(0)) }
        return numbers
    }
}
