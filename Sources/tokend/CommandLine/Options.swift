import TokenServer

/// What follows a command: operands, options that take a value, as `--store DIR` or `--store=DIR`, and flags.
struct Options {
    private(set) var operands: [String] = []
    private var values: [String: String] = [:]
    private let command: Command

    init(_ arguments: [String], of command: Command) throws(UsageProblem) {
        self.command = command
        var rest = arguments[...]
        while let argument = rest.popFirst() {
            if !argument.hasPrefix("-") {
                operands.append(argument)
                continue
            }
            let parts = argument.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
            guard let option = command.options.first(where: { $0.name == parts[0] }) else {
                throw problem("there is no option “\(argument)” here")
            }
            values[option.name] = try value(of: option, attached: parts.dropFirst().first, &rest)
        }
        if operands.count > command.operands.count {
            throw problem("“\(operands[command.operands.count])” is one word too many")
        }
        if let missing = command.operands.dropFirst(operands.count).first, !missing.isOptional {
            throw problem("\(missing.name) is missing: \(missing.help)")
        }
    }

    private func value(
        of option: Command.Option, attached: String?, _ rest: inout ArraySlice<String>
    ) throws(UsageProblem) -> String {
        if option.value == nil {
            if attached != nil { throw problem("\(option.name) takes no value") }
            return ""
        }
        guard let value = attached ?? rest.popFirst(), !value.isEmpty else {
            throw problem("\(option.name) needs a value")
        }
        return value
    }

    func problem(_ message: String) -> UsageProblem {
        UsageProblem(message: message, seeAlso: "tokend \(command.name) --help")
    }

    func isGiven(_ option: Command.Option) -> Bool { values[option.name] != nil }

    func value(_ option: Command.Option) -> String? { values[option.name] }

    /// The file, and over it what the command line says, now and whenever the file is read again.
    func source() throws(UsageProblem) -> ConfigurationSource {
        var source = ConfigurationSource(file: value(.configuration))
        for setting in Setting.all {
            guard let value = values["--\(setting.name)"] else { continue }
            do throws(ServerConfiguration.Problem) {
                try source.override(setting, with: value)
            } catch {
                throw problem("\(error)")
            }
        }
        return source
    }
}
