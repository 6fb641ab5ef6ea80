import TokenClient

/// `tokenctl verify`: is this token good?
enum VerifyCommand {
    static let commands = [verify]

    private static let verify = Command(
        path: ["verify"], summary: "Verify the token on standard input",
        details: "Exits 0 when it is VALID, 1 when it is not.",
        options: [
            .init(name: "--scope", value: "SCOPE", help: "a scope it must hold; repeat for more", isRepeatable: true),
            .init(name: "--in", value: "WS", help: "the workspace it must belong to"),
        ],
        examples: ["tokenctl verify --scope issues:read < token.txt"]
    ) { invocation in
        let token = try SecretInput.standardInput()
        let verification = try invocation.anonymousClient().verify(
            token.reveal(), requiring: invocation.all("--scope"), in: invocation.value("--in"))
        if invocation.wantsJSON {
            Terminal.printLine(verification.json.text)
        } else if !invocation.isQuiet {
            Terminal.printLine(verification.details(now: .now))
        }
        return verification.isValid ? .success : .negative
    }
}

extension Verification {
    var json: JSON {
        .object([
            ("outcome", .string(outcome.text)), ("token_id", .optional(tokenID)), ("kind", .optional(kind?.text)),
            ("workspace_id", .optional(workspaceID)), ("principal_id", .optional(principalID)),
            ("token_name", .optional(tokenName)), ("scopes", .strings(scopes)),
            ("expires_at", .optional(expiresAt?.description)), ("missing_scopes", .strings(missingScopes)),
        ])
    }

    func details(now: Timestamp) -> String {
        TextTable.pairs([
            ("outcome", outcome.styledText), ("token", tokenID), ("name", tokenName), ("principal", principalID),
            ("workspace", workspaceID), ("scopes", scopes.isEmpty ? nil : scopes.joined(separator: " ")),
            ("missing", missingScopes.isEmpty ? nil : missingScopes.joined(separator: " ")),
            ("expires", expiresAt.map { RelativeTime.full($0, from: now) }),
        ])
    }
}
