/// The script for fish, see complete(1) there.
enum FishCompletion {
    static var script: String {
        ([head] + words + commonOptions + CommandTable.commands.flatMap(lines(about:))).joined(separator: "\n")
    }

    private static var head: String {
        """
        # Completion of tokenctl for fish, made by: tokenctl completion fish
        # Put it in ~/.config/fish/completions/tokenctl.fish

        set -g __tokenctl_beginnings \(Completions.beginnings.map { quoted($0.joined(separator: " ")) }.joined(separator: " "))

        # Whether the words before the cursor are one of these commands, or of these beginnings.
        function __tokenctl_at
            set -l command ''
            for word in (commandline -opc)[2..-1]
                \(aliases)
                set -l longer (string trim -- "$command $word")
                if contains -- "$longer" $__tokenctl_beginnings
                    set command $longer
                end
            end
            contains -- "$command" $argv
        end

        complete -c tokenctl -f
        """
    }

    private static var aliases: String {
        CommandTable.aliases.sorted { $0.key < $1.key }.map {
            "if test -z \"$command\" -a \"$word\" = \($0.key); set word \($0.value); end"
        }.joined(separator: "\n        ")
    }

    private static var words: [String] {
        ([[]] + Completions.beginnings).flatMap { beginning in
            Completions.words(after: beginning).map { word, summary in
                "\(complete(at: beginning.joined(separator: " "))) -a \(word) -d \(quoted(summary))"
            }
        }
    }

    private static var commonOptions: [String] {
        Command.commonOptions.map { option in
            let others = CommandTable.commands.filter { !$0.commonOptions.map(\.name).contains(option.name) }
            let names = others.map { "\"\($0.name)\"" }.joined(separator: " ")
            let condition = others.isEmpty ? "" : " -n \(quoted("not __tokenctl_at \(names)"))"
            return "complete -c tokenctl\(condition) \(arguments(of: option))"
        }
    }

    private static func lines(about command: Command) -> [String] {
        let options = command.options.map { "\(complete(at: command.name)) \(arguments(of: $0))" }
        let operands: [String] = command.operands.compactMap { operand in
            if operand.completion.isFile { return "\(complete(at: command.name)) -F" }
            let words = operand.completion.words.joined(separator: " ")
            return words.isEmpty ? nil : "\(complete(at: command.name)) -a \(quoted(words))"
        }
        return options + operands
    }

    private static func complete(at name: String) -> String {
        "complete -c tokenctl -n \(quoted("__tokenctl_at \"\(name)\""))"
    }

    private static func arguments(of option: Command.Option) -> String {
        let name = "-l \(option.name.dropFirst(2))"
        let help = "-d \(quoted(option.help))"
        if option.value == nil { return "\(name) \(help)" }
        if option.completion.isFile { return "\(name) -r -F \(help)" }
        let words = option.completion.words.joined(separator: " ")
        return words.isEmpty ? "\(name) -x \(help)" : "\(name) -x -a \(quoted(words)) \(help)"
    }

    /// In single quotes fish wants a backslash before a quote and a backslash.
    private static func quoted(_ text: String) -> String {
        let escaped = text.map { $0 == "'" || $0 == "\\" ? "\\\($0)" : String($0) }.joined()
        return "'\(escaped)'"
    }
}
