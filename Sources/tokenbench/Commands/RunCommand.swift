import TokenClient

/// `tokenbench run`: a load, and what came of it.
enum RunCommand {
    static let command = Command(
        name: "run", summary: "Put a load on a daemon and measure what it answers",
        details: """
            Each call in flight has a caller of its own: a thread that blocks, or with --threads a task. Callers make the
            next call when the last is answered (a closed loop); with --rate calls are due at fixed times, and latency
            counts from then, so that a stall shows in all the calls it delays. The warm-up does not count, and a call
            that fails is counted and timed nowhere.

            \(TargetOptions.tokensDetails)
            Processor time and memory of the daemon, and all that is written, need its operator.sock; and
            tokenbench's own processor time is not counted at a fixed rate, where it is mostly that of callers who wait
            awake until a call is due.

            Where the two run decides as much as the load, so pin them: taskset -c 1 tokenbench run … --daemon has both on
            one core (see taskset(1)), and --daemon-cores 0 moves the private daemon to another.
            """,
        options: [
            TargetOptions.daemon,
            TargetOptions.socket,
            .init(name: "--connections", value: "N", help: "connections, 0 to 1,000 (default: 1)"),
            .init(name: "--depth", value: "N", help: "calls in flight on each, 1 to 64 (default: 1)"),
            .init(name: "--threads", value: "N", help: "callers are tasks on N threads (default: each has a thread)"),
            TargetOptions.tokens,
            TargetOptions.tokensFile,
            .init(
                name: "--hit-rate", value: "SHARE",
                help: "share of verifications of known tokens, others get UNKNOWN (default: 100%)"),
            .init(name: "--scope", value: "SCOPE", help: "scope that verifications require (default: none)"),
            .init(
                name: "--writes", value: "SHARE",
                help: "share of calls that create a token, or revoke the last (default: 0%)"),
            .init(
                name: "--writers", value: "N",
                help: "further connections, each creating tokens without end (default: 0)"),
            .init(name: "--rate", value: "N", help: "calls a second, due at fixed times (default: a closed loop)"),
            .init(name: "--duration", value: "TIME", help: "how long to count: 500ms, 10s, 2m (default: 5s)"),
            .init(name: "--warmup", value: "TIME", help: "how long to call before (default: 1s)"),
            .init(name: "--daemon-cores", value: "LIST", help: "cores of a private daemon, as taskset -c has them"),
        ] + TargetOptions.owner + TargetOptions.privateDaemon + [
            .init(name: "--json", help: "print JSON, for compare")
        ],
        examples: [
            "tokenbench run --daemon --connections 64",
            "taskset -c 1 tokenbench run --daemon --daemon-cores 0 --depth 64 --threads 1",
            "tokenbench run --daemon --connections 0 --writers 64          # durable creates",
            "tokenbench run --daemon --connections 8 --rate 20000 --writers 64",
            "tokenbench run --socket /run/tokend/tokend.sock --tokens-file tokens --hit-rate 95% --json > a.json",
        ]
    ) { invocation in
        var settings = try settings(invocation)
        let given = try invocation.value("--tokens-file").map { try Population.read($0) }
        let interruption = Interruption()
        let daemon = invocation.has("--daemon") ? try BenchDaemon(invocation.privateDaemon) : nil
        defer { daemon?.end() }
        let target = Target(socketPath: daemon?.socketPath ?? invocation.value("--socket"))
        let tokens = try tokens(given, &settings, target, invocation.owner, interruption)
        let report = try measure(settings, tokens, target, invocation.owner, interruption)
        if invocation.has("--json") {
            Terminal.printLine(try report.json())
            for warning in report.warnings { Terminal.remark(warning) }
        } else {
            Terminal.printLine(report.text)
        }
        return report.exitCode
    }

    private static func settings(_ invocation: Invocation) throws(UsageProblem) -> LoadSettings {
        var settings = LoadSettings()
        settings.connections = try invocation.number("--connections", in: 0...1_000) ?? settings.connections
        settings.depth = try invocation.number("--depth", in: 1...64) ?? settings.depth
        settings.taskThreads = try invocation.number("--threads", in: 1...256)
        settings.tokens = try invocation.number("--tokens", in: 1...10_000_000) ?? settings.tokens
        settings.hitShare = try invocation.share("--hit-rate") ?? settings.hitShare
        settings.requiredScope = invocation.value("--scope")
        settings.writeShare = try invocation.share("--writes") ?? settings.writeShare
        settings.writers = try invocation.number("--writers", in: 0...1_000) ?? settings.writers
        settings.ratePerSecond = try invocation.number("--rate", in: 1...10_000_000).map(Double.init)
        settings.durationSeconds =
            try invocation.seconds("--duration", in: 0.1...3_600) ?? settings.durationSeconds
        settings.warmupSeconds = try invocation.seconds("--warmup", in: 0...3_600) ?? settings.warmupSeconds
        try check(invocation, settings)
        return settings
    }

    private static func check(_ invocation: Invocation, _ settings: LoadSettings) throws(UsageProblem) {
        if settings.connections + settings.writers == 0 {
            throw invocation.problem("with --connections 0 there is no load; add --writers N")
        }
        if settings.connections == 0 && settings.ratePerSecond != nil {
            throw invocation.problem("--rate is that of --connections, and there are none; writers have no rate")
        }
        if settings.connections * settings.depth + settings.writers > 4_096 {
            throw invocation.problem("more than 4,096 calls in flight: ask for fewer connections or less depth")
        }
        try invocation.checkTokens(areNeeded: settings.connections > 0)
    }

    /// The secrets to verify; and the settings then say how many there are.
    private static func tokens(
        _ given: [String]?, _ settings: inout LoadSettings, _ target: Target, _ owner: Owner,
        _ interruption: Interruption
    ) throws -> [String] {
        if let given {
            settings.tokens = given.count
            if settings.writeShare > 0 || settings.writers > 0 { try target.bootstrap(owner) }
            return given
        }
        if settings.connections == 0 {
            settings.tokens = 0
            try target.bootstrap(owner)
            return []
        }
        return try Seeding(count: settings.tokens, owner: owner).run(target, interruption)
    }

    private static func measure(
        _ settings: LoadSettings, _ tokens: [String], _ target: Target, _ owner: Owner, _ interruption: Interruption
    ) throws -> Report {
        let population = Population(known: tokens, wantsUnknown: settings.hitShare < 1)
        var mix = Mix(population: population, owner: owner.credential, namePrefix: Owner.namePrefix())
        mix.hitShare = settings.hitShare
        mix.writeShare = settings.writeShare
        mix.requiredScopes = settings.requiredScope.map { [$0] } ?? []
        let load = Load(
            settings: settings, mix: mix, configuration: settings.writeShare > 0 ? target.host : target.service,
            operatorConfiguration: target.host, interruption: interruption)
        let status = try target.status()
        let outcome = try load.run { Snapshot(status: target.details()) }
        return Report(outcome, settings, daemonVersion: status.version)
    }
}
