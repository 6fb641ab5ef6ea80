import TokenCore

/// Ends a membership and with it all the member's personal tokens: they hang on its row, which is the only one written.
package struct RemoveMember: Operation {
    package let userID: String

    package init(userID: String) {
        self.userID = userID
    }

    package var mayUseReserve: Bool { true }

    /// How many tokens ended with it that had neither been revoked nor expired.
    package func perform(in transaction: WriteTransaction) throws(ChangeFailure) -> Int64 {
        let caller = try transaction.caller()
        try caller.checkRemoval()
        let member = try sqlite { () throws(SQLiteError) in
            try transaction.connection.member(userID, workspace: caller.principal.workspaceNumber)
        }
        guard let member else { throw .refused(.notFound("member")) }
        try allowing { () throws(Denial) in
            try caller.power.checkRole(from: transaction.rules.roles.grants(member.role), to: ScopeSet())
        }
        try transaction.checkIsNotLastAdmin(member)
        let tokenCount = try transaction.endPrincipal(member.number)
        try transaction.record(
            "member.removed", target: userID, by: caller,
            [.init("role", member.role), .init("ended_token_count", String(tokenCount))])
        return tokenCount
    }
}

extension WriteTransaction {
    /// Without an active tenant administrator nobody could ever give the workspace another.
    func checkIsNotLastAdmin(_ member: MemberRecord) throws(ChangeFailure) {
        if member.role != Roles.tenantAdmin || member.isSuspended { return }
        let hasAnother = try sqlite { () throws(SQLiteError) in
            try connection.hasTenantAdmin(beside: member.number, workspace: member.workspaceNumber)
        }
        if !hasAnother {
            throw .refused(
                Refusal(
                    .lastAdmin,
                    "\(member.userID) is the workspace's last active tenant administrator; make another one first"))
        }
    }
}
