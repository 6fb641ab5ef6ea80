import TokenClient

/// What the host's operator does, by operator.sock.
enum OperatorCommands {
    static let commands = [list, suspend, activate, end, reload]

    private static let list = Command.list(
        ["workspace", "list"], caller: .operator, summary: "List the workspaces of this host, newest first",
        options: [
            .init(
                name: "--state", value: "STATE",
                help: "only those that are \(Command.Option.alternatives(WorkspaceState.self))",
                completion: .words(WorkspaceState.choices.map(\.text)))
        ]
    ) { invocation in
        try invocation.operatorClient().allWorkspaces(inState: try invocation.choice("--state"))
    }

    private static let suspend = Command(
        path: ["workspace", "suspend"], caller: .operator,
        summary: "Let no token of a workspace verify, until it is activated",
        operands: [.workspace]
    ) { invocation in
        let id = try invocation.operand(0)
        try report(invocation, id, .suspended, "suspended \(id); its tokens don't verify")
        return .success
    }

    private static let activate = Command(
        path: ["workspace", "activate"], caller: .operator,
        summary: "Let the tokens of a suspended workspace verify again",
        operands: [.workspace]
    ) { invocation in
        let id = try invocation.operand(0)
        try report(invocation, id, .active, "activated \(id)")
        return .success
    }

    private static let end = Command(
        path: ["workspace", "end"], caller: .operator, summary: "End a workspace and all its tokens, for good",
        details:
            "Its id is never free again, and it has no other state ever again. To stop it for a while, suspend it.",
        operands: [.workspace], options: [.yes]
    ) { invocation in
        let id = try invocation.operand(0)
        guard try invocation.confirm("End workspace \(id) and all its tokens, for good?") else { return .negative }
        try report(invocation, id, .ended, "ended \(id); its tokens are revoked")
        return .success
    }

    private static func report(
        _ invocation: Invocation, _ id: String, _ state: WorkspaceState, _ sentence: String
    ) throws {
        let workspace = try invocation.operatorClient().setWorkspaceState(id: id, to: state)
        invocation.report(workspace.json, sentence)
    }

    private static let reload = Command(
        path: ["reload"], caller: .operator, summary: "Let the daemon read its configuration again",
        details: "A fault in it changes nothing, and is told with the name of the setting, or of the file and line."
    ) { invocation in
        let report = try invocation.operatorClient().reload()
        invocation.report(
            .object([
                ("changed_settings", .strings(report.changedSettings)),
                ("restart_settings", .strings(report.restartSettings)),
            ]), text(report))
        return .success
    }

    private static func text(_ report: ReloadReport) -> String {
        let changed = report.changedSettings.joined(separator: ", ")
        let waiting = report.restartSettings.joined(separator: ", ")
        let lines =
            [changed.isEmpty ? "nothing has changed" : "in force now: \(changed)"]
            + (waiting.isEmpty ? [] : ["in force after a restart: \(waiting)"])
        return lines.joined(separator: "\n")
    }
}
