/// A command line that means nothing: what is wrong with it, and where to read on.
struct UsageProblem: Error {
    let message: String
    var seeAlso = "tokend --help"
}

/// What the command line asks for.
enum Invocation {
    case help(String)
    case version
    case command(Command, Options)

    init(_ arguments: [String]) throws(UsageProblem) {
        guard let name = arguments.first else { throw UsageProblem(message: "no command given") }
        let rest = Array(arguments.dropFirst())
        switch name {
        case "--help", "-h":
            self = .help(Help.general)
        case "help":
            self = .help(try rest.first.map(Self.help) ?? Help.general)
        case "--version":
            self = .version
        default:
            let asksForHelp = rest.contains("--help") || rest.contains("-h")
            if asksForHelp {
                self = .help(try Self.help(about: name))
            } else {
                let command = try Command.named(name)
                self = .command(command, try Options(rest, of: command))
            }
        }
    }

    private static func help(about name: String) throws(UsageProblem) -> String {
        Help.text(about: try Command.named(name))
    }
}
