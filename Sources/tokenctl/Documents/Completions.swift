/// What the scripts of all shells are made of.
enum Completions {
    /// Beginnings of commands, and commands: `token`, `token create`.
    static var beginnings: [[String]] {
        CommandTable.commands.map(\.path).reduce(into: []) { beginnings, path in
            for last in path.indices {
                let beginning = Array(path[...last])
                if !beginnings.contains(beginning) { beginnings.append(beginning) }
            }
        }
    }

    /// The words that can follow a beginning, each with what it is for.
    static func words(after beginning: [String]) -> [(word: String, summary: String)] {
        CommandTable.words(after: beginning).map { word in
            let path = beginning + [word]
            let command = CommandTable.commands.first { $0.path == path }
            let verbs = CommandTable.words(after: path).joined(separator: ", ")
            return (word, command?.summary ?? verbs)
        }
    }

    /// The options of a command; none of what only begins so.
    static func options(_ path: [String]) -> [String] {
        CommandTable.commands.first { $0.path == path }.map { ($0.options + $0.commonOptions).map(\.name) } ?? []
    }

    /// The options whose next word is a value, of any command.
    static func valueOptions(
        _ isWanted: (Command.Completion) -> Bool
    ) -> [String] {
        let options = Command.commonOptions + CommandTable.commands.flatMap(\.options)
        return Set(options.filter { $0.value != nil && isWanted($0.completion) }.map(\.name)).sorted()
    }

    /// The text in single quotes, as every POSIX shell takes it.
    static func quoted(_ text: String) -> String {
        "'" + text.split(separator: "'", omittingEmptySubsequences: false).joined(separator: #"'\''"#) + "'"
    }
}

extension Command.Completion {
    var isFile: Bool {
        if case .file = self { return true }
        return false
    }

    /// The words to offer; none when it is a file or nothing is known.
    var words: [String] {
        if case .words(let words) = self { return words }
        return []
    }
}
