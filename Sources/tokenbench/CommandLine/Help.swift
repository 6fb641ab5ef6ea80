/// Help, made of the table of commands.
enum Help {
    static let general = """
        tokenbench measures tokend as services see it: real clients, over the socket.

        Usage: tokenbench <command> [options]

        Commands:
        \(table(Command.listed.map { ($0.name, $0.summary) }))

        tokenbench <command> --help shows a command's options.

        Exit codes: 0 done · 1 measured, but calls failed or were not made, a verifier had no epoch page, or a history
        saw too little · 2 a history is wrong · 64 wrong usage · 65 a file holds something else · 69 the daemon can't be
        reached or refuses · 70 interrupted too early, or a fault of tokenbench · 73 a file or the output can't be
        written

        New here? Run: tokenbench run --daemon
        """

    static func command(_ command: Command) -> String {
        let operands = command.operands.map { " \($0)" }.joined()
        var parts = [
            command.summary,
            "Usage: tokenbench \(command.name)\(operands)\(command.options.isEmpty ? "" : " [options]")",
        ]
        if !command.details.isEmpty { parts.append(command.details) }
        if !command.options.isEmpty {
            let rows = command.options.map { ($0.name + ($0.value.map { " \($0)" } ?? ""), $0.help) }
            parts.append("Options:\n" + table(rows))
        }
        if !command.examples.isEmpty {
            parts.append("Examples:\n" + command.examples.map { "  \($0)" }.joined(separator: "\n"))
        }
        return parts.joined(separator: "\n\n")
    }

    private static func table(_ rows: [(String, String)]) -> String {
        let width = rows.map(\.0.count).max() ?? 0
        return rows.map { "  \($0.0.padded(to: width))  \($0.1)" }.joined(separator: "\n")
    }
}
