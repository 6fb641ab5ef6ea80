import CSQLite
import Testing
import TokenCore

@testable import TokenStore

@Suite("What the daemon itself records")
struct RecordingTests {
    let fixture: StoreFixture
    let admin: TestSecret

    init() throws {
        fixture = try StoreFixture()
        admin = try fixture.bootstrap()
    }

    private func lastUsed(_ token: MadeToken) throws -> Instant? {
        try fixture.store().makeReader().token(number: token.record.number)?.lastUsedAt
    }

    private func use(_ uses: (MadeToken, Instant)...) throws {
        try fixture.perform(
            RecordUse(uses: uses.map { RecordUse.Use(tokenNumber: $0.0.record.number, at: $0.1) }))
    }

    @Test func lastUsedNeverMovesBackNorBeyondNowAndLeavesNoEvent() throws {
        let token = try fixture.create("t", as: admin.claim)
        let other = try fixture.create("other", as: admin.claim)
        let now = fixture.clock.now
        #expect(try lastUsed(token) == nil)
        let left = try fixture.eventsLeft {
            try use((token, now.adding(seconds: -60)))
            try use((token, now.adding(seconds: -90)))
        }
        #expect(left.isEmpty)
        #expect(try lastUsed(token) == now.adding(seconds: -60))
        #expect(try lastUsed(other) == nil)
        try use((token, now.adding(seconds: 86_400)))
        let recorded = try #require(try lastUsed(token))
        #expect(recorded >= now && recorded <= fixture.clock.now)
    }

    @Test func aTokensRowIsWrittenAtMostOnceACall() throws {
        let token = try fixture.create("t", as: admin.claim)
        let now = fixture.clock.now
        let uses = (0..<1_000).map {
            RecordUse.Use(tokenNumber: token.record.number, at: now.adding(seconds: Int64($0) - 2_000))
        }
        #expect(try fixture.cost(of: RecordUse(uses: uses), as: .none).changedRowCount == 1)
        #expect(try lastUsed(token) == now.adding(seconds: -1_001))
        // Again: not at all.
        #expect(try fixture.cost(of: RecordUse(uses: uses), as: .none).changedRowCount == 0)
    }

    @Test func aHundredTokensShareARow() throws {
        let first = try fixture.create("first", as: admin.claim)
        let now = fixture.clock.now
        // No row asks whether its tokens are there.
        let numbers = Array((first.record.number..<400).reversed()) + [Int64.max]
        let uses = numbers.map { RecordUse.Use(tokenNumber: $0, at: now.adding(seconds: -$0 % 1_000)) }
        #expect(try fixture.cost(of: RecordUse(uses: uses), as: .none).changedRowCount == 5)
        #expect(try lastUsed(first) == now.adding(seconds: -first.record.number))
        for number in numbers {
            let hex = try fixture.single(
                "SELECT hex(\(UseBlock.timeOfToken)) FROM (SELECT \(number) AS number) AS token \(UseBlock.join)")
            #expect(Int64(try #require(hex), radix: 16) == now.adding(seconds: -number % 1_000).microseconds)
        }
    }

    @Test(arguments: [[-50, 0], [0, -50]] as [[Int64]])
    func ofATokensUsesInOneCallTheLastCountsHoweverCoarse(seconds: [Int64]) throws {
        let token = try fixture.create("t", as: admin.claim)
        let now = fixture.clock.now
        let uses = seconds.map { RecordUse.Use(tokenNumber: token.record.number, at: now.adding(seconds: $0)) }
        try fixture.perform(RecordUse(uses: uses, coarseness: .seconds(60)))
        #expect(try lastUsed(token) == now)
    }

    @Test func unusedTokensAreFound() throws {
        let used = try fixture.create("used", as: admin.claim)
        try fixture.create("stale", as: admin.claim)
        try use((used, fixture.clock.now))
        var filter = TokenFilter()
        filter.unusedSince = fixture.clock.now.adding(seconds: -3_600)
        filter.namePrefix = "s"
        let reader = try fixture.store().makeReader()
        let found = try reader.tokens(ofPrincipal: 1, matching: filter, below: .max, pageSize: 10, now: reader.now)
        #expect(found.elements.map(\.name) == ["stale"])
    }

    @Test func refusalsAreOneEventForEachPeerMethodReasonAndMinute() throws {
        let minute = Instant(microseconds: 1_800_000_000_000_000)
        func count(
            _ uid: UInt32, _ method: String, _ count: UInt64, minute: Instant = minute
        ) -> RecordRefusals.Count {
            RecordRefusals.Count(
                peerUserID: uid, method: method, reason: "forbidden", minute: minute, count: count,
                traceID: "trace of \(count)")
        }
        let left = try fixture.eventsLeft {
            try fixture.perform(
                RecordRefusals(counts: [
                    count(7, "TokenService/CreateToken", 2), count(8, "TokenService/CreateToken", 1),
                    count(7, "TokenService/CreateToken", 3), count(7, "TokenService/RollToken", 0),
                    count(7, "TokenService/CreateToken", 4, minute: minute.adding(seconds: 60)),
                ]))
        }
        #expect(left == Array(repeating: "auth.refused TokenService/CreateToken", count: 3))
        let events = try fixture.events().suffix(3).map(\.event)
        #expect(events.map(\.peerUID) == [7, 8, 7])
        #expect(events.map(\.actor) == ["uid:7", "uid:8", "uid:7"])
        #expect(events.map(\.traceID) == ["trace of 2", "trace of 1", "trace of 4"])
        #expect(events[0].peerPID == nil)
        #expect(
            events[0].metadata == [
                .init("reason", "forbidden"), .init("minute", "2027-01-15T08:00:00Z"), .init("count", "5"),
            ])
        try fixture.expectWholeChain()
    }
}
