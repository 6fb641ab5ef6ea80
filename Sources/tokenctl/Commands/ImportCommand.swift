import TokenClient

/// `tokenctl token import`: tokens that another system has issued, so that nobody has to exchange them.
enum ImportCommand {
    static let commands = [importTokens]

    private static let importTokens = Command(
        path: ["token", "import"], caller: .principal,
        summary: "Take over tokens that another system has issued, by their SHA-256",
        details: """
            Each line of the file is a token, as a JSON object with these fields: sha256, the hash of the token's \
            whole text in 64 hexadecimal digits; name; owner, a member of the workspace; scopes, a list; and, if you \
            like, expires_at, a time, and hint, up to 16 characters by which to tell tokens apart. It needs \
            workspace:admin and every scope that it gives.

            Lines go to the daemon in batches of 100, and of a batch all are taken over or none. A line that is \
            refused is told with its number and what is wrong, and the other batches go on. When the daemon says that \
            there are too many changes, the import waits. It can be run again at any time: what was taken over is \
            recognised. Exits 65 if a line was refused.
            """,
        operands: [.init(name: "FILE", help: "JSON lines; - for standard input", completion: .file)],
        options: [.init(name: "--dry-run", help: "check the file alone, and send nothing")],
        examples: [
            "tokenctl token import tokens.jsonl",
            #"{"sha256": "9f86…", "name": "ci", "owner": "bob", "scopes": ["issues:read"]}"#,
        ]
    ) { invocation in
        let reader = try LineReader(path: invocation.operand(0))
        let isDryRun = invocation.has("--dry-run")
        var importer = Importer(client: isDryRun ? nil : try invocation.client(), invocation)
        do {
            try importer.run(reader)
        } catch {
            let isOfFile = error is Problem
            Terminal.remark(
                "tokenctl: the import ended before line \(reader.number + (isOfFile ? 1 : 0))"
                    + (isOfFile ? "" : "; run it again"))
            invocation.report(importer.report.json, importer.report.text(isDryRun: isDryRun))
            throw error
        }
        invocation.report(importer.report.json, importer.report.text(isDryRun: isDryRun))
        return importer.report.refusedCount == 0 ? .success : .invalidData
    }
}
