import TokenClient

/// What a person is told of a call that failed, in the words of the command line.
struct ErrorText {
    let invocation: Invocation

    func text(_ error: TokenError) -> String {
        var lines = [translated(message(error))]
        if error.fields.count > 1 {
            lines += error.fields.map { "  \(given($0.name)): \(translated($0.problem))" }
        }
        if let advice = advice(error.code) { lines.append(advice) }
        if let traceID = error.traceID { lines.append("trace: \(traceID)") }
        return lines.joined(separator: "\n")
    }

    private func advice(_ code: TokenError.Code) -> String? {
        switch code {
        case .connectionFailed: "--socket PATH and the variable TOKEND_SOCKET name the socket."
        case .protocolViolation:
            "Is it tokend that listens on \(invocation.socketPath)? --socket PATH and the variable TOKEND_SOCKET name "
                + "the socket."
        case .unauthenticated where invocation.callsByLogin: "Log in again with tokenctl login."
        default: nil
        }
    }

    /// It begins with the name of the first field that is wrong.
    private func message(_ error: TokenError) -> String {
        guard let field = error.fields.first?.name, error.message.hasPrefix(field + ": ") else { return error.message }
        return given(field) + error.message.dropFirst(field.count)
    }

    /// What a field of the request was given by here: an option, or an operand.
    private func given(_ field: String) -> String {
        let own = Set(invocation.command.options.map(\.name))
        let options = Self.options[field]?.filter(own.contains) ?? []
        if let option = options.first(where: invocation.has) { return option }
        let operands = Set(invocation.command.operands.map(\.name))
        return Self.operands[field].flatMap { operands.contains($0) ? $0 : nil } ?? options.first ?? field
    }

    private static let operands = ["user_id": "USER", "workspace_id": "WS", "name": "NAME", "id": "ID"]

    /// The options that stand for what the daemon calls so: the one that was given, else the first that the command has.
    private static let options = [
        "expires_at": ["--expires-at", "--expires-in"], "overlap_seconds": ["--overlap"], "first_seq": ["--from"],
        "last_seq": ["--through"], "known_seq": ["--known"], "known_hash": ["--known"],
        "required_scopes": ["--scope"], "workspace_id": ["--in", "--workspace"], "owner_id": ["--owner"],
        "user_id": ["--user"], "token_name": ["--name"], "name_prefix": ["--name-prefix"],
        "start_time": ["--since"], "end_time": ["--until"], "scopes": ["--scope"], "scope": ["--scope"],
        "role": ["--role"], "name": ["--name"],
    ]

    /// The message names fields and methods of the protocol, which nobody has typed here.
    private func translated(_ message: String) -> String {
        let own = Set(invocation.command.options.map(\.name))
        let named = message.replacing(#/\b[a-z]+_[a-z_]+\b/#) { match in
            let options = Self.options[String(match.output)]?.filter(own.contains) ?? []
            return options.first(where: invocation.has) ?? options.first ?? String(match.output)
        }
        return Self.inWordsOfTheCommandLine(named).replacing("ListScopes names", with: "tokenctl scopes lists")
    }

    /// The library names a property of its own.
    static func inWordsOfTheCommandLine(_ message: String) -> String {
        message.replacing(
            "set trustedServerUserIDs", with: "name its user by --server-user, or TOKEND_SERVER_USER, if it is tokend")
    }
}
