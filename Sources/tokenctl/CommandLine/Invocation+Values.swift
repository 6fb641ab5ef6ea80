import TokenClient

/// What was given, read as what it means.
extension Invocation {
    var wantsJSON: Bool { has("--json") }
    var isQuiet: Bool { has("--quiet") }

    func has(_ option: String) -> Bool { values[option] != nil }

    func value(_ option: String) -> String? { values[option]?.last }

    func all(_ option: String) -> [String] { values[option] ?? [] }

    /// The operand at this place.
    func operand(_ index: Int) throws(UsageProblem) -> String {
        guard let operand = optionalOperand(index) else {
            throw problem("\(command.operands[index].name) is missing: \(command.operands[index].help)")
        }
        if operand.isEmpty {
            throw problem("\(command.operands[index].name) is empty: \(command.operands[index].help)")
        }
        return operand
    }

    /// The operand at this place, which is a token's id.
    ///
    /// - Throws: When it is not. It is not shown: people give a secret here.
    func tokenID(_ index: Int, unlessWith alternative: String? = nil) throws(UsageProblem) -> String {
        let id = try operand(index)
        if id.hasPrefix("tok_") { return id }
        throw problem(
            "\(command.operands[index].name) is no id of a token, tok_…"
                + (alternative.map { "; a secret goes to standard input, with \($0)" } ?? ""))
    }

    func optionalOperand(_ index: Int) -> String? { index < operands.count ? operands[index] : nil }

    /// A file to be written. What other programs take for their standard output would be a file of that name.
    func newFile(_ path: String) throws(UsageProblem) -> String {
        if path != "-" { return path }
        let advice = has("--output-file") ? "leave out --output-file for standard output" : "name a file"
        throw problem("“-” is no name of a file here: \(advice)")
    }

    func duration(_ option: String) throws(UsageProblem) -> Duration? {
        guard let text = value(option) else { return nil }
        guard let duration = DurationText.parse(text) else {
            throw problem("\(option) “\(text)” is no duration; write 90s, 15m, 12h or 30d")
        }
        return duration
    }

    /// The time so long after `now`, of a duration that an option gave.
    private func time(
        _ option: String, _ duration: Duration?, from now: Timestamp
    ) throws(UsageProblem) -> Timestamp? {
        guard let duration else { return nil }
        let time = now.adding(duration)
        // The sum ends at the first and the last time that there is.
        if time.duration(since: now) != duration {
            throw problem("\(option) “\(value(option) ?? "")” reaches beyond the years 1 to 9999; write a shorter one")
        }
        return time
    }

    func timestamp(_ option: String) throws(UsageProblem) -> Timestamp? {
        guard let text = value(option) else { return nil }
        guard let timestamp = Timestamp(text) else {
            throw problem("\(option) “\(text)” is no time; write 2027-01-31T12:00:00Z")
        }
        return timestamp
    }

    /// A time in the past: how long ago, or when.
    func moment(_ option: String, now: Timestamp) throws(UsageProblem) -> Timestamp? {
        guard let text = value(option) else { return nil }
        if let duration = DurationText.parse(text) { return try time(option, .zero - duration, from: now) }
        guard let timestamp = Timestamp(text) else {
            throw problem("\(option) “\(text)” is neither a duration nor a time; write 24h or 2027-01-31T12:00:00Z")
        }
        return timestamp
    }

    func number<Number: FixedWidthInteger>(
        _ option: String, in range: ClosedRange<Number>
    ) throws(UsageProblem) -> Number? {
        guard let text = value(option) else { return nil }
        guard let number = Number(text), range.contains(number) else {
            throw problem("\(option) “\(text)” is no number from \(range.lowerBound) to \(range.upperBound)")
        }
        return number
    }

    /// One of a few values, by its name.
    func choice<Value: NamedValue>(_ option: String) throws(UsageProblem) -> Value? {
        guard let text = value(option) else { return nil }
        guard let choice = Value.choices.first(where: { $0.text == text }) else {
            let suggestion = Suggestion.nearest(to: text, in: Value.choices.map(\.text))
            throw problem(
                "\(option) “\(text)” is not \(Command.Option.alternatives(Value.self))\(suggestion)")
        }
        return choice
    }

    /// Refuses options that can't be meant together.
    func checkExclusive(_ options: String...) throws(UsageProblem) {
        let given = options.filter(has)
        if given.count > 1 { throw problem("\(given[0]) and \(given[1]) exclude each other") }
    }

    /// Refuses to name a caller where this option lets the command act for none.
    func checkNobodyIsNamed(with option: String) throws(UsageProblem) {
        for caller in Command.callerOptions { try checkExclusive(option, caller.name) }
    }

    /// When something new shall end: `--expires-in` or `--expires-at`.
    func expiry() throws(UsageProblem) -> Timestamp? {
        try checkExclusive("--expires-in", "--expires-at")
        if let duration = try duration("--expires-in") { return try time("--expires-in", duration, from: .now) }
        return try timestamp("--expires-at")
    }

    /// What the options say that list tokens.
    func tokenFilter() throws(UsageProblem) -> TokenFilter {
        let now = Timestamp.now
        return TokenFilter(
            state: try choice("--state"), scope: value("--scope"),
            expiresBefore: try time("--expires-within", try duration("--expires-within"), from: now),
            unusedSince: try time("--unused-for", try duration("--unused-for").map { .zero - $0 }, from: now),
            namePrefix: value("--name-prefix"))
    }
}
