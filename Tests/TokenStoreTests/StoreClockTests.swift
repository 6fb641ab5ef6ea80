import LinuxIO
import Testing
import TokenCore

@testable import TokenStore

@Suite("A clock that is wrong")
struct StoreClockTests {
    let fixture: StoreFixture
    let admin: TestSecret
    private static let century: Int64 = 100 * 365 * 24 * 3_600

    init() throws {
        fixture = try StoreFixture()
        admin = try fixture.bootstrap()
    }

    private func reopen() throws {
        fixture.close()
        _ = try fixture.store()
    }

    private func touch(_ name: String) throws { try fixture.create(name, as: admin.claim) }

    @Test func aClockSetBackRevivesNoExpiredToken() throws {
        let made = try fixture.create(
            "short", as: admin.claim, expiresAt: fixture.clock.now.adding(seconds: 60))
        fixture.clock.pass(seconds: 61)
        try touch("a")
        fixture.clock.advance(seconds: -86_400)
        #expect(try fixture.outcome(made.secret) == .expired)
        try fixture.expectRefusal(.unauthorized) { try fixture.create("b", as: made.claim) }
        try fixture.expectRefusal(.conflict, naming: "expired") { try fixture.roll(made.id, as: admin.claim) }
        try reopen()
        #expect(try fixture.outcome(made.secret) == .expired)
        try fixture.expectRefusal(.unauthorized) { try fixture.create("b", as: made.claim) }
    }

    @Test func oneBootIn2099DoesNotEndThemAll() throws {
        let made = try fixture.create(
            "long", as: admin.claim, expiresAt: fixture.clock.now.adding(seconds: 30 * 86_400))
        fixture.close()
        fixture.clock.advance(seconds: Self.century)
        #expect(try fixture.outcome(made.secret) == .expired)
        try touch("a")
        fixture.clock.pass(seconds: 3_000)
        try touch("b")
        try reopen()
        fixture.clock.advance(seconds: -Self.century)
        #expect(try fixture.outcome(made.secret) == .valid)
        try reopen()
        #expect(try fixture.outcome(made.secret) == .valid)
        try fixture.create("c", as: made.claim, expiresAt: made.record.expiresAt)
    }

    /// A token that has expired by a wrong clock loses its name, and is not revived when the clock is put right.
    @Test func whatANamesakeHasReplacedStaysDead() throws {
        let made = try fixture.create("t", as: admin.claim, expiresAt: fixture.clock.now.adding(seconds: 60))
        let reader = try fixture.store().makeReader()
        let shard = made.secret.draft.digest.shard(of: EpochLayout.shardCount)
        let epoch = try fixture.store().epochs.memory.epoch(shard)
        fixture.clock.advance(seconds: Self.century)
        try touch("t")
        fixture.clock.advance(seconds: -Self.century)
        // An answer that somebody has kept since before the step is none any more.
        #expect(try fixture.store().epochs.memory.epoch(shard) > epoch)
        #expect(try fixture.outcome(made.secret) == .expired)
        let search = try reader.liveCredential(made.secret.draft.digest, now: reader.now) { _ in }
        #expect(search == .notLive)
        #expect(try reader.token(id: made.id)?.state(at: reader.now) == .expired)
        try fixture.expectRefusal(.unauthorized) { try fixture.create("a", as: made.claim) }
        try fixture.expectRefusal(.conflict, naming: "expired") { try fixture.roll(made.id, as: admin.claim) }
        let left = try fixture.eventsLeft { try fixture.perform(RevokeSelf(digest: made.secret.draft.digest)) }
        #expect(left == [])
    }

    /// Whoever ends a secret is not told that it is dead already by a clock that is not believed.
    @Test func aSecretThatIsEndedWhileTheClockIsAheadStaysDead() throws {
        let made = try fixture.create("t", as: admin.claim, expiresAt: fixture.clock.now.adding(seconds: 3_600))
        let rolled = try fixture.create("rolled", as: admin.claim)
        try fixture.roll(rolled.id, as: admin.claim, overlap: 3_600)
        fixture.clock.advance(seconds: Self.century)
        for secret in [made.secret, rolled.secret] { try fixture.perform(RevokeSelf(digest: secret.draft.digest)) }
        fixture.clock.advance(seconds: -Self.century)
        #expect(try fixture.outcome(made.secret) == .revoked)
        #expect(try fixture.outcome(rolled.secret) == .superseded)
    }

    private func diesAt(_ secret: TestSecret) throws -> Instant? {
        try fixture.store().makeReader().credential(secret.draft.digest)?.facts.supersededAt
    }

    private func expectOverlap(of secret: TestSecret, toLast seconds: Int64) throws {
        let left = try #require(try diesAt(secret)).duration(since: fixture.clock.now)
        #expect((.seconds(seconds - 5)...Duration.seconds(seconds)).contains(left))
    }

