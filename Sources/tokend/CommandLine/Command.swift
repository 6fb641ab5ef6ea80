import TokenServer

/// One command of tokend, as the table has it: what is parsed, what help and tokend(8) show, and what is run.
struct Command: Sendable {
    let name: String
    /// One line, for the list of commands.
    let summary: String
    /// Further sentences; an empty line begins a new paragraph.
    var details = ""
    var operands: [Operand] = []
    var options: [Option] = []
    /// Lines to copy.
    var examples: [String] = []
    /// What else there is to know, each a title with names and what they mean.
    var sections: [Section] = []
    /// Gives the exit code.
    let run: @Sendable (Options) throws -> Int32

    /// A word that is not an option.
    struct Operand: Sendable {
        let name: String
        let help: String
        /// Those that may be left out are the last ones.
        var isOptional = false
    }

    struct Option: Sendable {
        let name: String
        /// What help calls its value; none for a flag.
        var value: String?
        let help: String

        var synopsis: String { value.map { "\(name) \($0)" } ?? name }
    }

    struct Section: Sendable {
        let title: String
        let rows: [(name: String, text: String)]
    }

    /// The command with its operands, those in brackets that may be left out.
    var synopsis: String {
        ([name] + operands.map { $0.isOptional ? "[\($0.name)]" : $0.name }).joined(separator: " ")
    }
}

extension Command.Option {
    /// Stands over what the configuration says.
    static func setting(_ setting: Setting) -> Self {
        let builtIn = setting.builtIn.isEmpty ? "" : ", else \(setting.builtIn)"
        return Self(
            name: "--\(setting.name)", value: setting.placeholder,
            help: "\(setting.summary) (default: the configuration's\(builtIn))")
    }

    static let configuration = Self(
        name: "--config", value: "FILE",
        help: "configuration to read (default: \(ServerConfiguration.defaultPath) if it exists)")

    static let help = Self(name: "--help", help: "show this; also -h")
}
