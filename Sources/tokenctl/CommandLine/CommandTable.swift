/// All commands, in the order in which help lists them.
enum CommandTable {
    static let commands: [Command] =
        DemoCommand.commands + LoginCommands.commands + TokenCommands.commands
        + VerifyCommand.commands + InquiryCommands.commands

    /// The command that the words begin with, and the words that are left.
    static func find(_ words: [String]) throws(UsageProblem) -> (command: Command, rest: [String]) {
        let leading = words.prefix { !$0.hasPrefix("-") }
        if let command = commands.first(where: { leading.starts(with: $0.path) }) {
            return (command, Array(words.dropFirst(command.path.count)))
        }
        guard let first = leading.first else { throw UsageProblem(message: "no command given") }
        let verbs = commands.filter { $0.path.count == 2 && $0.path[0] == first }.map { $0.path[1] }
        if !verbs.isEmpty { throw unknownVerb(of: first, leading.dropFirst().first, verbs) }
        let nouns = commands.map { $0.path[0] }
        throw UsageProblem(
            message: "there is no command “\(first)”\(Suggestion.nearest(to: first, in: nouns))")
    }

    private static func unknownVerb(of noun: String, _ verb: String?, _ verbs: [String]) -> UsageProblem {
        let known = "\(noun) has: \(verbs.joined(separator: ", "))"
        guard let verb else { return UsageProblem(message: known, seeAlso: "tokenctl \(noun) --help") }
        let suggestion = Suggestion.nearest(to: verb, in: verbs)
        return UsageProblem(
            message: "there is no “\(noun) \(verb)”\(suggestion.isEmpty ? "; \(known)" : suggestion)",
            seeAlso: "tokenctl \(noun) --help")
    }
}
