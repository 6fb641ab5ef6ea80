import TokenClient

/// `tokenctl service-account token …`: what a service account calls with.
enum ServiceAccountTokenCommands {
    static let commands = [issue, list, roll, revoke]

    private static let issue = Command(
        path: ["service-account", "token", "issue"], caller: .principal,
        summary: "Make a token of a service account and show its secret, once",
        details: """
            The token holds the scopes that the account has now, or those of them that are named, and keeps them \
            whatever becomes of the account's.
            """,
        operands: [
            .account, .init(name: "NAME", help: "1 to 100 characters, unique among the account's live tokens"),
        ],
        options: [
            .init(
                name: "--scope", value: "SCOPE", help: "one of the account's scopes; repeat for more (default: all)",
                isRepeatable: true)
        ] + Command.Option.expiry + [.outputFile],
        examples: ["tokenctl service-account token issue deployer host-7 --expires-in 90d --output-file host-7.token"]
    ) { invocation in
        let account = try invocation.operand(0)
        let name = try invocation.operand(1)
        let expiresAt = try invocation.expiry()
        let client = try invocation.client()
        let id = try client.serviceAccountID(named: account)
        return try invocation.issue {
            try client.issueToken(
                ofServiceAccount: id, name: name, scopes: invocation.all("--scope"), expiresAt: expiresAt)
        }
    }

    private static let list = Command.list(
        ["service-account", "token", "list"], summary: "List a service account's tokens, newest first",
        operands: [.account], options: Command.Option.tokenFilters
    ) { invocation in
        let account = try invocation.operand(0)
        let filter = try invocation.tokenFilter()
        let client = try invocation.client()
        return client.allTokens(ofServiceAccount: try client.serviceAccountID(named: account), matching: filter)
    }

    private static let roll = Command(
        path: ["service-account", "token", "roll"], caller: .principal,
        summary: "Give a service account's token a new secret; the old one dies",
        details: "A token that renews itself does so with tokenctl token roll --self.",
        operands: [.account, .tokenID], options: [.overlap, .outputFile]
    ) { invocation in
        let account = try invocation.operand(0)
        let token = try invocation.tokenID(1)
        let overlap = try invocation.duration("--overlap") ?? .zero
        let client = try invocation.client()
        let id = try client.serviceAccountID(named: account)
        return try invocation.issue { try client.rollToken(id: token, ofServiceAccount: id, overlap: overlap) }
    }

    private static let revoke = Command(
        path: ["service-account", "token", "revoke"], caller: .principal,
        summary: "End a service account's token, for good",
        operands: [.account, .tokenID]
    ) { invocation in
        let account = try invocation.operand(0)
        let token = try invocation.tokenID(1)
        let client = try invocation.client()
        let id = try client.serviceAccountID(named: account)
        invocation.report(revoked: try client.revokeToken(id: token, ofServiceAccount: id))
        return .success
    }
}
