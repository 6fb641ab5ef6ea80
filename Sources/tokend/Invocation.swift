/// A command line that means nothing.
struct UsageProblem: Error {
    let message: String
}

/// What the command line asks for.
enum Invocation {
    case help(String)
    case version
    case command(Command, Options)

    init(_ arguments: [String]) throws(UsageProblem) {
        guard let name = arguments.first else { throw UsageProblem(message: "no command given") }
        switch name {
        case "--help", "-h", "help":
            self = .help(Help.general)
        case "--version":
            self = .version
        default:
            let command = try Command.named(name)
            let rest = Array(arguments.dropFirst())
            self =
                try rest.contains("--help") || rest.contains("-h")
                ? .help(command.help) : .command(command, Options(rest, of: command))
        }
    }
}
