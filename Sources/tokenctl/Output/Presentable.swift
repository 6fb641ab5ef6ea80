import TokenClient

/// A thing that commands answer with in a list.
protocol Listed {
    /// What several of them are called: “tokens”.
    static var plural: String { get }
    /// Headings of a table of them.
    static var columns: [String] { get }
    /// The one word of it that a script needs.
    var key: String { get }
    var json: JSON { get }
    /// Its row in a table, as many cells as there are columns.
    func cells(now: Timestamp) -> [String]
}

extension Listed {
    static func table(_ elements: [Self]) -> String {
        let now = Timestamp.now
        var table = TextTable(header: columns)
        for element in elements { table.add(element.cells(now: now)) }
        return table.text
    }
}

/// A thing that commands answer with by itself, too.
protocol Presentable: Listed {
    /// All of it, for a person: names and values, nil for what there isn't.
    func details(now: Timestamp) -> [(String, String?)]
}

extension Invocation {
    /// Shows one thing in full.
    func show(_ value: some Presentable) {
        report(value.json, key: value.key, TextTable.pairs(value.details(now: .now)))
    }

    /// Shows a list.
    func show<Element: Listed>(_ elements: [Element]) {
        if wantsJSON {
            Terminal.printLine(JSON.array(elements.map(\.json)).text)
        } else if isQuiet {
            for element in elements { Terminal.printLine(element.key) }
        } else if elements.isEmpty {
            Terminal.remark("no \(Element.plural)")
        } else {
            Terminal.printLine(Element.table(elements))
        }
    }

    /// Shows a list that comes in pages, as far as `--limit` goes, or else this limit.
    func show<Element: Listed>(limit: Int?, _ fetch: () throws -> PagedSequence<Element>) throws {
        let limit = try number("--limit", in: 1...1_000_000) ?? limit ?? .max
        var elements: [Element] = []
        var iterator = try fetch().makeIterator()
        while elements.count < limit, let element = try iterator.next() { elements.append(element) }
        show(elements)
    }

    /// Tells what was done: all of it in JSON, at most a word to a script, else in a sentence.
    func report(_ json: @autoclosure () -> JSON, key: String? = nil, _ text: @autoclosure () -> String) {
        if wantsJSON {
            Terminal.printLine(json().text)
        } else if !isQuiet {
            Terminal.printLine(text())
        } else if let key {
            Terminal.printLine(key)
        }
    }
}

extension Command {
    /// A command that lists things of one kind, all of them unless told otherwise. Of what `fetch` gives, pages are
    /// asked for as far as the limit goes.
    static func list<Element: Listed>(
        _ path: [String], caller: Caller = .principal, summary: String, operands: [Operand] = [],
        options: [Option] = [], examples: [String] = [],
        fetch: @escaping @Sendable (Invocation) throws -> PagedSequence<Element>
    ) -> Command {
        Command(
            path: path, caller: caller, summary: summary, operands: operands, options: options + [.limit(nil)],
            examples: examples
        ) { invocation in
            try invocation.show(limit: nil) { try fetch(invocation) }
            return .success
        }
    }
}
