/// Help, made of the table of commands.
enum Help {
    private static let columnCountMax = 100

    /// About what the words name: a command, those that begin so, or all.
    static func text(about subject: CommandTable.Subject) -> String {
        switch subject {
        case .command(let command): text(about: command)
        case .beginning(let words): words.isEmpty ? general : text(aboutCommandsBeginning: words)
        }
    }

    static var general: String {
        let commands = CommandTable.groups.map { section($0.title, $0.commands.map { ($0.name, $0.summary) }) }
        let options = Command.commonOptions.map { ($0.synopsis, $0.help) } + [("--version", "show the version")]
        let codes = ExitCode.allCases.map { (String($0.rawValue), $0.meaning) }
        let parts =
            ["tokenctl manages and verifies the API tokens of the tokend on this host."]
            + ["Usage: tokenctl <command> [options]"] + commands
            + [section("Common options", options), section("Exit codes", codes)]
            + ["tokenctl <command> --help shows a command's options, tokenctl man the manual."]
            + ["New here? Run: tokenctl demo"]
        return parts.joined(separator: "\n\n")
    }

    private static func text(aboutCommandsBeginning words: [String]) -> String {
        let name = words.joined(separator: " ")
        let commands = CommandTable.commands.filter { $0.path.starts(with: words) }
        return [
            "Usage: tokenctl \(name) <command> [options]",
            section("Commands", commands.map { ($0.name, $0.summary) }),
            "tokenctl \(name) <command> --help shows a command's options.",
        ].joined(separator: "\n\n")
    }

    private static func text(about command: Command) -> String {
        let options = command.options.isEmpty ? "" : " [options]"
        var parts = [command.summary, "Usage: tokenctl \(command.synopsis)\(options)"]
        if !command.details.isEmpty { parts.append(wrapped(command.details)) }
        if !command.operands.isEmpty { parts.append(section("Operands", command.operands.map { ($0.name, $0.help) })) }
        if !command.options.isEmpty { parts.append(section("Options", command.options.map { ($0.synopsis, $0.help) })) }
        parts.append(section("Common options", command.commonOptions.map { ($0.synopsis, $0.help) }))
        if !command.examples.isEmpty {
            parts.append("Examples:\n" + command.examples.map { "  \($0)" }.joined(separator: "\n"))
        }
        return parts.joined(separator: "\n\n")
    }

    /// A title, and names with what they mean beside them.
    private static func section(_ title: String, _ rows: [(String, String)]) -> String {
        let width = max(18, rows.map(\.0.count).max() ?? 0)
        let indentation = String(repeating: " ", count: width + 4)
        let lines = rows.map { name, meaning in
            let text = meaning.wrapped(columnCountMax - indentation.count).joined(separator: "\n" + indentation)
            return "  \(name.padded(to: width))  \(text)"
        }
        return "\(title):\n" + lines.joined(separator: "\n")
    }

    private static func wrapped(_ text: String) -> String {
        text.split(separator: "\n\n").map { String($0).wrapped(columnCountMax).joined(separator: "\n") }
            .joined(separator: "\n\n")
    }
}
