/// The words of a command line, before it is known which command they are for.
struct CommandWords {
    /// What names the command, and operands that follow it before the first option.
    let names: ArraySlice<String>
    let asksForHelp: Bool
    /// Options that stand before the command: those that every command has.
    private let leadingOptions: [String]
    private let trailing: ArraySlice<String>

    init(_ words: [String]) throws(UsageProblem) {
        var rest = words[...]
        var options: [String] = []
        while let word = rest.first, word.hasPrefix("-") {
            options.append(word)
            rest.removeFirst()
            if try Self.takesNextWord(word), let value = rest.popFirst() { options.append(value) }
        }
        var names = rest.prefix { !$0.hasPrefix("-") }
        trailing = rest.dropFirst(names.count)
        let isHelpCommand = names.first == "help"
        if isHelpCommand { names.removeFirst() }
        asksForHelp =
            isHelpCommand || (options + trailing).prefix { $0 != "--" }.contains { $0 == "--help" || $0 == "-h" }
        self.names = names
        leadingOptions = options
    }

    private static func takesNextWord(_ word: String) throws(UsageProblem) -> Bool {
        let name = word.prefix { $0 != "=" }
        let long = Invocation.longNames[String(name)] ?? String(name)
        guard let option = Command.globalOptions.first(where: { $0.name == long }) else {
            let suggestion = Suggestion.nearest(to: long, in: Command.globalOptions.map(\.name))
            throw UsageProblem(message: "there is no option \(name) before a command\(suggestion)")
        }
        return option.value != nil && name == word
    }

    /// What is left for the command of this path: operands and options.
    func arguments(after path: [String]) -> [String] {
        leadingOptions + names.dropFirst(path.count) + trailing
    }
}
