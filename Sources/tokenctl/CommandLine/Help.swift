/// Help, made of the table of commands.
enum Help {
    static var general: String {
        """
        tokenctl manages and verifies the API tokens of the tokend on this host.

        Usage: tokenctl <command> [options]

        \(listing(CommandTable.commands))

        Options of every command:
        \(table(Command.globalOptions.map { (synopsis($0), $0.help) }))
          --version           show the version

        Exit codes: 0 done · 1 the token does not verify · 64 wrong usage · 65 invalid or in the way · 66 not found
        69 daemon not reachable · 73 file can't be written · 75 try later · 77 not logged in or not allowed

        New here? Run: tokenctl demo
        """
    }

    /// Of the commands that begin with one noun.
    static func noun(_ noun: String) -> String {
        """
        Usage: tokenctl \(noun) <command> [options]

        \(listing(CommandTable.commands.filter { $0.path[0] == noun }))

        tokenctl \(noun) <command> --help shows a command's options.
        """
    }

    static func command(_ command: Command) -> String {
        var parts = [command.summary, usage(command)]
        if !command.details.isEmpty { parts.append(command.details) }
        if !command.operands.isEmpty {
            parts.append("Operands:\n" + table(command.operands.map { ($0.name, $0.help) }))
        }
        if !command.options.isEmpty {
            parts.append("Options:\n" + table(command.options.map { (synopsis($0), $0.help) }))
        }
        parts.append("Options of every command:\n" + table(Command.globalOptions.map { (synopsis($0), $0.help) }))
        if !command.examples.isEmpty {
            parts.append("Examples:\n" + command.examples.map { "  \($0)" }.joined(separator: "\n"))
        }
        return parts.joined(separator: "\n\n")
    }

    private static func usage(_ command: Command) -> String {
        let operands = command.operands.map { " \($0.name)" }.joined()
        return "Usage: tokenctl \(command.name)\(operands)\(command.options.isEmpty ? "" : " [options]")"
    }

    private static func listing(_ commands: [Command]) -> String {
        "Commands:\n" + table(commands.map { ($0.name, $0.summary) })
    }

    private static func synopsis(_ option: Command.Option) -> String {
        option.name + (option.value.map { " \($0)" } ?? "")
    }

    private static func table(_ rows: [(String, String)]) -> String {
        let width = max(18, rows.map(\.0.count).max() ?? 0)
        return rows.map { "  \($0.0.padded(to: width))  \($0.1)" }.joined(separator: "\n")
    }
}
