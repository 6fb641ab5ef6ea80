import TokenCore

/// Lets a user join the caller's workspace, or changes a member's role or status. What is already so changes nothing.
package struct PutMember: Operation {
    /// The membership as it now is, and whether it is new.
    package struct Outcome: Sendable {
        package let member: MemberRecord
        package let hasJoined: Bool
    }

    package let userID: String
    /// None keeps the present one; who joins needs one.
    package let role: String?
    /// None keeps the present status; who joins is active.
    package let isSuspended: Bool?

    package init(userID: String, role: String? = nil, isSuspended: Bool? = nil) {
        self.userID = userID
        self.role = role
        self.isSuspended = isSuspended
    }

    package var mayUseReserve: Bool { true }

    package func perform(in transaction: WriteTransaction) throws(ChangeFailure) -> Outcome {
        let caller = try transaction.caller()
        try caller.checkMembership()
        try checkRoleIsKnown(transaction.rules.roles)
        let workspace = caller.principal.workspaceNumber
        let member = try sqlite { () throws(SQLiteError) in
            try transaction.connection.member(userID, workspace: workspace)
        }
        if let member {
            return Outcome(member: try change(member, by: caller, transaction), hasJoined: false)
        }
        return Outcome(member: try join(by: caller, transaction), hasJoined: true)
    }

    private func checkRoleIsKnown(_ roles: Roles) throws(ChangeFailure) {
        if let role, !roles.contains(role) {
            throw .refused(.invalid("role", "is no role; there are: \(roles.names.joined(separator: ", "))"))
        }
    }

    // MARK: - Joining

    private func join(by caller: Caller, _ transaction: WriteTransaction) throws(ChangeFailure) -> MemberRecord {
        try checkIsUserName(userID, field: "user_id")
        guard let role else {
            let names = transaction.rules.roles.names.joined(separator: ", ")
            throw .refused(.invalid("role", "a user who joins needs one of: \(names)"))
        }
        try transaction.checkTakesOnly(false)
        let isSuspended = isSuspended ?? false
        try allowing { () throws(Denial) in
            try caller.power.checkRole(from: ScopeSet(), to: transaction.rules.roles.grants(role))
        }
        // A new row, even for a user who was here before: what hung on the old one stays dead.
        try transaction.run(
            """
            INSERT INTO principal (workspace, kind, id, role, is_paused, created_by, started_at)
            VALUES (?1, 1, ?2, ?3, ?4, ?5, ?6)
            """
        ) { statement in
            statement.bind(1, caller.principal.workspaceNumber)
            statement.bind(2, userID)
            statement.bind(3, role)
            statement.bind(4, isSuspended)
            statement.bind(5, caller.principal.id)
            statement.bind(6, transaction.now)
        }
        var metadata = [AuditEvent.Metadata("role", role)]
        if isSuspended { metadata.append(.init("status", "suspended")) }
        try transaction.record("member.added", target: userID, by: caller, metadata)
        return try writtenMember(transaction, caller)
    }

    // MARK: - Changing

    private func change(
        _ member: MemberRecord, by caller: Caller, _ transaction: WriteTransaction
    ) throws(ChangeFailure) -> MemberRecord {
        let newRole = role ?? member.role
        let willBeSuspended = isSuspended ?? member.isSuspended
        if newRole == member.role && willBeSuspended == member.isSuspended { return member }
        let roles = transaction.rules.roles
        try allowing { () throws(Denial) in
            try caller.power.checkRole(from: roles.grants(member.role), to: roles.grants(newRole))
        }
        let isDemotedOrStays = newRole == member.role || roles.grants(newRole).isLess(than: roles.grants(member.role))
        try transaction.checkTakesOnly(isDemotedOrStays && (willBeSuspended || !member.isSuspended))
        if newRole != Roles.tenantAdmin || willBeSuspended { try transaction.checkIsNotLastAdmin(member) }
        // All that the member's tokens may do is another thing from here on, more or less.
        transaction.touchAll()
        try transaction.run("UPDATE principal SET role = ?2, is_paused = ?3, updated_at = ?4 WHERE number = ?1") {
            statement in
            statement.bind(1, member.number)
            statement.bind(2, newRole)
            statement.bind(3, willBeSuspended)
            statement.bind(4, transaction.now)
        }
        if newRole != member.role {
            try transaction.record(
                "member.role_changed", target: userID, by: caller,
                [.init("role", newRole), .init("previous_role", member.role)])
        }
        if willBeSuspended != member.isSuspended {
            try transaction.record(
                willBeSuspended ? "member.suspended" : "member.reactivated", target: userID, by: caller,
                [.init("role", newRole)])
        }
        return try writtenMember(transaction, caller)
    }

    private func writtenMember(
        _ transaction: WriteTransaction, _ caller: Caller
    ) throws(ChangeFailure) -> MemberRecord {
        let member = try sqlite { () throws(SQLiteError) in
            try transaction.connection.member(userID, workspace: caller.principal.workspaceNumber)
        }
        guard let member else {
            throw .refused(Refusal(.internalError, "the member just written is not there"))
        }
        return member
    }
}

extension ScopeSet {
    /// Not as much either: two roles that grant the same could be changed for each other without end.
    fileprivate func isLess(than other: ScopeSet) -> Bool { missing(from: other).isEmpty && self != other }
}

/// Whoever reads the audit must be able to tell a user from what else acts.
func checkIsUserName(_ userID: String, field: String) throws(ChangeFailure) {
    if IdentifierRule.isNameOfAnotherActor(userID) {
        throw .refused(
            .invalid(field, "no user joins under the name tokend, or one that begins with uid:, tok_ or sa_"))
    }
}
