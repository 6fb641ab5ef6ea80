import TokenClient

/// `tokenctl token revoke`: by its id, or by the secret that was found.
enum TokenRevokeCommand {
    static let commands = [revoke]

    private static let revoke = Command(
        path: ["token", "revoke"], caller: .principal, summary: "End a token, for good",
        details: """
            --leaked ends every token in the text on standard input, wherever in a line it stands, and tries every other \
            word, which may be a token of another system that was imported. No word of it is shown. Words that are no \
            tokens are counted. It fails if something looks like a token of tokend and is none, such as one that was \
            cut, or if there was no token at all.
            """,
        operands: [.init(name: "ID", help: "the token's id, tok_…; none with --leaked", isOptional: true)],
        options: [.init(name: "--leaked", help: "end the tokens in what standard input holds; needs no login")],
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
        var revoker = LeakRevoker(client: try invocation.anonymousClient())
        do {
            try SecretInput.eachFind { try revoker.end(oneOf: $0, areLikeTokens: $1) }
        } catch {
            if revoker.endedCount > 0 { report(invocation, revoker) }
            throw error
        }
        if revoker.endedCount > 0 || invocation.wantsJSON { report(invocation, revoker) }
        // The words around a token are none, as is to be expected. Where there was none at all, one of them should have
        // been.
        let missedCount = revoker.failedCount + (revoker.endedCount == 0 ? revoker.otherCount : 0)
        if missedCount == 0 { return .success }
        if revoker.endedCount == 0, let unknown = revoker.unknown { throw unknown }
        throw Problem(
            message: "no token goes with \(counted(missedCount, "word")) of standard input; "
                + "check that all were copied whole", exitCode: .invalidData)
    }

    private static func report(_ invocation: Invocation, _ revoker: LeakRevoker) {
        let (count, others) = (revoker.endedCount, revoker.otherCount)
        let none = others == 1 ? "1 other word is no token" : "\(counted(others, "other word")) are no tokens"
        let ended = count == 1 ? "the secret no longer verifies" : "\(counted(count, "secret")) no longer verify"
        invocation.report(
            .object([
                ("revoked", .bool(count > 0)), ("secrets", .count(count)),
                ("failed_words", .count(revoker.failedCount)), ("other_words", .count(others)),
            ]),
            others == 0 ? ended : "\(ended); \(none)")
    }
}

extension Invocation {
    func report(revoked token: Token) {
        report(token.json, "revoked \(token.id) (\(token.name))")
    }
}
