import TokenClient

extension Invocation {
    /// Makes a token and shows its secret, this once: on the screen, or in the new file that `--output-file` names.
    func issue(_ make: () throws -> IssuedToken) throws -> ExitCode {
        guard let path = value("--output-file") else {
            try show(make())
            return .success
        }
        var file = try SecretFile(creating: path)
        let issued = try make()
        do {
            try file.keep(issued.secret)
        } catch {
            throw lost(issued.token, error.message)
        }
        report(
            .object([("token", issued.token.json)]), key: issued.token.id,
            TextTable.pairs(issued.token.details(now: .now)))
        if !wantsJSON && !isQuiet { Terminal.remark("\nThe secret is in \(path), and nowhere else.") }
        return .success
    }

    private func show(_ issued: IssuedToken) throws {
        let secret = issued.secret.reveal()
        let text: String
        if wantsJSON {
            text = JSON.object([("token", issued.token.json), ("secret", .string(secret))]).text
        } else if isQuiet {
            text = secret
        } else {
            let details = issued.token.details(now: .now)
            text = TextTable.pairs(details + [("secret", Terminal.styled(secret, .strong))])
        }
        if !Terminal.printLine(text) { throw lost(issued.token, "standard output can't be written") }
        if !wantsJSON && !isQuiet {
            Terminal.remark("\nThe secret is shown this once. Keep it where only its user can read it.")
        }
    }

    private func lost(_ token: Token, _ reason: String) -> Problem {
        Problem(
            message: "\(reason): the secret of \(token.id) is lost; roll the token or revoke it",
            exitCode: .cannotCreate)
    }
}
