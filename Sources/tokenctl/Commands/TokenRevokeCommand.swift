import TokenClient

/// `tokenctl token revoke`: by its id, or by the secret that was found.
enum TokenRevokeCommand {
    static let commands = [revoke]

    private static let revoke = Command(
        path: ["token", "revoke"], caller: .principal, summary: "End a token, for good",
        operands: [.init(name: "ID", help: "the token's id, tok_…; none with --leaked", isOptional: true)],
        options: [.init(name: "--leaked", help: "end what each secret on standard input opens; needs no login")],
        examples: ["tokenctl token revoke --leaked < found.txt"]
    ) { invocation in
        if invocation.has("--leaked") { return try revokeLeaked(invocation) }
        let id = try invocation.tokenID(0, unlessWith: "--leaked")
        invocation.report(revoked: try invocation.client().revokeToken(id: id))
        return .success
    }

    private static func revokeLeaked(_ invocation: Invocation) throws -> ExitCode {
        if invocation.optionalOperand(0) != nil { throw invocation.problem("--leaked takes no ID") }
        try invocation.checkNobodyIsNamed(with: "--leaked")
        let client = try invocation.anonymousClient()
        let words = try SecretInput.foundTokens()
        var endedCount = 0
        var unknown: TokenError?
        for case let secret? in words {
            do throws(TokenError) {
                try client.revokeSelf(secret)
                endedCount += 1
            } catch {
                // What is no token, or none of this daemon's, keeps none of the others alive.
                if error.code == .invalidArgument { continue }
                if error.code == .notFound {
                    unknown = error
                    continue
                }
                report(invocation, endedCount)
                throw error
            }
        }
        if endedCount == 0, let unknown { throw unknown }
        report(invocation, endedCount)
        if endedCount == words.count { return .success }
        throw Problem(
            message: "no token goes with \(counted(words.count - endedCount, "word")) of standard input; "
                + "check that all were copied whole", exitCode: .invalidData)
    }

    private static func report(_ invocation: Invocation, _ count: Int) {
        if count == 0 { return }
        invocation.report(
            .object([("revoked", .bool(true)), ("secrets", .count(count))]),
            count == 1 ? "the secret no longer verifies" : "\(counted(count, "secret")) no longer verify")
    }
}

extension Invocation {
    func report(revoked token: Token) {
        report(token.json, "revoked \(token.id) (\(token.name))")
    }
}
