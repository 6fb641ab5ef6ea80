import Glibc
import Testing
import TokenWire

@testable import LinuxIO
@testable import TokenClient

@Suite("What a verifier reports of the tokens it answered for")
struct VerifierUsageTests {
    private func reported(_ world: VerifierWorld) -> [String: UInt64] {
        world.reports.flatMap { $0 }.reduce(into: [:]) { $0[$1.tokenID, default: 0] += $1.count }
    }

    @Test("is how often each was valid from memory, and when last")
    func counts() throws {
        let world = try VerifierWorld()
        let verifier = try world.verifier()
        for token in ["a", "b", "c"] {
            world.set(token, VerifierWorld.valid(token))
            _ = try verifier.verify(token)
        }
        let began = Timestamp.now
        for _ in 0..<7 { _ = try verifier.outcome(of: "a") }
        for _ in 0..<2 { _ = try verifier.verify("b", requiring: ["issues:read"]) }
        // What is refused is no use of a token.
        for _ in 0..<5 { _ = try verifier.outcome(of: "c", requiring: ["x:read"]) }
        try verifier.reportUsage()
        #expect(reported(world) == ["tok_a": 7, "tok_b": 2])
        for usage in world.reports.flatMap({ $0 }) {
            let time = try #require(usage.lastUsedAt.map { Timestamp($0) })
            #expect(time <= Timestamp.now && time > began.adding(.seconds(-2)))
        }
        try verifier.reportUsage()
        #expect(world.reports.count == 1)
        _ = try verifier.verify("c")
        try verifier.reportUsage()
        #expect(reported(world) == ["tok_a": 7, "tok_b": 2, "tok_c": 1])
        #expect(verifier.statistics.hitCount == 10)
    }

