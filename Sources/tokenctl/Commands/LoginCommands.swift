import TokenClient

/// `tokenctl bootstrap` and `tokenctl login`: how a person gets a first token, and keeps it.
enum LoginCommands {
    static let commands = [bootstrap, login]

    private static let login = Command(
        path: ["login"], caller: .nobody, summary: "Keep your token, read from standard input, for the other commands",
        details: """
            The token is tried first. It is kept in ~/.config/tokend/token, or the file named with --token-file, \
            readable by you alone.
            """,
        options: [
            .init(
                name: "--token-file", value: "FILE", help: "where to keep it (default: ~/.config/tokend/token)",
                completion: .file)
        ],
        examples: ["tokenctl login < token.txt"], takesSecret: true
    ) { invocation in
        if let path = invocation.value("--token-file") { _ = try invocation.newFile(path) }
        let token = try SecretInput.token()
        let identity = try invocation.anonymousClient().whoAmI(as: .bearer(token))
        let file = invocation.tokenFile
        try file.write(token)
        invocation.report(
            identity.json,
            "logged in as \(identity.principalID) in \(identity.workspaceID); the token is in \(file.path)")
        return .success
    }

    private static let bootstrap = Command(
        path: ["bootstrap"], caller: .operator,
        summary: "Make a workspace with its first administrator and their token",
        details: "Uses operator.sock beside the daemon's socket, which root and the daemon's own user can open.",
        options: [
            .init(name: "--workspace", value: "WS", help: "id of the new workspace, ws_…"),
            .init(
                name: "--user", value: "USER", help: "the user who becomes its tenant_admin", insteadOf: "--as"),
            .init(name: "--name", value: "NAME", help: "name of the token (default: bootstrap)"),
            .outputFile,
        ],
        examples: ["tokenctl bootstrap --workspace ws_example --user ann --quiet | tokenctl login"]
    ) { invocation in
        guard let workspace = invocation.value("--workspace") else {
            throw invocation.problem("--workspace is missing: the new workspace's id, ws_…")
        }
        guard let user = invocation.value("--user") else { throw invocation.problem("--user is missing") }
        let client = try invocation.operatorClient()
        return try invocation.issue {
            try client.bootstrap(workspaceID: workspace, userID: user, tokenName: invocation.value("--name"))
        }
    }
}
