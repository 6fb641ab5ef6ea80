import TokenClient

/// `tokenctl token …`: personal tokens.
enum TokenCommands {
    static let commands = [create, list, show, roll, revoke]

    private static let create = Command(
        path: ["token", "create"], summary: "Make a token of your own and show its secret, once",
        operands: [.init(name: "NAME", help: "1 to 100 characters, unique among your live tokens")],
        options: [
            .init(name: "--scope", value: "SCOPE", help: "a scope it holds; repeat for more", isRepeatable: true),
            .init(name: "--expires-in", value: "DURATION", help: "end after 90s, 15m, 12h, 30d … (default: never)"),
            .init(name: "--expires-at", value: "TIME", help: "end at 2027-01-31T12:00:00Z"),
        ],
        examples: [
            "tokenctl token create ci --scope issues:read --expires-in 90d",
            "tokenctl token create ci --scope issues:read --quiet > token.txt",
        ]
    ) { invocation in
        let name = try invocation.operand(0)
        let scopes = invocation.all("--scope")
        if scopes.isEmpty { throw invocation.problem("--scope is missing; tokenctl scopes lists them") }
        let expiresAt = try expiry(invocation)
        let issued = try invocation.client().createToken(name: name, scopes: scopes, expiresAt: expiresAt)
        issued.print(invocation)
        return .success
    }

    private static func expiry(_ invocation: Invocation) throws -> Timestamp? {
        let duration = try invocation.duration("--expires-in")
        let time = try invocation.timestamp("--expires-at")
        if duration != nil && time != nil {
            throw invocation.problem("--expires-in and --expires-at exclude each other")
        }
        return duration.map { Timestamp.now.adding($0) } ?? time
    }

    private static let list = Command(
        path: ["token", "list"], summary: "List tokens, newest first",
        options: [
            .init(name: "--owner", value: "USER", help: "another member's; needs workspace:admin"),
            .init(name: "--state", value: "STATE", help: "active, expired, revoked or owner_suspended"),
            .init(name: "--scope", value: "SCOPE", help: "only those with this scope"),
            .init(name: "--name-prefix", value: "TEXT", help: "only those whose name begins so"),
            .init(name: "--expires-within", value: "DURATION", help: "only those that end within 30d, say"),
            .init(name: "--unused-for", value: "DURATION", help: "only those not used for so long"),
            .init(name: "--limit", value: "N", help: "at most so many (default: all)"),
        ],
        examples: ["tokenctl token list --expires-within 30d"]
    ) { invocation in
        let now = Timestamp.now
        let filter = try filter(invocation, now)
        let limit = try invocation.number("--limit", in: 1...1_000_000) ?? .max
        let tokens = try collect(try invocation.client().allTokens(matching: filter), limit: limit)
        print(tokens, invocation, now)
        return .success
    }

    private static func filter(_ invocation: Invocation, _ now: Timestamp) throws -> TokenFilter {
        var filter = TokenFilter()
        filter.ownerID = invocation.value("--owner")
        filter.scope = invocation.value("--scope")
        filter.namePrefix = invocation.value("--name-prefix")
        if let state = invocation.value("--state") {
            filter.state = TokenState(text: state)
            if filter.state == nil {
                throw invocation.problem("--state “\(state)” is not active, expired, revoked or owner_suspended")
            }
        }
        filter.expiresBefore = try invocation.duration("--expires-within").map { now.adding($0) }
        filter.unusedSince = try invocation.duration("--unused-for").map { now.adding(.zero - $0) }
        return filter
    }

    private static func print(_ tokens: [Token], _ invocation: Invocation, _ now: Timestamp) {
        if invocation.wantsJSON {
            Terminal.printLine(JSON.array(tokens.map(\.json)).text)
        } else if invocation.isQuiet {
            for token in tokens { Terminal.printLine(token.id) }
        } else if tokens.isEmpty {
            Terminal.remark("no tokens")
        } else {
            Terminal.printLine(Token.table(tokens, now: now))
        }
    }

    private static let show = Command(
        path: ["token", "show"], summary: "Show one token",
        operands: [.init(name: "ID", help: "the token's id, tok_…")]
    ) { invocation in
        let id = try invocation.operand(0)
        let token = try invocation.client().token(id: id)
        Terminal.printLine(invocation.wantsJSON ? token.json.text : token.details(now: .now))
        return .success
    }

    private static let roll = Command(
        path: ["token", "roll"], summary: "Give a token a new secret; the old one dies",
        details: """
            The old secret dies at once, or at the end of an overlap in which both verify.
            A token that rolls itself asks for an overlap of at least 60s.
            """,
        operands: [.init(name: "ID", help: "the token's id, tok_…")],
        options: [
            .init(name: "--overlap", value: "DURATION", help: "how long the old secret still verifies, up to 7d")
        ],
        examples: ["tokenctl token roll tok_01M84WCH3Q2FST25YP9NT8V3ES --overlap 1h"]
    ) { invocation in
        let id = try invocation.operand(0)
        let overlap = try invocation.duration("--overlap") ?? .zero
        let issued = try invocation.client().rollToken(id: id, overlap: overlap)
        issued.print(invocation)
        return .success
    }

    private static let revoke = Command(
        path: ["token", "revoke"], summary: "End a token, for good",
        operands: [.init(name: "ID", help: "the token's id, tok_…; none with --leaked")],
        options: [.init(name: "--leaked", help: "end what the secret on standard input opens; needs no login")],
        examples: ["tokenctl token revoke --leaked < found.txt"]
    ) { invocation in
        if invocation.has("--leaked") { return try revokeLeaked(invocation) }
        let id = try invocation.operand(0)
        let token = try invocation.client().revokeToken(id: id)
        if invocation.wantsJSON {
            Terminal.printLine(token.json.text)
        } else if !invocation.isQuiet {
            Terminal.printLine("revoked \(token.id) (\(token.name))")
        }
        return .success
    }

    private static func revokeLeaked(_ invocation: Invocation) throws -> ExitCode {
        if invocation.optionalOperand(0) != nil { throw invocation.problem("--leaked takes no ID") }
        try invocation.anonymousClient().revokeSelf(try SecretInput.standardInput())
        if invocation.wantsJSON {
            Terminal.printLine(JSON.object([("revoked", .bool(true))]).text)
        } else if !invocation.isQuiet {
            Terminal.printLine("the secret no longer verifies")
        }
        return .success
    }
}

/// The elements of all pages, up to a limit.
func collect<Element>(_ sequence: PagedSequence<Element>, limit: Int) throws -> [Element] {
    var elements: [Element] = []
    var iterator = sequence.makeIterator()
    while elements.count < limit, let element = try iterator.next() { elements.append(element) }
    return elements
}
