import LinuxIO
import Testing
import TokenWire

@testable import TokenClient

@Suite("Secrets that die by themselves, and a verifier's memory")
struct VerifierClockTests {
    @Test("a secret is forgotten at its end, and one that has ended is not kept")
    func end() async throws {
        let world = try VerifierWorld()
        let end = Timestamp.now.adding(.milliseconds(300))
        world.set("a", VerifierWorld.valid("a", expiresAt: end.wire))
        let verifier = try world.verifier()
        #expect(try await verifier.outcome(of: "a") == .valid)
        var lastHit = Timestamp.now
        while Timestamp.now < end.adding(.milliseconds(50)) {
            let began = Timestamp.now
            let count = world.requests.count
            _ = try await verifier.verify("a")
            if world.requests.count == count { lastHit = began }
        }
        #expect(lastHit < end)
        #expect(lastHit > end.adding(.milliseconds(-100)))
        #expect(verifier.statistics.hitCount > 0)
        // The daemon's clock may be behind ours: it says VALID still, and it is not kept.
        #expect(try await verifier.outcome(of: "a") == .valid)
        let count = world.requests.count
        #expect(try await verifier.outcome(of: "a") == .valid)
        #expect(world.requests.count == count + 1)
    }

    /// Whether an entry with these deaths is used.
    private func isUsed(diesAtBoot: UInt64, diesAtWall: Int64) throws -> Bool {
        let world = try VerifierWorld()
        world.set("a", VerifierWorld.valid("a"))
        let verifier = try world.verifier()
        let kept = try verifier.verify("a")
        let core = try #require(verifier.core)
        let key = try #require(EntryKey(hashing: "a"))
        let epoch = try #require(world.page).memory.epoch(key.shard)
        core.state.withLock { _ in
            let entry = Entry(
                epoch: epoch, diesAtBoot: diesAtBoot, diesAtWall: diesAtWall, scopes: ScopeBits(),
                workspace: PackedWorkspace("ws_1"), answer: kept.facts)
            _ = core.table.insert(entry, key, second: 1)
        }
        return try world.asked { _ = try verifier.outcome(of: "a") } == 0
    }

    @Test("it takes one clock to end a secret: the wall clock set forward, or set back after it was kept")
    func eitherClock() throws {
        let bootTime = UInt64(SystemClock.boottimeNanoseconds())
        let wallTime = SystemClock.realtimeMicroseconds()
        let hour: Int64 = 3_600_000_000
        #expect(try isUsed(diesAtBoot: bootTime + UInt64(hour) * 1_000, diesAtWall: wallTime + hour))
        #expect(try isUsed(diesAtBoot: .max, diesAtWall: .max))
        #expect(try !isUsed(diesAtBoot: bootTime + UInt64(hour) * 1_000, diesAtWall: wallTime - 1))
        #expect(try !isUsed(diesAtBoot: bootTime, diesAtWall: wallTime + hour))
    }

    @Test("an end is the same by both clocks when it is kept, and none is for ever")
    func death() throws {
        #expect(Death(nil).map { $0.bootTime == .max && $0.wallTime == .max } == true)
        #expect(Death(Timestamp.now) == nil)
        #expect(Death(Timestamp("1969-12-31T23:59:59Z")) == nil)
        let last = try #require(Timestamp("9999-12-31T23:59:59.999999Z"))
        #expect(Death(last).map { $0.bootTime == .max } == true)
        let end = Timestamp.now.adding(.seconds(3_600))
        let death = try #require(Death(end))
        #expect(death.wallTime == end.seconds * 1_000_000 + Int64(end.nanoseconds) / 1_000)
        let left = Int64(death.bootTime) - Int64(death.now)
        #expect(left <= 3_600_000_000_000 && left > 3_599_000_000_000)
    }
}
