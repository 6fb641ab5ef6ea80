import TokenClient

/// `tokenctl member …`: who belongs to the workspace, and in which role.
enum MemberCommands {
    static let commands = [put, suspend, reactivate, list, remove]

    private static let put = Command(
        path: ["member", "put"], caller: .principal,
        summary: "Let a user join the workspace, or give a member another role",
        details: """
            Needs members:write, and every scope that the old and the new role grant. A demotion takes effect at the \
            next verification of the member's tokens.
            """,
        operands: [.user],
        options: [.init(name: "--role", value: "ROLE", help: "the role, such as analyst; needed by a user who joins")],
        examples: ["tokenctl member put bob --role analyst"]
    ) { invocation in
        let user = try invocation.operand(0)
        let update = try invocation.client().putMember(userID: user, role: invocation.value("--role"))
        let member = update.member
        invocation.report(
            .object([("member", member.json), ("joined", .bool(update.hasJoined))]),
            "\(member.userID) \(update.hasJoined ? "joined" : "stays") as \(member.role), \(member.status.text)")
        return .success
    }

    private static let suspend = Command(
        path: ["member", "suspend"], caller: .principal,
        summary: "Let no token of a member verify, until they are reactivated",
        operands: [.user]
    ) { invocation in
        let member = try changed(invocation, to: .suspended)
        invocation.report(.object([("member", member.json)]), "suspended \(member.userID); their tokens don't verify")
        return .success
    }

    private static let reactivate = Command(
        path: ["member", "reactivate"], caller: .principal,
        summary: "Let the tokens of a suspended member verify again",
        operands: [.user]
    ) { invocation in
        let member = try changed(invocation, to: .active)
        invocation.report(.object([("member", member.json)]), "reactivated \(member.userID)")
        return .success
    }

    private static func changed(_ invocation: Invocation, to status: MemberStatus) throws -> Member {
        let user = try invocation.operand(0)
        return try invocation.client().putMember(userID: user, status: status).member
    }

    private static let list = Command.list(
        ["member", "list"], summary: "List the workspace's members, who joined last first",
        options: [
            .init(name: "--role", value: "ROLE", help: "only those in this role"),
            .init(
                name: "--status", value: "STATUS",
                help: "only those that are \(Command.Option.alternatives(MemberStatus.self))",
                completion: .words(MemberStatus.choices.map(\.text))),
            .init(name: "--user", value: "USER", help: "only this user"),
        ]
    ) { invocation in
        var filter = MemberFilter()
        filter.role = invocation.value("--role")
        filter.status = try invocation.choice("--status")
        filter.userID = invocation.value("--user")
        return try invocation.client().allMembers(matching: filter)
    }

    private static let remove = Command(
        path: ["member", "remove"], caller: .principal,
        summary: "Remove a member and end their tokens in this workspace, for good",
        details: "Needs members:admin, and every scope that the member's role grants.", operands: [.user],
        options: [.yes]
    ) { invocation in
        let user = try invocation.operand(0)
        guard try invocation.confirm("Remove member \(user) and end all their tokens here, for good?") else {
            return .negative
        }
        let count = try invocation.client().removeMember(userID: user)
        invocation.report(
            .object([("user_id", .string(user)), ("ended_tokens", .count(count))]),
            "removed \(user); \(counted(count, "token")) ended with the membership")
        return .success
    }
}
