/// One command of tokenctl, as the table has it: what is parsed, what help shows, and what is run.
struct Command: Sendable {
    /// `["token", "create"]` for `tokenctl token create`.
    let path: [String]
    /// One line, for the list of commands.
    let summary: String
    /// Further lines of `--help`.
    var details = ""
    var operands: [Operand] = []
    var options: [Option] = []
    /// Lines to copy, for `--help`.
    var examples: [String] = []
    let run: @Sendable (Invocation) throws -> ExitCode

    /// A word that is not an option.
    struct Operand: Sendable {
        let name: String
        let help: String
    }

    struct Option: Sendable {
        let name: String
        /// What `--help` calls its value; none for a flag.
        var value: String?
        let help: String
        var isRepeatable = false
    }

    var name: String { path.joined(separator: " ") }
}

/// Options that every command has.
extension Command {
    static let globalOptions = [
        Option(
            name: "--socket", value: "PATH",
            help: "the daemon's socket (default: $TOKEND_SOCKET, else \(defaultSocket))"),
        Option(name: "--token-file", value: "FILE", help: "your own token (default: ~/.config/tokend/token)"),
        Option(name: "--as", value: "USER", help: "act for this user; needs --workspace and the right to"),
        Option(name: "--workspace", value: "WS", help: "workspace of the user named with --as"),
        Option(name: "--timeout", value: "DURATION", help: "give up after this long (default: 5s)"),
        Option(name: "--json", help: "print JSON"),
        Option(name: "--quiet", help: "print only what a script needs: an id, a secret, nothing"),
        Option(name: "--help", help: "show this"),
    ]
}

/// A command line that means nothing: what is wrong with it, and where to read on.
struct UsageProblem: Error {
    let message: String
    var seeAlso = "tokenctl --help"
}
