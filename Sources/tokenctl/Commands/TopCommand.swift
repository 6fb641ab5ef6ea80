import Glibc
import TokenClient

/// `tokenctl top`: what the daemon does now.
enum TopCommand {
    static let commands = [top]

    private static let intervalUnlessTold = Duration.seconds(2)

    private static let top = Command(
        path: ["top"], caller: .operator, summary: "Watch what the daemon does: rates, times, outcomes, peers",
        details: """
            For root and the daemon's user. It is drawn anew at each interval until q or Ctrl-C. With --once, --json or \
            where there is no terminal it prints one reading and ends: over the interval if one is given, else since the \
            daemon's start.
            """,
        options: [
            .init(
                name: "--interval", value: "DURATION",
                help: "how often it is drawn, and what rates are over (default: 2s)"),
            .init(name: "--once", help: "print one reading and end"),
        ],
        examples: ["tokenctl top", "tokenctl top --once --interval 10s", "tokenctl top --json"]
    ) { invocation in
        let interval = try invocation.duration("--interval")
        if let interval, !(Duration.seconds(1)...Duration.seconds(3_600)).contains(interval) {
            throw invocation.problem("--interval must be from 1s to 1h")
        }
        let client = try invocation.operatorClient()
        let isWatched = isatty(STDOUT_FILENO) == 1 && isatty(STDIN_FILENO) == 1 && Terminal.understandsCodes
        if invocation.has("--once") || invocation.wantsJSON || !isWatched {
            try printOnce(invocation, client, interval)
        } else {
            // The first reading outside of the view: what is wrong with the daemon is told on the screen as it was.
            let first = MetricsReading(try client.metrics())
            var view = TopView(client: client, interval: interval ?? intervalUnlessTold, first: first)
            try view.run()
        }
        return .success
    }

    private static func printOnce(_ invocation: Invocation, _ client: TokenClient, _ interval: Duration?) throws {
        var earlier: MetricsReading?
        if let interval {
            earlier = MetricsReading(try client.metrics())
            sleep(UInt32(clamping: interval.components.seconds))
        }
        let report = LoadReport(from: earlier, to: MetricsReading(try client.metrics()))
        var names = UserNames()
        if invocation.wantsJSON {
            Terminal.printLine(report.json(names: &names).text)
        } else {
            Terminal.printLine(report.lines(rowCountMax: .max, names: &names).joined(separator: "\n"))
        }
    }
}
