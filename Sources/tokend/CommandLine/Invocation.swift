import TokenServer

/// A command line that means nothing.
struct UsageProblem: Error {
    let message: String
    var seeAlso = "tokend --help"
}

/// A command with the words it was given. Most options take a value, as `--store DIR` or `--store=DIR`, flags take none.
struct Invocation {
    private(set) var operand: String?
    private var values: [String: String] = [:]
    private let command: Command

    init(_ command: Command, _ arguments: [String]) throws(UsageProblem) {
        self.command = command
        var rest = arguments[...]
        while let argument = rest.popFirst() {
            guard argument.hasPrefix("-") else {
                try take(operand: argument)
                continue
            }
            let parts = argument.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
            guard let option = command.options.first(where: { $0.name == parts[0] }) else {
                throw problem("there is no option “\(argument)” here")
            }
            values[option.name] = try value(of: option, attached: parts.dropFirst().first, &rest)
        }
    }

    private mutating func take(operand word: String) throws(UsageProblem) {
        if command.operand == nil || operand != nil { throw problem("“\(word)” is one word too many") }
        operand = word
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

    func has(_ option: Command.Option) -> Bool { values[option.name] != nil }

    /// The file, and over it what the command line says, now and whenever the file is read again.
    func source() throws(UsageProblem) -> ConfigurationSource {
        var source = ConfigurationSource(file: values[Command.Option.configuration.name])
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
