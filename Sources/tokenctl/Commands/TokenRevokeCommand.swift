import TokenClient

/// `tokenctl token revoke`: by its id, or by the secret that was found.
enum TokenRevokeCommand {
    static let commands = [revoke]

    private static let revoke = Command(
        path: ["token", "revoke"], caller: .principal, summary: "End a token, for good",
        operands: [.init(name: "ID", help: "the token's id, tok_…; none with --leaked", isOptional: true)],
        options: [.init(name: "--leaked", help: "end what the secret on standard input opens; needs no login")],
        examples: ["tokenctl token revoke --leaked < found.txt"]
    ) { invocation in
        if invocation.has("--leaked") { return try revokeLeaked(invocation) }
        let id = try invocation.operand(0)
        invocation.report(revoked: try invocation.client().revokeToken(id: id))
        return .success
    }

    private static func revokeLeaked(_ invocation: Invocation) throws -> ExitCode {
        if invocation.optionalOperand(0) != nil { throw invocation.problem("--leaked takes no ID") }
        try invocation.checkNobodyIsNamed(with: "--leaked")
        let client = try invocation.anonymousClient()
        try client.revokeSelf(try SecretInput.token())
        invocation.report(.object([("revoked", .bool(true))]), "the secret no longer verifies")
        return .success
    }
}

extension Invocation {
    func report(revoked token: Token) {
        report(token.json, "revoked \(token.id) (\(token.name))")
    }
}
