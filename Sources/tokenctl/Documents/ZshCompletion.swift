/// The script for zsh, see zshcompsys(1).
enum ZshCompletion {
    static var script: String {
        """
        #compdef tokenctl
        # Completion of tokenctl for zsh, made by: tokenctl completion zsh
        # Put it in a directory of $fpath as _tokenctl, or load it with: source <(tokenctl completion zsh)

        # Sets items to what can follow the beginning of a command.
        _tokenctl_words() {
            items=()
            case $1 in
        \(words)
            esac
        }

        # Sets items to the options of a command.
        _tokenctl_options() {
            case $1 in
        \(options)
                *) items=(\(items(Command.commonOptions))) ;;
            esac
        }

        _tokenctl() {
            local command= word
            local -a items
            for word in "${(@)words[2,CURRENT - 1]}"; do
                \(aliases)
                _tokenctl_words "$command"
                if [[ -n ${(M)items:#${(b)word}:*} ]]; then command=${command:+$command }$word; fi
            done
            case "$command ${words[CURRENT - 1]}" in
        \(values)
            esac
            if [[ $PREFIX == -* ]]; then
                _tokenctl_options "$command"
                _describe -o option items
                return
            fi
            case $command in
        \(operands)
            esac
            _tokenctl_words "$command"
            _describe command items
        }

        if [[ $funcstack[1] == _tokenctl ]]; then _tokenctl "$@"; else compdef _tokenctl tokenctl; fi
        """
    }

    private static func item(_ name: String, _ help: String) -> String { Completions.quoted("\(name):\(help)") }

    private static var words: String {
        ([[]] + Completions.beginnings).compactMap { beginning in
            let words = Completions.words(after: beginning)
            if words.isEmpty { return nil }
            let items = words.map { item($0.word, $0.summary) }.joined(separator: " ")
            return "        \(Completions.quoted(beginning.joined(separator: " ")))) items=(\(items)) ;;"
        }.joined(separator: "\n")
    }

    private static var options: String {
        CommandTable.commands.map { command in
            "        \(Completions.quoted(command.name))) items=(\(items(command.options + command.commonOptions))) ;;"
        }.joined(separator: "\n")
    }

    private static func items(_ options: [Command.Option]) -> String {
        options.map { item($0.name, $0.help) }.joined(separator: " ")
    }

    private static var aliases: String {
        CommandTable.aliases.sorted { $0.key < $1.key }.map {
            "if [[ -z $command && $word == \($0.key) ]]; then word=\($0.value); fi"
        }.joined(separator: "\n        ")
    }

    private static var values: String {
        let words = CommandTable.commands.flatMap { command in
            command.options.filter { !$0.completion.words.isEmpty }.map { option in
                "        \"\(command.name) \(option.name)\") compadd -- \(option.completion.words.joined(separator: " ")); return ;;"
            }
        }
        let files = Completions.valueOptions(\.isFile).map { "*\" \($0)\"" }.joined(separator: "|")
        let others = Completions.valueOptions { !$0.isFile }.map { "*\" \($0)\"" }.joined(separator: "|")
        return (words + ["        \(files)) _files; return ;;", "        \(others)) return ;;"]).joined(separator: "\n")
    }

    private static var operands: String {
        CommandTable.commands.flatMap { command in
            command.operands.compactMap { operand in
                if operand.completion.isFile { return "        '\(command.name)') _files; return ;;" }
                let words = operand.completion.words.joined(separator: " ")
                return words.isEmpty ? nil : "        '\(command.name)') compadd -- \(words); return ;;"
            }
        }.joined(separator: "\n")
    }
}
