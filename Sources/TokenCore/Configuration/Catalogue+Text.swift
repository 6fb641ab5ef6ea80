extension Catalogue {
    /// A list on the wire holds no more elements.
    package static let scopeCountMax = 1_000
    package static let groupCountMax = 100

    /// Reads a catalogue of its own file: one `[Group]` section a group, in it a line `scope = description` for each scope.
    package init(text: String, file: String) throws(ConfigurationProblem) {
        let text = try ConfigurationText(text, file: file)
        var groups: [Group] = []
        var groupLines = FirstLines()
        var scopeLines = FirstLines()
        for line in text.lines {
            if let name = try line.section() {
                try Self.checkName(name, "the group's name", line)
                if let earlier = groupLines.note(name, at: line) {
                    throw line.problem("the group “\(name)” stands in line \(earlier) already; keep one")
                }
                groups.append(Group(name: name, entries: []))
            } else if groups.isEmpty {
                throw line.problem("stands before the first group; write a section such as [Data] above it")
            } else {
                let entry = try Self.entry(line)
                if let earlier = scopeLines.note(entry.scope.text, at: line) {
                    throw line.problem("\(entry.scope) stands in line \(earlier) already; keep one")
                }
                groups[groups.count - 1].entries.append(entry)
            }
            if scopeLines.count > Self.scopeCountMax {
                throw line.problem("is one scope more than \(Self.scopeCountMax)")
            }
            if groups.count > Self.groupCountMax { throw line.problem("is one group more than \(Self.groupCountMax)") }
        }
        if scopeLines.count == 0 {
            throw text.problem("holds no scope; write sections with lines such as issues:read = Read issues")
        }
        self.init(checked: groups)
    }

    private static func entry(_ line: ConfigurationText.Line) throws(ConfigurationProblem) -> Entry {
        let (key, value) = try line.pair()
        guard let scope = Scope(key) else {
            throw line.problem(
                "“\(ConfigurationText.Line.shown(key))” is no scope; one is resource:verb, in lower-case letters")
        }
        try checkName(value, "the description of \(scope)", line)
        return Entry(scope: scope, description: value)
    }

    /// Names and descriptions are shown to people, so they follow the rule of names.
    private static func checkName(
        _ text: String, _ what: String, _ line: ConfigurationText.Line
    ) throws(ConfigurationProblem) {
        do throws(NameRule.Refusal) {
            try NameRule.check(text)
        } catch {
            switch error {
            case .empty:
                throw line.problem("\(what) is empty; write one")
            case .tooManyScalars, .tooManyBytes:
                throw line.problem(
                    "\(what) has more than \(NameRule.scalarCountMax) characters or \(NameRule.byteCountMax) bytes; "
                        + "shorten it")
            case .forbidden(let scalar):
                throw line.problem(
                    "\(what) holds U+\(String(scalar.value, radix: 16, uppercase: true)), a control, format or "
                        + "bidirectional character; remove it")
            }
        }
    }
}
