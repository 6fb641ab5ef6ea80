import TokenClient

/// `tokenctl token roll`: a new secret, for a token of one's own or, on its own behalf, for the one that is presented.
enum TokenRollCommand {
    static let commands = [roll]

    /// A token that rolls itself has to be able to try again.
    private static let ownOverlapMin = Duration.seconds(60)
    private static let ownOverlap = Duration.seconds(3600)

    private static let roll = Command(
        path: ["token", "roll"], caller: .principal, summary: "Give a token a new secret; the old one dies",
        details: """
            The old secret dies at once, or at the end of an overlap in which both verify.

            With --self a token renews itself: the new secret takes the place of the old one in the file named with \
            --token-file, in one step, and is shown nowhere. The file keeps its owner. Whether it can be replaced is \
            tried first; if the renewal breaks off all the same, the old secret is still good for the overlap, an \
            hour unless told otherwise and at least 60s, in which the command can be run again. So a service changes \
            its own secret from a timer. The token's expiry stays what it is. It works for personal tokens and for \
            those of service accounts, whatever they hold.
            """,
        operands: [.init(name: "ID", help: "the token's id, tok_…; none with --self", isOptional: true)],
        options: [
            .init(
                name: "--overlap", value: "DURATION",
                help: "how long the old secret still verifies, up to 7d (default: 0s, with --self 1h)"),
            .init(name: "--self", help: "the token in the file of --token-file, or of the login"),
            .outputFile,
        ],
        examples: [
            "tokenctl token roll tok_01M84WCH3Q2FST25YP9NT8V3ES --overlap 1h",
            "tokenctl token roll --self --token-file /etc/ci/token",
        ]
    ) { invocation in
        if invocation.has("--self") { return try rollItself(invocation) }
        let id = try invocation.tokenID(0)
        let overlap = try invocation.duration("--overlap") ?? .zero
        let client = try invocation.client()
        return try invocation.issue { try client.rollToken(id: id, overlap: overlap) }
    }

    private static func rollItself(_ invocation: Invocation) throws -> ExitCode {
        if invocation.optionalOperand(0) != nil { throw invocation.problem("--self takes no ID") }
        try invocation.checkExclusive("--self", "--as")
        try invocation.checkExclusive("--self", "--workspace")
        try invocation.checkExclusive("--self", "--output-file")
        let overlap = try invocation.duration("--overlap") ?? ownOverlap
        if overlap < ownOverlapMin { throw invocation.problem("--overlap must be at least 60s with --self") }
        let client = try invocation.anonymousClient()
        let file = try invocation.login()
        let token = try file.whileLocked { try renew(file, client, overlap) }
        invocation.report(
            .object([("token", token.json)]),
            "rolled \(token.id) (\(token.name)); the new secret is in \(file.path), "
                + "the old one verifies until \(end(of: overlap, token))")
        return .success
    }

    private static func renew(_ file: TokenFile, _ client: TokenClient, _ overlap: Duration) throws -> Token {
        let secret = try file.read()
        guard let token = try client.whoAmI(as: .bearer(secret)).token else {
            throw Problem(message: "the daemon does not say which token this is", exitCode: .software)
        }
        // By a copy of itself: what would keep a new secret out shows before there is one.
        try file.replace { secret }
        var rolled = token
        try file.replace {
            let issued =
                token.kind == .serviceAccount
                ? try client.rollToken(
                    id: token.id, ofServiceAccount: token.ownerID, overlap: overlap, as: .bearer(secret))
                : try client.rollToken(id: token.id, overlap: overlap, as: .bearer(secret))
            rolled = issued.token
            return issued.secret
        }
        return rolled
    }

    /// Never past the token's own end.
    private static func end(of overlap: Duration, _ token: Token) -> String {
        let now = Timestamp.now
        let end = now.adding(overlap)
        return RelativeTime.full(token.expiresAt.map { min($0, end) } ?? end, from: now)
    }
}
