import Foundation
import TokenClient

/// `tokenbench verifier`: what a verification costs that a service answers from its own memory.
enum VerifierCommand {
    static let command = Command(
        name: "verifier", summary: "Measure a TokenVerifier: verifications from the service's own memory",
        details: """
            Has a TokenVerifier remember all tokens, and then verify them in random order, on 1, 2, 4 … threads up to
            --threads, each for --duration. The median is that of batches of hits: it does not see what else the machine
            does, and the mean does. With --hits each thread makes exactly so many, which suits strace(1) and valgrind(1).

            \(TargetOptions.tokensDetails)
            """,
        options: [
            TargetOptions.daemon,
            TargetOptions.socket,
            TargetOptions.tokens,
            TargetOptions.tokensFile,
            .init(name: "--threads", value: "N", help: "at most so many at once, to 256 (default: as many as cores)"),
            .init(name: "--scope", value: "SCOPE", help: "scope that verifications require (default: none)"),
            .init(name: "--whole", help: "ask for the whole answer, and not for its outcome alone"),
            .init(name: "--duration", value: "TIME", help: "how long for each number of threads (default: 1s)"),
            .init(name: "--hits", value: "N", help: "how many hits a thread makes, in place of --duration"),
        ] + TargetOptions.owner + TargetOptions.privateDaemon + [.init(name: "--json", help: "print JSON")],
        examples: [
            "tokenbench verifier --daemon",
            "taskset -c 1 tokenbench verifier --daemon --threads 1 --scope issues:read --duration 5s",
            "strace -f -c tokenbench verifier --tokens-file tokens --threads 1 --hits 1000000",
        ]
    ) { invocation in
        let extent = try extent(invocation)
        let threads = try invocation.number("--threads", in: 1...256) ?? sysconf(Int32(_SC_NPROCESSORS_ONLN))
        let tokenCount = try invocation.number("--tokens", in: 1...1_000_000) ?? 10_000
        try invocation.checkTokens()
        let given = try invocation.value("--tokens-file").map { try Population.read($0) }
        let interruption = Interruption()
        let daemon = invocation.has("--daemon") ? try BenchDaemon(invocation.privateDaemon) : nil
        defer { daemon?.end() }
        let target = Target(socketPath: daemon?.socketPath ?? invocation.value("--socket"))
        let tokens = try given ?? Seeding(count: tokenCount, owner: invocation.owner).run(target, interruption)
        let report = try measure(invocation, tokens, upTo: threads, extent, target, interruption)
        Terminal.printLine(invocation.has("--json") ? try report.json() : report.text)
        return report.exitCode
    }

    private static func extent(_ invocation: Invocation) throws(UsageProblem) -> HitLoop.Extent {
        let seconds = try invocation.seconds("--duration", in: 0.01...3_600)
        guard let hitCount = try invocation.number("--hits", in: 1...1_000_000_000) else {
            return .seconds(seconds ?? 1)
        }
        if seconds != nil { throw invocation.problem("--duration and --hits exclude each other") }
        return .hits(hitCount)
    }

    private static func measure(
        _ invocation: Invocation, _ tokens: [String], upTo threads: Int, _ extent: HitLoop.Extent, _ target: Target,
        _ interruption: Interruption
    ) throws -> VerifierReport {
        // Room enough that hardly any bucket has more tokens than slots.
        let verifier = try TokenVerifier(
            client: TokenClient(target.service), entryCountMax: min(max(8, 4 * tokens.count), 1 << 24))
        let scope = invocation.value("--scope")
        var report = VerifierReport(tokens: tokens.count, requiredScope: scope, wantsAll: invocation.has("--whole"))
        let loop = HitLoop(
            verifier, tokens: tokens, requiredScopes: scope.map { [$0] } ?? [], wantsAll: report.wantsAll)
        try loop.warmUp()
        var count = 1
        while !interruption.hasCome {
            report.add(loop.run(threads: count, extent, interruption), threads: count)
            if count == threads { break }
            count = min(count * 2, threads)
        }
        report.pageProblem = verifier.statistics.pageProblem
        return report
    }
}
