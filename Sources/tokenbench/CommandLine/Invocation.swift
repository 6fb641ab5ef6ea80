/// A command with the words it was given.
struct Invocation {
    let command: Command
    let operands: [String]
    private let values: [String: String]

    /// Takes options anywhere, as `--name VALUE` or `--name=VALUE`.
    init(_ command: Command, _ arguments: [String]) throws(UsageProblem) {
        var operands: [String] = []
        var values: [String: String] = [:]
        var rest = arguments[...]
        while let argument = rest.popFirst() {
            guard argument.hasPrefix("-") else {
                operands.append(argument)
                continue
            }
            let parts = argument.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
            guard let option = command.options.first(where: { $0.name == parts[0] }) else {
                throw Self.problem("there is no option \(argument)", command)
            }
            if values[option.name] != nil { throw Self.problem("\(option.name) is given twice", command) }
            values[option.name] = try Self.value(of: option, parts.dropFirst().first, &rest, command)
        }
        guard operands.count == command.operands.count else {
            let needed = command.operands.isEmpty ? "no operand" : command.operands.joined(separator: " and ")
            throw Self.problem("\(command.name) takes \(needed)", command)
        }
        self.command = command
        self.operands = operands
        self.values = values
    }

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

    private static func problem(_ message: String, _ command: Command) -> UsageProblem {
        UsageProblem(message: message, seeAlso: "tokenbench \(command.name) --help")
    }

    func problem(_ message: String) -> UsageProblem { Self.problem(message, command) }
}

// MARK: - What was given

extension Invocation {
    func has(_ option: String) -> Bool { values[option] != nil }

    func value(_ option: String) -> String? { values[option] }

    func number(_ option: String, in range: ClosedRange<Int>) throws(UsageProblem) -> Int? {
        guard let text = value(option) else { return nil }
        guard let number = Int(text), range.contains(number) else {
            throw problem("\(option) “\(text)” is no number from \(range.lowerBound) to \(range.upperBound)")
        }
        return number
    }

    /// Names with commas between.
    func names(_ option: String) throws(UsageProblem) -> [String]? {
        guard let text = value(option) else { return nil }
        let names = text.split(separator: ",", omittingEmptySubsequences: false).map(String.init)
        if names.contains("") { throw problem("\(option) “\(text)” has an empty name") }
        return names
    }

    /// A share, as `0.95` or `95%`.
    func share(_ option: String) throws(UsageProblem) -> Double? {
        guard let text = value(option) else { return nil }
        let number = text.hasSuffix("%") ? Double(text.dropLast()).map { $0 / 100 } : Double(text)
        guard let number, (0...1).contains(number) else {
            throw problem("\(option) “\(text)” is no share; write 0.95 or 95%")
        }
        return number
    }

    /// Seconds, as `500ms`, `10s` or `2m`.
    func seconds(_ option: String, in range: ClosedRange<Double>) throws(UsageProblem) -> Double? {
        guard let text = value(option) else { return nil }
        let units = [("ms", 0.001), ("s", 1), ("m", 60)]
        guard let (suffix, factor) = units.first(where: { text.hasSuffix($0.0) }),
            let number = Double(text.dropLast(suffix.count)), range.contains(number * factor)
        else {
            throw problem(
                "\(option) “\(text)” is no duration from \(range.lowerBound) to \(range.upperBound) s; "
                    + "write 500ms, 10s or 2m")
        }
        return number * factor
    }
}