    @Test("is kept for entries that were displaced, changed or dropped")
    func displaced() async throws {
        let world = try VerifierWorld()
        let verifier = try world.verifier(entryCountMax: 8)
        for number in 0..<100 {
            world.set("\(number)", VerifierWorld.valid("\(number)"))
            for _ in 0..<3 { _ = try await verifier.verify("\(number)") }
        }
        world.begin("99")
        world.end("99")
        for _ in 0..<3 { _ = try await verifier.verify("99") }
        try world.restartOnPage()
        #expect(
            await eventually {
                _ = try? verifier.verify("99")
                return verifier.statistics.entryCount == 1
            })
        try await verifier.reportUsage()
        let reported = reported(world)
        #expect(reported.count == 100)
        #expect(reported.allSatisfy { $0.key == "tok_99" ? $0.value >= 4 : $0.value == 2 })
    }

    @Test("is kept when the daemon doesn't take it, a thousand tokens a report when it does")
    func failure() throws {
        let world = try VerifierWorld()
        let verifier = try world.verifier(entryCountMax: 8_192)
        for number in 0..<1_500 {
            world.set("\(number)", VerifierWorld.valid("\(number)"))
            for _ in 0..<2 { _ = try verifier.verify("\(number)") }
        }
        world.setTakesReports(false)
        #expect(thrownCode { () throws(TokenError) in try verifier.reportUsage() } == .unavailable)
        world.setTakesReports(true)
        try verifier.reportUsage()
        #expect(reported(world).count == 1_500 && reported(world).values.allSatisfy { $0 == 1 })
        #expect(world.reports.map(\.count).max() == 1_000)
    }

    @Test("is all told by one report, however busy the service is meanwhile")
    func busy() async throws {
        let world = try VerifierWorld()
        // As small as can be: tokens displace each other, and their uses are kept beside the table too.
        let verifier = try world.verifier(entryCountMax: 8)
        for number in 0..<100 { world.set("\(number)", VerifierWorld.valid("\(number)")) }
        let isOver = Collected<Void>()
        let service = Side {
            var number = 0
            while isOver.count == 0 && world.reports.count < 50 {
                for _ in 0..<2 { _ = try? verifier.outcome(of: "\(number % 100)") }
                number += 1
            }
        }
        #expect(await eventually { verifier.statistics.hitCount > 200 })
        try await verifier.reportUsage()
        #expect(world.reports.count == 1)
        await onThreads { _ in try? verifier.reportUsage() }
        #expect(world.reports.count <= 2)
        isOver.add(())
        service.wait()
    }

    @Test("is told when a report returns, also what another one was about to tell")
    func twice() async throws {
        let world = try VerifierWorld()
        let verifier = try world.verifier(entryCountMax: 8_192)
        for number in 0..<3_000 {
            world.set("\(number)", VerifierWorld.valid("\(number)"))
            for _ in 0..<2 { _ = try await verifier.verify("\(number)") }
        }
        let counts = Collected<Int>()
        await onThreads(4) { _ in
            try? verifier.reportUsage()
            counts.add(reported(world).count)
        }
        #expect(counts.count == 4)
        #expect(counts.all.allSatisfy { $0 == 3_000 })
    }

    @Test("is sent when the verifier goes")
    func goes() async throws {
        let world = try VerifierWorld()
        world.set("a", VerifierWorld.valid("a"))
        do {
            let verifier = try world.verifier()
            for _ in 0..<4 { _ = try await verifier.verify("a") }
        }
        #expect(await eventually { reported(world) == ["tok_a": 3] })
    }

    @Test("is lost, and counted as lost, when there is no room for it any more")
    func ledger() {
        var ledger = UsageLedger(countMax: 2)
        ledger.add(EntryUsage(tokenID: "a", count: 1, second: 5))
        ledger.add(EntryUsage(tokenID: "a", count: 2, second: 3))
        #expect(!ledger.isFull)
        ledger.add(EntryUsage(tokenID: "b", count: 1, second: 1))
        ledger.add(EntryUsage(tokenID: "c", count: 9, second: 1))
        #expect(ledger.isFull && ledger.lostCount == 9 && ledger.totalCount == 13)
        let usages = ledger.takeAll()
        #expect(usages.count == 2 && ledger.takeAll().isEmpty)
        #expect(usages["a"].map { $0.count == 3 && $0.second == 5 } == true)
        ledger.restore(usages.map { (tokenID: $0.key, usage: $0.value) }[...])
        #expect(ledger.takeAll().count == 2 && ledger.totalCount == 13)
    }

    @Test("is sent by a thread that leaves all signals to the program's own")
    func signals() async throws {
        let world = try VerifierWorld()
        world.set("a", VerifierWorld.valid("a"))
        let verifier = try world.verifier()
        let signals = [SIGTERM, SIGINT, SIGHUP, SIGCHLD]
        await onThreads { _ in
            // As the main thread of most programs does; the runtime's own threads let none through.
            Signals.unblock(signals)
            _ = try? verifier.verify("a")
        }
        #expect(
            await eventually {
                let reporters = ThreadFacts.all(named: "tokend-usage")
                return !reporters.isEmpty && reporters.allSatisfy { $0.blocks(signals) }
            })
    }

    @Test("is sent by a thread that is tried for again when there was none to be had")
    func noThread() async throws {
        let world = try VerifierWorld()
        for token in ["a", "b"] { world.set(token, VerifierWorld.valid(token)) }
        let verifier = try world.verifier()
        // Whatever the runtime makes at a first use is made before the fork.
        await onThreads { _ in
            _ = try? verifier.verify("a")
            _ = ThreadFacts.all(named: "tokend-usage")
        }
        let status = Collected<Int32>()
        await onThreads { _ in
            status.add(
                inChild {
                    guard let usual = DefaultStack.byteCount, DefaultStack.set(1 << 46) else { return 1 }
                    guard (try? verifier.outcome(of: "a")) == .valid else { return 2 }
                    guard ThreadFacts.all(named: "tokend-usage").isEmpty else { return 3 }
                    guard DefaultStack.set(usual), (try? verifier.outcome(of: "b")) == .valid else { return 4 }
                    for _ in 0..<4_000 where ThreadFacts.all(named: "tokend-usage").isEmpty { rest() }
                    return ThreadFacts.all(named: "tokend-usage").count == 1 ? 0 : 5
                })
        }
        #expect(status.all == [0])
    }

    @Test("a child of fork(2) reports its own and not its parent's, and has a memory of its own")
    func child() async throws {
        let world = try VerifierWorld()
        world.set("a", VerifierWorld.valid("a"))
        world.set("b", VerifierWorld.valid("b"))
        let verifier = try world.verifier()
        // Whatever the runtime makes at a first use is made before the fork.
        await onThreads { _ in
            for _ in 0..<6 { _ = try? verifier.verify("a") }
            _ = try? verifier.reportUsage()
            for _ in 0..<3 { _ = try? verifier.verify("a") }
        }
        #expect(reported(world) == ["tok_a": 5])
        let status = Collected<Int32>()
        await onThreads { _ in
            status.add(
                inChild {
                    guard verifier.statistics.hitCount == 0, verifier.statistics.entryCount == 0 else { return 1 }
                    for _ in 0..<5 where (try? verifier.outcome(of: "b")) != .valid { return 2 }
                    guard verifier.statistics.hitCount == 4 else { return 3 }
                    return (try? verifier.reportUsage()) == nil ? 4 : 0
                })
        }
        #expect(status.all == [0])
        #expect(reported(world) == ["tok_a": 5, "tok_b": 4])
        try await verifier.reportUsage()
        #expect(reported(world) == ["tok_a": 8, "tok_b": 4])
    }
}
