import TokenClient

/// `tokenctl token revoke`: by its id, or by the secret that was found.
enum TokenRevokeCommand {
    static let commands = [revoke]

    private static let revoke = Command(
        path: ["token", "revoke"], caller: .principal, summary: "End a token, for good",
        details: """
            --leaked ends every token in the text on standard input, wherever in a line it stands, and tries every other \
            word, which may be a token of another system that was imported. No word of it is shown.
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
        let client = try invocation.anonymousClient()
        var tally = Tally()
        do {
            try SecretInput.eachFind { try tally.add(end(oneOf: $0, client)) }
        } catch {
            if tally.endedCount > 0 { report(invocation, tally) }
            throw error
        }
        if tally.endedCount > 0 || invocation.wantsJSON { report(invocation, tally) }
        if tally.failedCount == 0 { return .success }
        if tally.endedCount == 0, let unknown = tally.unknown { throw unknown }
        throw Problem(
            message: "no token goes with \(counted(tally.failedCount, "word")) of standard input; "
                + "check that all were copied whole", exitCode: .invalidData)
    }

    private struct Tally {
        var endedCount = 0
        var failedCount = 0
        /// Why one of those that failed is no token of the daemon's.
        var unknown: TokenError?

        mutating func add(_ outcome: Outcome) {
            switch outcome {
            case .ended: endedCount += 1
            case .failed(let error):
                failedCount += 1
                unknown = error ?? unknown
            }
        }
    }

    private enum Outcome {
        case ended
        case failed(TokenError?)
    }

    /// What is no token, or none of this daemon's, keeps none of the others alive.
    private static func end(oneOf secrets: [BearerToken], _ client: TokenClient) throws -> Outcome {
        var unknown: TokenError?
        for secret in secrets {
            do throws(TokenError) {
                try client.revokeSelf(secret)
                return .ended
            } catch {
                switch error.code {
                case .invalidArgument: continue
                case .notFound: unknown = error
                default: throw error
                }
            }
        }
        return .failed(unknown)
    }

    private static func report(_ invocation: Invocation, _ tally: Tally) {
        let count = tally.endedCount
        invocation.report(
            .object([
                ("revoked", .bool(count > 0)), ("secrets", .count(count)), ("failed_words", .count(tally.failedCount)),
            ]),
            count == 1 ? "the secret no longer verifies" : "\(counted(count, "secret")) no longer verify")
    }
}

extension Invocation {
    func report(revoked token: Token) {
        report(token.json, "revoked \(token.id) (\(token.name))")
    }
}
