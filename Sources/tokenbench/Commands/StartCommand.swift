/// `tokenbench start`: how long a daemon takes to serve a store.
enum StartCommand {
    static let command = Command(
        name: "start", summary: "Measure how long the daemon takes from its start to its first answer",
        details: """
            Starts a private daemon on a store at rest and asks for its health until it answers, --rounds times, and stops
            it in good order each time. Counted from when the program is to be run, so that the loading of the program and
            its libraries is part of it. Without --store it is an empty one; tokenbench seed makes one with many tokens.
            """,
        options: [
            .init(name: "--store", value: "DIR", help: "store at rest to serve (default: a new one)"),
            .init(name: "--rounds", value: "N", help: "how often it is started, 1 to 1,000 (default: 10)"),
            .init(name: "--daemon-cores", value: "LIST", help: "cores of the daemon, as taskset -c has them"),
        ] + TargetOptions.privateDaemon + [.init(name: "--json", help: "print JSON")],
        examples: [
            "tokenbench seed --store ~/bench/store --tokens 1000000",
            "tokenbench start --store ~/bench/store",
        ]
    ) { invocation in
        let rounds = try invocation.number("--rounds", in: 1...1_000) ?? 10
        let interruption = Interruption()
        var milliseconds: [Double] = []
        while milliseconds.count < rounds && !interruption.hasCome {
            let daemon = try BenchDaemon(invocation.privateDaemon)
            milliseconds.append(Double(daemon.startNanoseconds) / 1e6)
            daemon.end()
        }
        let report = StartReport(milliseconds: milliseconds)
        Terminal.printLine(invocation.has("--json") ? try report.json() : report.text)
        return report.exitCode
    }
}

/// What `tokenbench start` found: this is what its `--json` prints.
struct StartReport: Codable {
    static let formatNumber = 1

    var format = StartReport.formatNumber
    var machine = Machine(storePath: nil)
    /// Of each start, in their order.
    var milliseconds: [Double]

    var exitCode: ExitCode { milliseconds.isEmpty ? .software : .success }

    var text: String {
        let sorted = milliseconds.sorted()
        guard let best = sorted.first, let worst = sorted.last else { return "interrupted before the first start" }
        let figures = [("best", best), ("median", sorted[sorted.count / 2]), ("worst", worst)]
        return "\(sorted.count) starts, to the first answer: "
            + figures.map { "\($0.0) \(NumberText.threeDigits($0.1)) ms" }.joined(separator: ", ")
    }
}
