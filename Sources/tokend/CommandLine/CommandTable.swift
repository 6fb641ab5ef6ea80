/// All commands, in the order in which help lists them.
enum CommandTable {
    static let commands = StoreCommands.commands + [ServeCommand.command] + DocumentCommands.commands

    static func command(named name: String) throws(UsageProblem) -> Command {
        if let command = commands.first(where: { $0.name == name }) { return command }
        let names = commands.map(\.name)
        throw UsageProblem(
            message: "there is no command “\(name)”; there are "
                + names.dropLast().joined(separator: ", ") + " and " + (names.last ?? ""))
    }
}
