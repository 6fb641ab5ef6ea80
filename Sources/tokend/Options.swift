import TokenServer

/// What follows a command: operands, options that take a value, as `--store DIR` or `--store=DIR`, and flags.
struct Options {
    private(set) var operands: [String] = []
    private var values: [String: String] = [:]
    private var flags: Set<String> = []

    init(_ arguments: [String], of command: Command) throws(UsageProblem) {
        var rest = arguments[...]
        while let argument = rest.popFirst() {
            let parts = argument.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
            let name = parts[0]
            if !argument.hasPrefix("-"), operands.count < command.operands.count {
                operands.append(argument)
            } else if command.flags.contains(name) {
                if parts.count > 1 { throw UsageProblem(message: "\(name) takes no value") }
                flags.insert(name)
            } else if (command.options + ["--config"]).contains(name) {
                guard let value = parts.count > 1 ? parts[1] : rest.popFirst(), !value.isEmpty else {
                    throw UsageProblem(message: "\(name) needs a value")
                }
                values[name] = value
            } else {
                throw UsageProblem(message: "there is no option “\(argument)” here")
            }
        }
        if operands.count < command.operands.count {
            throw UsageProblem(message: "tokend \(command.name) needs \(command.operands[operands.count])")
        }
    }

    func isGiven(_ flag: String) -> Bool { flags.contains(flag) }

    func value(_ option: String) -> String? { values[option] }

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
