/// One command of tokenctl, as the table has it: what is parsed, what help, manual and completion show, and what is run.
struct Command: Sendable {
    /// `["token", "create"]` for `tokenctl token create`.
    let path: [String]
    let caller: Caller
    /// One line, for the list of commands.
    let summary: String
    /// Further sentences of `--help` and the manual; an empty line begins a new paragraph.
    var details = ""
    var operands: [Operand] = []
    var options: [Option] = []
    /// Lines to copy, for `--help`.
    var examples: [String] = []
    /// It reads a token from standard input: a word too many is likely to be one.
    var takesSecret = false
    let run: @Sendable (Invocation) throws -> ExitCode

    /// For whom the daemon is called, which decides on the common options: one that would change nothing is refused, so
    /// that nobody believes it had.
    enum Caller: Sendable {
        /// The daemon is not called.
        case none
        /// For nobody: whoever can open the daemon's socket may.
        case nobody
        /// For the owner of a token, or for a user whom the command line names.
        case principal
        /// For the host's operator, as whoever can open operator.sock is.
        case `operator`
    }

    /// A word that is not an option.
    struct Operand: Sendable {
        let name: String
        let help: String
        var isOptional = false
        var completion = Completion.nothing
    }

    struct Option: Sendable {
        let name: String
        /// What `--help` calls its value; none for a flag.
        var value: String?
        let help: String
        /// The common option that a person may have meant, where the command has not that one.
        var insteadOf: String?
        var isRepeatable = false
        var completion = Completion.nothing
    }

    /// What a shell can offer for a word.
    enum Completion: Sendable {
        case nothing
        case file
        case words([String])
    }

    var name: String { path.joined(separator: " ") }

    /// The command with its operands, those in brackets that may be left out.
    var synopsis: String {
        ([name] + operands.map { $0.isOptional ? "[\($0.name)]" : $0.name }).joined(separator: " ")
    }
}

extension Command.Option {
    var synopsis: String { value.map { "\(name) \($0)" } ?? name }
}

/// Commands that help and the manual show together.
struct CommandGroup: Sendable {
    let title: String
    let commands: [Command]
}
