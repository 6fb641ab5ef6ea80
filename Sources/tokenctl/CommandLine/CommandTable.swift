/// All commands, in the order in which help lists them.
enum CommandTable {
    static let groups = [
        CommandGroup(title: "Start here", commands: DemoCommand.commands + LoginCommands.commands),
        CommandGroup(title: "Verify", commands: VerifyCommand.commands),
        CommandGroup(
            title: "Tokens of your own",
            commands: TokenCommands.commands + TokenRollCommand.commands + TokenRevokeCommand.commands
                + ImportCommand.commands),
        CommandGroup(
            title: "Service accounts",
            commands: ServiceAccountCommands.commands + ServiceAccountTokenCommands.commands),
        CommandGroup(title: "Members", commands: MemberCommands.commands),
        CommandGroup(
            title: "Inquiries",
            commands: InquiryCommands.commands + DoctorCommand.commands + EventCommands.commands),
        CommandGroup(
            title: "For the host's operator",
            commands: OperatorCommands.commands + AuditCommands.commands + BackupCommand.commands
                + TopCommand.commands + MetricsCommand.commands),
        CommandGroup(title: "For your shell", commands: ShellCommands.commands),
    ]

    static let commands = groups.flatMap(\.commands)

    /// Short for the first word of a command.
    static let aliases = ["sa": "service-account"]

    /// What words name that come before any option.
    enum Subject {
        case command(Command)
        /// The beginning of several commands, and of all when it is empty.
        case beginning([String])
    }

    /// - Throws: When no command begins with the words.
    static func subject(of words: some Sequence<String>) throws(UsageProblem) -> Subject {
        var beginning: [String] = []
        for word in words {
            let word = beginning.isEmpty ? aliases[word] ?? word : word
            let path = beginning + [word]
            if let command = commands.first(where: { $0.path == path }) { return .command(command) }
            if !commands.contains(where: { $0.path.starts(with: path) }) { throw unknown(word, after: beginning) }
            beginning = path
        }
        return .beginning(beginning)
    }

    /// Whether the words are the beginning of a command and not all of it, as no words are.
    static func isBeginning(_ words: [String]) -> Bool {
        let path = words.prefix(1).map { aliases[$0] ?? $0 } + words.dropFirst()
        return commands.contains { $0.path.count > path.count && $0.path.starts(with: path) }
    }

    /// The words that can follow the beginning of a command.
    static func words(after beginning: [String]) -> [String] {
        let longer = commands.map(\.path).filter { $0.starts(with: beginning) && $0.count > beginning.count }
        return longer.reduce(into: []) { words, path in
            if !words.contains(path[beginning.count]) { words.append(path[beginning.count]) }
        }
    }

    /// The problem of a command line that ends before its command does.
    static func incomplete(_ beginning: [String]) -> UsageProblem {
        let name = beginning.joined(separator: " ")
        if beginning.isEmpty { return UsageProblem(message: "no command given") }
        return UsageProblem(
            message: "\(name) has: \(words(after: beginning).joined(separator: ", "))",
            seeAlso: "tokenctl \(name) --help")
    }

    private static func unknown(_ word: String, after beginning: [String]) -> UsageProblem {
        let known = words(after: beginning)
        let word = PossibleSecret.isOne(word) ? "…" : word
        let name = (beginning + [word]).joined(separator: " ")
        let suggestion = Suggestion.nearest(to: word, in: known)
        if beginning.isEmpty { return UsageProblem(message: "there is no command “\(name)”\(suggestion)") }
        let alternative = "; \(beginning.joined(separator: " ")) has: \(known.joined(separator: ", "))"
        return UsageProblem(
            message: "there is no “\(name)”\(suggestion.isEmpty ? alternative : suggestion)",
            seeAlso: "tokenctl \(beginning.joined(separator: " ")) --help")
    }
}
