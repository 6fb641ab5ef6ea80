import TokenServer

/// A command line that means nothing.
struct UsageProblem: Error {
    let message: String
}

/// What the command line asks for.
enum Invocation {
    case help(String)
    case version
    case initialize(Options)
    case serve(Options)

    init(_ arguments: [String]) throws(UsageProblem) {
        guard let command = arguments.first else { throw UsageProblem(message: "no command given") }
        let rest = Array(arguments.dropFirst())
        switch command {
        case "--help", "-h", "help":
            self = .help(Help.general)
        case "--version":
            self = .version
        case "init":
            self = try Self.isHelp(rest) ? .help(Help.initialize) : .initialize(Options(rest, allowing: ["--store"]))
        case "serve":
            self =
                try Self.isHelp(rest)
                ? .help(Help.serve)
                : .serve(
                    Options(
                        rest, allowing: ["--store", "--socket", "--event-loops"], flags: [Options.checkConfiguration]))
        default:
            throw UsageProblem(message: "there is no command “\(command)”; there are init and serve")
        }
    }

    private static func isHelp(_ arguments: [String]) -> Bool {
        arguments.contains("--help") || arguments.contains("-h")
    }
}

/// Options of a command: most take a value, as `--store DIR` or `--store=DIR`, flags take none.
struct Options {
    static let checkConfiguration = "--check-config"

    private var values: [String: String] = [:]
    private var flags: Set<String> = []

    init(_ arguments: [String], allowing allowed: [String], flags allowedFlags: [String] = []) throws(UsageProblem) {
        var rest = arguments[...]
        while let argument = rest.popFirst() {
            let parts = argument.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
            let name = parts[0]
            if allowedFlags.contains(name) {
                if parts.count > 1 { throw UsageProblem(message: "\(name) takes no value") }
                flags.insert(name)
                continue
            }
            guard (allowed + ["--config"]).contains(name) else {
                throw UsageProblem(message: "there is no option “\(argument)” here")
            }
            guard let value = parts.count > 1 ? parts[1] : rest.popFirst(), !value.isEmpty else {
                throw UsageProblem(message: "\(name) needs a value")
            }
            values[name] = value
        }
    }

    func isGiven(_ flag: String) -> Bool { flags.contains(flag) }

    /// The file, and over it what the command line says, now and whenever the file is read again.
    func source() throws(UsageProblem) -> ConfigurationSource {
        var source = ConfigurationSource(file: values["--config"])
        source.storeDirectory = values["--store"]
        source.socketPath = values["--socket"]
        if let loops = values["--event-loops"] {
            guard let count = Int(loops), (1...64).contains(count) else {
                throw UsageProblem(message: "--event-loops must be a number from 1 to 64")
            }
            source.eventLoopCount = count
        }
        return source
    }
}
