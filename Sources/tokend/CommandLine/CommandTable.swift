extension Command {
    /// All commands, in the order in which help lists them.
    static let all =
        StoreCommands.commands
        + [ServeCommand.command, CheckCommand.command, RestoreCommand.command, RecoverCommand.command]
        + DocumentCommands.commands

    static func named(_ name: String) throws(UsageProblem) -> Command {
        if let command = all.first(where: { $0.name == name }) { return command }
        let names = all.map(\.name)
        let list = "\(names.dropLast().joined(separator: ", ")) and \(names.last ?? "")"
        throw UsageProblem(message: "there is no command “\(name)”; there are \(list)")
    }
}
