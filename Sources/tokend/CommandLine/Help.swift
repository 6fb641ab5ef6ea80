import TokenServer

/// Help, made of the table of commands.
enum Help {
    private static let columnCountMax = 100

    /// What may stand in place of a command.
    static let generalOptions: [(name: String, text: String)] = [
        ("--help", "show this; tokend <command> --help shows a command's options"), ("--version", "show the version"),
    ]

    static var general: String {
        let commands = Command.all.map { ($0.name, $0.summary) }
        return [
            "tokend issues and verifies API tokens for the services of this host.",
            "Usage: tokend <command> [options]",
            section("Commands", commands),
            section("Options", generalOptions.map { ($0.name, $0.text) }),
            section("Exit codes", ExitCode.allCases.map { (String($0.rawValue), $0.meaning) }),
            """
            Start here:
              tokend init --store /var/lib/tokend
              tokend serve --store /var/lib/tokend --socket /run/tokend/tokend.sock
              tokenctl bootstrap --workspace ws_example --user you
            """,
            "tokend man prints the manual.",
        ].joined(separator: "\n\n")
    }

    static func text(about command: Command) -> String {
        var parts = [command.summary + ".", "Usage: tokend \(command.synopsis) [options]"]
        if !command.details.isEmpty { parts.append(wrapped(command.details)) }
        if !command.operands.isEmpty { parts.append(section("Operands", command.operands.map { ($0.name, $0.help) })) }
        parts.append(section("Options", (command.options + [.help]).map { ($0.synopsis, $0.help) }))
        parts += command.sections.map { section($0.title, $0.rows.map { ($0.name, $0.text) }) }
        if !command.examples.isEmpty {
            parts.append("Examples:\n" + command.examples.map { "  \($0)" }.joined(separator: "\n"))
        }
        return parts.joined(separator: "\n\n")
    }

    /// A title, and names with what they mean beside them.
    private static func section(_ title: String, _ rows: [(String, String)]) -> String {
        let width = max(14, rows.map(\.0.count).max() ?? 0)
        let indentation = String(repeating: " ", count: width + 4)
        let lines = rows.map { name, meaning in
            let space = String(repeating: " ", count: width - name.count)
            let text = meaning.wrapped(columnCountMax - indentation.count).joined(separator: "\n" + indentation)
            return "  \(name)\(space)  \(text)"
        }
        return "\(title):\n" + lines.joined(separator: "\n")
    }

    private static func wrapped(_ text: String) -> String {
        text.split(separator: "\n\n").map { String($0).wrapped(columnCountMax).joined(separator: "\n") }
            .joined(separator: "\n\n")
    }
}

extension String {
    /// Its words in lines of at most this length; a longer word has a line of its own.
    func wrapped(_ columnCountMax: Int) -> [String] {
        split(whereSeparator: \.isWhitespace).reduce(into: []) { lines, word in
            if let last = lines.last, last.count + 1 + word.count <= columnCountMax {
                lines[lines.count - 1] += " \(word)"
            } else {
                lines.append(String(word))
            }
        }
    }
}
