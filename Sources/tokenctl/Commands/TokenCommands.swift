import TokenClient

/// `tokenctl token …`: personal tokens.
enum TokenCommands {
    static let commands = [create, list, show]

    private static let create = Command(
        path: ["token", "create"], caller: .principal, summary: "Make a token of your own and show its secret, once",
        operands: [.init(name: "NAME", help: "1 to 100 characters, unique among your live tokens")],
        options: [.scope] + Command.Option.expiry + [.outputFile],
        examples: [
            "tokenctl token create ci --scope issues:read --expires-in 90d",
            "tokenctl token create ci --scope issues:read --output-file ci.token",
        ]
    ) { invocation in
        let name = try invocation.operand(0)
        let scopes = invocation.all("--scope")
        if scopes.isEmpty { throw invocation.problem("--scope is missing; tokenctl scopes lists them") }
        let expiresAt = try invocation.expiry()
        let client = try invocation.client()
        return try invocation.issue { try client.createToken(name: name, scopes: scopes, expiresAt: expiresAt) }
    }

    private static let list = Command.list(
        ["token", "list"], summary: "List tokens, newest first",
        options: [.init(name: "--owner", value: "USER", help: "another member's; needs workspace:admin")]
            + Command.Option.tokenFilters,
        examples: ["tokenctl token list --expires-within 30d"]
    ) { invocation in
        var filter = try invocation.tokenFilter()
        filter.ownerID = invocation.value("--owner")
        return try invocation.client().allTokens(matching: filter)
    }

    private static let show = Command(
        path: ["token", "show"], caller: .principal, summary: "Show one token", operands: [.tokenID]
    ) { invocation in
        let id = try invocation.tokenID(0)
        invocation.show(try invocation.client().token(id: id))
        return .success
    }
}