    @Test(arguments: [false, true]) func anOverlapOfAClockThatWasAheadBeginsWhenThatIsPutRight(
        isClosedMeanwhile: Bool
    ) throws {
        let made = try fixture.create("t", as: admin.claim)
        let other = try fixture.create("other", as: admin.claim)
        try fixture.roll(other.id, as: admin.claim, overlap: 600)
        fixture.clock.advance(seconds: Self.century)
        try fixture.roll(made.id, as: admin.claim, overlap: 3_600)
        let epoch = try fixture.store().epochs.memory.epoch(7)
        if isClosedMeanwhile { fixture.close() }
        fixture.clock.advance(seconds: -Self.century)
        let left = try fixture.eventsLeft { try touch("a") }
        #expect(left.first?.hasPrefix("clock.set_back") == true && left.count == 2)
        #expect(try fixture.newestMetadata("overlaps", of: "clock.set_back") == "1")
        if !isClosedMeanwhile { #expect(try fixture.store().epochs.memory.epoch(7) > epoch) }
        try expectOverlap(of: made.secret, toLast: 3_600)
        try expectOverlap(of: other.secret, toLast: 600)
        #expect(try fixture.outcome(made.secret) == .valid)
        // Once, and over a restart too.
        try reopen()
        #expect(try fixture.eventsLeft { try touch("b") }.count == 1)
        fixture.clock.pass(seconds: 3_601)
        #expect(try fixture.outcome(made.secret) == .superseded)
    }

    @Test func aClockThatGoesOnPutsNothingRight() throws {
        let made = try fixture.create("t", as: admin.claim)
        try fixture.roll(made.id, as: admin.claim, overlap: 3_600)
        let end = try diesAt(made.secret)
        fixture.clock.pass(seconds: 100)
        fixture.clock.advance(seconds: -50)
        try reopen()
        #expect(try fixture.eventsLeft { try touch("a") }.count == 1)
        #expect(try diesAt(made.secret) == end)
    }

    @Test func aRequestOfAClockThatWasAheadIsAnsweredAgainForMinutesAndRememberedForADay() throws {
        let request = "7d444840-9dc0-11d1-b245-5ffdce74fad2"
        fixture.clock.advance(seconds: Self.century)
        let made = try fixture.create("t", as: admin.claim, request: request)
        fixture.clock.advance(seconds: -Self.century)
        try touch("a")
        #expect(try fixture.create("t", as: admin.claim, request: request).id == made.id)
        fixture.clock.pass(seconds: 601)
        try fixture.expectRefusal(.conflict) { try fixture.create("t", as: admin.claim, request: request) }
        fixture.clock.pass(seconds: 86_400)
        #expect(try fixture.create("u", as: admin.claim, request: request).id != made.id)
    }

    @Test func aUseAtATimeThatHasNotComeIsForgotten() throws {
        let made = try fixture.create("t", as: admin.claim)
        func use() throws {
            try fixture.perform(
                RecordUse(
                    uses: [RecordUse.Use(tokenNumber: made.record.number, at: fixture.clock.now)],
                    coarseness: .seconds(60)))
        }
        fixture.clock.advance(seconds: Self.century)
        try use()
        fixture.clock.advance(seconds: -Self.century)
        try use()
        let usedAt = try #require(try fixture.store().makeReader().token(id: made.id)?.lastUsedAt)
        #expect(usedAt <= fixture.clock.now)
    }

    @Test func aClockThatStaysSoForAnHourIsBelieved() throws {
        let made = try fixture.create(
            "long", as: admin.claim, expiresAt: fixture.clock.now.adding(seconds: 30 * 86_400))
        fixture.clock.advance(seconds: Self.century)
        try touch("a")
        fixture.clock.pass(seconds: 3_600)
        try touch("b")
        fixture.clock.advance(seconds: -Self.century)
        #expect(try fixture.outcome(made.secret) == .expired)
        try reopen()
        #expect(try fixture.outcome(made.secret) == .expired)
    }

    @Test func theMarkIsKeptWithAChangeAndAtMostOnceASecond() throws {
        func kept() throws -> Int64 {
            try #require(Int64(try fixture.single("SELECT clock_mark FROM store") ?? ""))
        }
        fixture.clock.pass(seconds: 10)
        let before = try kept()
        // Reading keeps nothing.
        #expect(try kept() == before)
        try touch("a")
        let first = try kept()
        #expect(first >= before + 10_000_000)
        try touch("b")
        #expect(try kept() - first < 1_000_000)
        // A change that is refused keeps nothing either.
        fixture.clock.pass(seconds: 10)
        let second = try kept()
        try fixture.expectRefusal(.conflict) { try touch("a") }
        #expect(try kept() == second)
    }

    @Test func withoutChangesALoopLetsTimePass() throws {
        let store = try fixture.store()
        let reader = try store.makeReader()
        fixture.clock.pass(seconds: 100)
        let seen = store.clock.observe()
        fixture.clock.advance(seconds: -1_000)
        #expect(reader.now >= seen)
    }
}
