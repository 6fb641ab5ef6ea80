extension LoadReport {
    /// What there is to see, in lines, with at most so many rows in the two tables together.
    func lines(rowCountMax: Int, names: inout UserNames) -> [String] {
        let rowCount = max(rowCountMax, 2)
        let userRowCount = min(users.count, max(rowCount / 3, rowCount - methods.count))
        let shownMethods = methods.prefix(rowCount - userRowCount)
        var methodTable = TextTable(header: ["slowest methods", "requests", "p50", "p99"])
        for method in shownMethods {
            methodTable.add([
                method.name, Figure.rate(method.perSecond), Figure.duration(method.median), Figure.duration(method.p99),
            ])
        }
        var userTable = TextTable(header: ["busiest peers", "requests", "connections"])
        for user in users.prefix(userRowCount) {
            userTable.add([
                names.text(ofUser: user.id), Figure.rate(user.perSecond), Figure.number(user.connectionCount),
            ])
        }
        return [heading, ""] + summary + [""] + Self.lines(of: methodTable) + [""] + Self.lines(of: userTable)
    }

    /// Lines beside the rows of the tables.
    static let otherLineCount = 12

    private var heading: String {
        let state = isReady ? "serving" : "not serving"
        let connections = counted(Int(connectionCount), "connection", as: Figure.number(connectionCount))
        let since = isSinceStart ? "since its start" : "of the last \(Figure.span(seconds))"
        return "tokend \(version), \(state), up \(Figure.span(uptimeSeconds)), \(connections); rates \(since)"
    }

    private var summary: [String] {
        let lines = [
            (
                "verifications",
                "\(Figure.rate(verificationsPerSecond)), \(Figure.share(cacheHitShare)) from memory; "
                    + "\(Figure.rate(reportedPerSecond)) by clients from theirs"
            ),
            ("outcomes", Self.text(outcomes)),
            ("failures", Self.text(failures)),
            (
                "changes",
                "\(Figure.rate(changesPerSecond)), \(operationsPerCommit.map(Figure.number) ?? "–") a commit; "
                    + "\(Figure.number(queueLength)) waiting"
            ),
            (
                "commits",
                "p50 \(Figure.duration(commitMedian)), p99 \(Figure.duration(commitP99)); "
                    + "WAL \(Figure.bytes(walByteCount))"
            ),
            (
                "process",
                "\(Figure.share(processorShare)) of a processor, \(Figure.bytes(residentByteCount)) of memory; "
                    + "\(Figure.number(droppedLogEventCount)) log events lost"
            ),
        ]
        return TextTable.pairs(lines.map { ($0.0, $0.1) }).split(separator: "\n").map(String.init)
    }

    private static func text(_ rates: [Rate]) -> String {
        if rates.isEmpty { return "none" }
        return rates.map { "\($0.name) \(Figure.rate($0.perSecond))" }.joined(separator: ", ")
    }

    private static func lines(of table: TextTable) -> [String] { table.text.split(separator: "\n").map(String.init) }
}
