/// `tokenbench history`: whether the promise holds on this machine.
enum HistoryCommand {
    static let command = Command(
        name: "history", summary: "Look for a token that is valid after it was revoked",
        details: """
            Starts a private daemon and processes that verify its tokens, from their own memory and over the socket, as fast
            as they can. Meanwhile the tokens are created, rolled and revoked, and their members demoted, promoted,
            suspended, brought back and removed. Every call is timed by CLOCK_MONOTONIC before and after, and what each
            reader was told of each secret is put together: once a change has returned, or anybody has been told of it, no
            call that begins later may be answered by what was before; and nobody may be told before the change began.

            The run ends with the first contradiction (exit code 2), or after --duration, --verifications or --kills; it shows
            nothing if a reader was never answered (exit code 1). What is kept is checked and forgotten as it goes along, so
            that it can run for days.

            --kill-every ends the daemon by SIGKILL and starts it again; with --lose-page its epoch page is also removed, or
            replaced by another file. Behind a lost page no change that takes something away is made for ten seconds.
            """,
        options: [
            .init(name: "--duration", value: "TIME", help: "how long: 500ms, 10s, 2m (default: 10s)"),
            .init(name: "--verifications", value: "N", help: "how many, in place of --duration"),
            .init(name: "--processes", value: "N", help: "processes that verify (default: 2)"),
            .init(
                name: "--ways", value: "LIST",
                help: "how each reader of a process verifies (default: memory,memory,socket,store)"),
            .init(name: "--places", value: "N", help: "tokens at a time (default: 16)"),
            .init(name: "--changers", value: "N", help: "threads that change them (default: 4)"),
            .init(name: "--pause", value: "TIME", help: "mean pause of each between changes (default: 5ms)"),
            .init(name: "--kill-every", value: "TIME", help: "kill the daemon as often as this"),
            .init(
                name: "--kill-at", value: "LIST",
                help: "kill it at these points of a change, one after the other (debug builds)"),
            .init(name: "--kills", value: "N", help: "end after so many kills"),
            .init(name: "--lose-page", help: "lose the epoch page at each kill"),
            TargetOptions.privateDaemon[0],
        ],
        examples: [
            "tokenbench history",
            "tokenbench history --verifications 100000000",
            "tokenbench history --duration 5m --kill-every 15s --lose-page",
        ]
    ) { invocation in
        let settings = try settings(invocation)
        var daemon = invocation.privateDaemon
        // Several caches in the daemon, too.
        daemon.arguments = ["--event-loops", "2"]
        let run = HistoryRun(settings: settings, daemonSettings: daemon, interruption: Interruption())
        let report = HistoryReport(outcome: try run.run(), settings: settings)
        Terminal.printLine(report.text)
        return report.exitCode
    }

    private static func settings(_ invocation: Invocation) throws(UsageProblem) -> HistorySettings {
        var settings = HistorySettings()
        settings.verificationCount = try invocation.number("--verifications", in: 1...Int.max)
        settings.durationSeconds = try invocation.seconds("--duration", in: 0.1...1e6)
        settings.processCount = try invocation.number("--processes", in: 1...64) ?? settings.processCount
        settings.placeCount = try invocation.number("--places", in: 1...Board.placeCountMax) ?? settings.placeCount
        settings.changerCount = try invocation.number("--changers", in: 1...64) ?? settings.changerCount
        settings.pauseSeconds = try invocation.seconds("--pause", in: 0...10) ?? settings.pauseSeconds
        settings.changerCount = min(settings.changerCount, settings.placeCount)
        if let names = try invocation.names("--ways") {
            settings.ways = try names.map { (name) throws(UsageProblem) in
                guard let way = HistoryReader.Way(rawValue: name) else {
                    throw invocation.problem("--ways has “\(name)”; there are memory, socket and store")
                }
                return way
            }
        }
        settings.harm = try harm(invocation)
        if settings.verificationCount == nil && settings.harm.killCountMax == nil && settings.durationSeconds == nil {
            settings.durationSeconds = 10
        }
        return settings
    }

    private static func harm(_ invocation: Invocation) throws(UsageProblem) -> Harm {
        var harm = Harm()
        harm.killEverySeconds = try invocation.seconds("--kill-every", in: 0.01...1e6)
        harm.killPoints = try invocation.names("--kill-at") ?? []
        harm.losesPages = invocation.has("--lose-page")
        harm.killCountMax = try invocation.number("--kills", in: 1...Int.max)
        if !harm.killPoints.isEmpty && !hasFailpoints {
            throw invocation.problem("--kill-at is for debug builds, and this is none; take --kill-every")
        }
        for option in ["--lose-page", "--kills"] where harm.killPoints.isEmpty && harm.killEverySeconds == nil {
            if invocation.has(option) { throw invocation.problem("\(option) goes with --kill-every or --kill-at") }
        }
        return harm
    }

    private static var hasFailpoints: Bool {
        #if DEBUG
            true
        #else
            false
        #endif
    }
}
