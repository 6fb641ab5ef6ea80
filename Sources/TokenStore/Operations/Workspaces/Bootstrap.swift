import TokenCore

/// A workspace, its first tenant administrator, and a token of theirs: the host's operator starts here.
package struct Bootstrap: Operation {
    package let workspaceID: String
    package let userID: String
    package let tokenName: String
    package let secret: SecretDraft

    package init(workspaceID: String, userID: String, tokenName: String, secret: SecretDraft) {
        self.workspaceID = workspaceID
        self.userID = userID
        self.tokenName = tokenName
        self.secret = secret
    }

    package func perform(in transaction: WriteTransaction) throws(ChangeFailure) -> TokenRecord {
        guard case .host = transaction.origin.claim else {
            throw .refused(Refusal(.forbidden, "only the host's operator makes workspaces"))
        }
        try checkIsUserName(userID, field: "user_id")
        let workspaceNumber = try insertWorkspace(transaction)
        try transaction.run(
            "INSERT INTO principal (workspace, kind, id, role, started_at) VALUES (?1, 1, ?2, ?3, ?4)"
        ) { statement in
            statement.bind(1, workspaceNumber)
            statement.bind(2, userID)
            statement.bind(3, Roles.tenantAdmin)
            statement.bind(4, transaction.now)
        }
        let actor = "uid:\(transaction.origin.peerUserID)"
        let number = try transaction.insertToken(
            principal: transaction.connection.lastInsertedNumber, name: tokenName,
            scopes: transaction.rules.administratorScopes, expiresAt: expiresAt(transaction), secret: secret,
            createdBy: actor)
        let token = try transaction.writtenToken(number)
        for (action, target) in [
            ("workspace.created", workspaceID), ("member.added", userID), ("token.created", token.id),
        ] {
            try transaction.record(
                action, target: target, actor: actor, workspaceNumber: workspaceNumber, workspaceID: workspaceID,
                action == "member.added" ? [.init("role", Roles.tenantAdmin)] : [])
        }
        return token
    }

    /// Never, unless the configuration bounds the life of a personal token.
    private func expiresAt(_ transaction: WriteTransaction) -> Instant? {
        transaction.rules.lifetimes.personalSeconds.map { transaction.now.adding(seconds: $0) }
    }

    private func insertWorkspace(_ transaction: WriteTransaction) throws(ChangeFailure) -> Int64 {
        do throws(ChangeFailure) {
            try transaction.run("INSERT INTO workspace (id, created_at) VALUES (?1, ?2)") { statement in
                statement.bind(1, workspaceID)
                statement.bind(2, transaction.now)
            }
        } catch {
            guard case .sqlite(let error) = error, error.isUniqueViolation else { throw error }
            throw .refused(
                Refusal(
                    .conflict, "the workspace \(workspaceID) exists already; its tenant administrators add members",
                    metadata: ["workspace_id": workspaceID]))
        }
        return transaction.connection.lastInsertedNumber
    }
}
