/// A command with the words it was given.
struct Invocation {
    let command: Command
    let operands: [String]
    let values: [String: [String]]

    /// Takes options anywhere, as `--name VALUE` or `--name=VALUE`; after `--` every word is an operand.
    init(_ command: Command, _ arguments: [String]) throws(UsageProblem) {
        var operands: [String] = []
        var values: [String: [String]] = [:]
        let options = command.options + command.commonOptions
        var rest = arguments[...]
        while let argument = rest.popFirst() {
            if argument == "--" {
                operands += rest
                break
            }
            guard argument.hasPrefix("-"), argument != "-" else {
                operands.append(argument)
                continue
            }
            let parts = argument.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
            let name = Self.longNames[parts[0]] ?? parts[0]
            guard let option = options.first(where: { $0.name == name }) else {
                throw Self.unknownOption(name, options, command)
            }
            let value = try Self.value(of: option, parts.dropFirst().first, &rest, command)
            if values[name] != nil && !option.isRepeatable {
                throw Self.problem("\(name) is given twice", command)
            }
            values[name, default: []].append(value)
        }
        if operands.count > command.operands.count {
            throw Self.tooMany(operands[command.operands.count], command)
        }
        self.command = command
        self.operands = operands
        self.values = values
        if let path = value("--output-file") { _ = try newFile(path) }
    }

    static let longNames = ["-h": "--help", "-q": "--quiet"]

    private static func value(
        of option: Command.Option, _ attached: String?, _ rest: inout ArraySlice<String>, _ command: Command
    ) throws(UsageProblem) -> String {
        guard let placeholder = option.value else {
            if attached != nil { throw problem("\(option.name) takes no value", command) }
            return ""
        }
        guard let value = attached ?? rest.popFirst(), !value.isEmpty else {
            throw problem("\(option.name) needs a value: \(option.name) \(placeholder)", command)
        }
        return value
    }

    private static func tooMany(_ word: String, _ command: Command) -> UsageProblem {
        if command.takesSecret || PossibleSecret.isOne(word) {
            return problem(
                "a word too many, which is not shown again. A token comes by standard input or by a file: as an argument "
                    + "it has been seen by others; end it with tokenctl token revoke --leaked", command)
        }
        return problem("“\(word)” is one word too many", command)
    }

    private static func unknownOption(
        _ name: String, _ options: [Command.Option], _ command: Command
    ) -> UsageProblem {
        if let meant = options.first(where: { $0.insteadOf == name }) {
            return problem("\(name) means nothing here; use \(meant.synopsis): \(meant.help)", command)
        }
        if Command.commonOptions.contains(where: { $0.name == name }) {
            return problem("\(name) means nothing here: \(command.caller.reason)", command)
        }
        let suggestion = Suggestion.nearest(to: name, in: options.map(\.name))
        return problem("there is no option \(name)\(suggestion)", command)
    }

    private static func problem(_ message: String, _ command: Command) -> UsageProblem {
        UsageProblem(message: message, seeAlso: "tokenctl \(command.name) --help")
    }

    func problem(_ message: String) -> UsageProblem { Self.problem(message, command) }
}

extension Command.Caller {
    /// Why a common option is none of such a command.
    fileprivate var reason: String {
        switch self {
        case .none: "no daemon is asked"
        case .nobody: "it asks for nobody, as everybody may"
        case .principal, .operator: "it is for whoever may open operator.sock"
        }
    }
}
