/// The script for bash(1), "Programmable Completion".
enum BashCompletion {
    static var script: String {
        """
        # Completion of tokenctl for bash, made by: tokenctl completion bash
        # Load it with: source <(tokenctl completion bash)

        # Words that can follow the beginning of a command.
        _tokenctl_words() {
            case $1 in
        \(cases { Completions.words(after: $0).map(\.word) })
            esac
        }

        # Options of a command.
        _tokenctl_options() {
            case $1 in
        \(cases(Completions.options))
                *) echo \(Command.commonOptions.map(\.name).joined(separator: " ")) ;;
            esac
        }

        _tokenctl() {
            local current=${COMP_WORDS[COMP_CWORD]} previous=${COMP_WORDS[COMP_CWORD - 1]} command= word
            # bash makes three words of --option=value.
            if [[ $previous == = ]]; then previous=${COMP_WORDS[COMP_CWORD - 2]}; fi
            if [[ $current == = ]]; then current=; fi
            for word in "${COMP_WORDS[@]:1:COMP_CWORD - 1}"; do
                \(aliases)
                if [[ " $(echo $(_tokenctl_words "$command")) " == *" $word "* ]]; then
                    command=${command:+$command }$word
                fi
            done
            COMPREPLY=()
            case "$command $previous" in
        \(values)
            esac
            if [[ $current == -* ]]; then
                mapfile -t COMPREPLY < <(compgen -W "$(_tokenctl_options "$command")" -- "$current")
                return
            fi
            mapfile -t COMPREPLY < <(compgen -W "$(_tokenctl_words "$command")" -- "$current")
            case $command in
        \(operands)
            esac
        }

        complete -F _tokenctl tokenctl
        """
    }

    /// One line for each beginning that has words.
    private static func cases(_ words: ([String]) -> [String]) -> String {
        ([[]] + Completions.beginnings).compactMap { beginning in
            let found = words(beginning)
            if found.isEmpty { return nil }
            return "        \"\(beginning.joined(separator: " "))\") echo \(found.joined(separator: " ")) ;;"
        }.joined(separator: "\n")
    }

    private static var aliases: String {
        CommandTable.aliases.sorted { $0.key < $1.key }.map {
            "if [[ -z $command && $word == \($0.key) ]]; then word=\($0.value); fi"
        }.joined(separator: "\n        ")
    }

    /// What can follow an option that has a value.
    private static var values: String {
        let words = CommandTable.commands.flatMap { command in
            command.options.filter { !$0.completion.words.isEmpty }.map { option in
                line("\"\(command.name) \(option.name)\"", offering: option.completion.words)
            }
        }
        let files = Completions.valueOptions(\.isFile).map { "*\" \($0)\"" }.joined(separator: " | ")
        let others = Completions.valueOptions { !$0.isFile }.map { "*\" \($0)\"" }.joined(separator: " | ")
        return (words + [fileLine(files), "        \(others)) return ;;"]).joined(separator: "\n")
    }

    private static var operands: String {
        CommandTable.commands.flatMap { command in
            command.operands.compactMap { operand in
                if operand.completion.isFile { return fileLine("\"\(command.name)\"") }
                let words = operand.completion.words
                return words.isEmpty ? nil : line("\"\(command.name)\"", offering: words)
            }
        }.joined(separator: "\n")
    }

    private static func line(_ pattern: String, offering words: [String]) -> String {
        "        \(pattern)) mapfile -t COMPREPLY < <(compgen -W \"\(words.joined(separator: " "))\" -- \"$current\"); return ;;"
    }

    private static func fileLine(_ pattern: String) -> String {
        "        \(pattern)) compopt -o filenames; mapfile -t COMPREPLY < <(compgen -f -- \"$current\"); return ;;"
    }
}
