/// The words of a command line, taken apart as far as the command's name.
struct CommandWords {
    /// What names the command, or the beginning of several.
    let names: [String]
    let asksForHelp: Bool
    /// Options that stand before the command or between its words: those that commands have in common.
    private let leadingOptions: [String]
    private let trailing: ArraySlice<String>

    init(_ words: [String]) throws(UsageProblem) {
        var rest = words[...]
        var options: [String] = []
        var names: [String] = []
        var isHelpCommand = false
        // From the command on it says what options there are.
        while CommandTable.isBeginning(names), let word = rest.popFirst() {
            if word.hasPrefix("-") {
                options.append(word)
                if try Self.takesNextWord(word), let value = rest.popFirst() { options.append(value) }
            } else if word == "help" && names.isEmpty {
                isHelpCommand = true
            } else {
                names.append(word)
            }
        }
        asksForHelp =
            isHelpCommand || (options + rest).prefix { $0 != "--" }.contains { $0 == "--help" || $0 == "-h" }
        self.names = names
        leadingOptions = options
        trailing = rest
    }

    private static func takesNextWord(_ word: String) throws(UsageProblem) -> Bool {
        let name = word.prefix { $0 != "=" }
        let long = Invocation.longNames[String(name)] ?? String(name)
        guard let option = Command.commonOptions.first(where: { $0.name == long }) else {
            let suggestion = Suggestion.nearest(to: long, in: Command.commonOptions.map(\.name))
            throw UsageProblem(message: "there is no option \(name) before a command\(suggestion)")
        }
        return option.value != nil && name == word
    }

    /// What is left for the command: operands and options.
    var arguments: [String] { leadingOptions + trailing }
}
