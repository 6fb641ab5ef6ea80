import TokenClient

/// The steps of the demo, each timed and held to what it must answer.
struct DemoStory {
    private let isJSON: Bool
    private var steps: [JSON] = []
    private(set) var isAsExpected = true

    init(isJSON: Bool) {
        self.isJSON = isJSON
    }

    mutating func run(on daemon: DemoDaemon) throws {
        say("A private tokend, with its store in \(daemon.directory)\n")
        let host = try TokenClient(.init(socketPath: daemon.operatorSocketPath, connectTimeout: .seconds(5)))
        let service = try TokenClient(.init(socketPath: daemon.socketPath, connectTimeout: .seconds(5)))
        try step("make a store, start the daemon") {
            try daemon.start()
            return "\(try service.health())"
        }
        let admin = try step("bootstrap workspace ws_demo for ann", { "\($0.token.hint), a tenant_admin's" }) {
            try host.bootstrap(workspaceID: "ws_demo", userID: "ann")
        }
        let ann = Credential.bearer(admin.secret)
        let created = try step("create token “ci” with issues:read", { "\($0.token.id) \($0.token.hint)" }) {
            try service.createToken(name: "ci", scopes: ["issues:read"], as: ann)
        }
        try verify("verify it for issues:read", created.secret, "issues:read", expecting: .valid, service)
        try verify("verify it for issues:write", created.secret, "issues:write", expecting: .insufficientScope, service)
        let rolled = try step("roll it: a new secret", { $0.token.hint }) {
            try service.rollToken(id: created.token.id, as: ann)
        }
        try verify("verify the old secret", created.secret, "issues:read", expecting: .superseded, service)
        try verify("verify the new secret", rolled.secret, "issues:read", expecting: .valid, service)
        try step("revoke it") { try service.revokeToken(id: created.token.id, as: ann).state.text }
        try verify("verify the new secret again", rolled.secret, "issues:read", expecting: .revoked, service)
        let events = try step("list the audit's events", { "\($0.elements.count) events" }) {
            try service.events(as: ann)
        }
        expect(events.elements.count == 6)
        say("\n\(AuditEvent.table(events.elements))")
    }

    mutating func finish() {
        if isJSON {
            Terminal.printLine(
                JSON.object([("as_expected", .bool(isAsExpected)), ("steps", .array(steps))]).text)
        } else if isAsExpected {
            say("\nAll as it should be. The daemon is stopped and its directory removed.")
        } else {
            Terminal.remark("\nSomething answered otherwise than it should: please report this.")
        }
    }

    private mutating func verify(
        _ name: String, _ secret: BearerToken, _ scope: String, expecting outcome: Verification.Outcome,
        _ client: TokenClient
    ) throws {
        let verification = try step(name, { $0.outcome.styledText }) {
            try client.verify(secret.reveal(), requiring: [scope])
        }
        expect(verification.outcome == outcome)
    }

    private mutating func expect(_ isTrue: Bool) {
        if !isTrue { isAsExpected = false }
    }

    private mutating func step(_ name: String, _ work: () throws -> String) throws {
        _ = try step(name, { $0 }, work)
    }

    /// Does one thing, and tells how long it took and what came of it.
    private mutating func step<Value>(
        _ name: String, _ outcome: (Value) -> String, _ work: () throws -> Value
    ) throws -> Value {
        let clock = ContinuousClock()
        let start = clock.now
        let value = try work()
        let took = clock.now - start
        let microseconds = took.components.seconds * 1_000_000 + took.components.attoseconds / 1_000_000_000_000
        steps.append(
            .object([
                ("step", .string(name)), ("outcome", .string(outcome(value))), ("microseconds", .number(microseconds)),
            ]))
        let time = "\(microseconds / 1000).\(String(microseconds % 1000 / 10 + 100).dropFirst()) ms"
        let pad = String(repeating: " ", count: max(0, 10 - time.count))
        say("  \(name.padded(to: 38)) \(Terminal.styled(pad + time, .faint))   \(outcome(value))")
        return value
    }

    private func say(_ text: String) {
        if !isJSON { Terminal.printLine(text) }
    }
}
