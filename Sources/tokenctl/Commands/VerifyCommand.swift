import TokenClient

/// `tokenctl verify`: is this token good?
enum VerifyCommand {
    static let commands = [verify]

    private static let verify = Command(
        path: ["verify"], caller: .nobody, summary: "Verify the token on standard input",
        details: "Exits 0 when it is VALID, 1 when it is not.",
        options: [
            .init(name: "--scope", value: "SCOPE", help: "a scope it must hold; repeat for more", isRepeatable: true),
            .init(name: "--in", value: "WS", help: "the workspace it must belong to", insteadOf: "--workspace"),
        ],
        examples: ["tokenctl verify --scope issues:read < token.txt"], takesSecret: true
    ) { invocation in
        let text = try SecretInput.text()
        let verification = try invocation.anonymousClient().verify(
            text, requiring: invocation.all("--scope"), in: invocation.value("--in"))
        invocation.report(verification.json, verification.details(now: .now))
        return verification.isValid ? .success : .negative
    }
}
