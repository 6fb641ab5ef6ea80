import LinuxIO
import Testing
import TokenCore
import TokenWire

@testable import TokenServer

@Suite("The memory of verifications")
struct VerificationCacheTests {
    private func digest(_ number: Int) -> Digest {
        Digest(hashing: Array("token \(number)".utf8).span)
    }

    private func id(_ number: Int) -> String {
        "tok_" + String(repeating: "0", count: 26 - String(number).utf8.count) + String(number)
    }

    private func payload(_ number: Int, scopes: [String] = ["issues:read", "patterns:read"]) -> [UInt8] {
        VerifyResponse(
            outcome: .valid, tokenID: id(number), kind: .personal, workspaceID: "ws_acme", principalID: "ann",
            tokenName: String(repeating: "n", count: number % 40), scopes: scopes
        ).encoded()
    }

    /// What was found, copied out of the memory.
    private struct Found: Equatable {
        let tokenNumber: Int64
        let diesAt: Int64
        let payload: [UInt8]
    }

    private func find(_ number: Int, epoch: UInt64 = 2, in cache: VerificationCache) -> Found? {
        cache.find(digest(number), epoch: epoch).map {
            var payload = WireBuffer()
            payload.append(kept: $0.answer)
            let bytes = payload.span.withUnsafeBufferPointer { Array($0) }
            return Found(tokenNumber: $0.tokenNumber, diesAt: $0.diesAt, payload: bytes)
        }
    }

    private func insert(
        _ number: Int, _ payload: [UInt8]? = nil, epoch: UInt64 = 2, diesAt: Int64 = .max,
        into cache: VerificationCache, evict: (Int64, Instant) -> Void = { _, _ in }
    ) {
        let payload = payload ?? self.payload(number)
        let scopesOffset = VerifyResponse(
            outcome: .valid, tokenID: id(number), kind: .personal, workspaceID: "ws_acme", principalID: "ann",
            tokenName: String(repeating: "n", count: number % 40)
        ).encodedByteCount
        _ = cache.insert(
            digest(number), epoch: epoch, diesAt: diesAt, tokenNumber: Int64(number), payload: payload.span,
            scopesOffset: scopesOffset, evict: evict)
    }

    @Test func anEntryIsFoundUnderItsEpochAlone() throws {
        let cache = try VerificationCache(byteCount: 1 << 20)
        func found(_ epoch: UInt64, _ cache: VerificationCache) -> Found? { find(1, epoch: epoch, in: cache) }
        var before = found(2, cache)
        #expect(before == nil)
        insert(1, diesAt: 77, into: cache)
        before = found(2, cache)
        let others = [found(4, cache), found(0, cache)]
        #expect(before == Found(tokenNumber: 1, diesAt: 77, payload: payload(1)))
        #expect(others == [nil, nil])
        insert(1, epoch: 4, into: cache)
        let after = [found(4, cache)?.diesAt, found(2, cache)?.diesAt]
        #expect(after == [.max, nil])
    }

    private func holds(_ scope: String, _ number: Int, _ cache: VerificationCache) -> Bool {
        cache.find(digest(number), epoch: 2)?.holds(Array(scope.utf8).span) ?? false
    }

    private func isIn(_ workspace: String, _ number: Int, _ cache: VerificationCache) -> Bool {
        cache.find(digest(number), epoch: 2)?.isIn(workspace: Array(workspace.utf8).span) ?? false
    }

    @Test func scopesAndWorkspaceAreJudgedOnTheBytesOfTheAnswer() throws {
        let cache = try VerificationCache(byteCount: 1 << 20)
        insert(1, into: cache)
        insert(3, payload(3, scopes: []), into: cache)
        let scopes = [
            "issues:read", "patterns:read", "", "issues:rea", "issues:reads", "ssues:read", "issues:write",
            ":\u{0b}issues:read",
        ]
        var held: [String] = []
        var heldByNone: [String] = []
        for scope in scopes {
            if holds(scope, 1, cache) { held.append(scope) }
            if holds(scope, 3, cache) { heldByNone.append(scope) }
        }
        #expect(held == ["issues:read", "patterns:read"])
        #expect(heldByNone == [])
        var workspaces: [String] = []
        for workspace in ["ws_acme", "ws_acm", "ws_acme2", "", "ann"] where isIn(workspace, 3, cache) {
            workspaces.append(workspace)
        }
        #expect(workspaces == ["ws_acme"])
    }

    @Test func whatIsFoundIsRightHoweverOftenTheRingHasTurned() throws {
        // Room for some hundreds, and tens of thousands go through it.
        let cache = try VerificationCache(byteCount: 64 << 10)
        var newest: [Int: UInt64] = [:]
        var foundCount = 0
        var state: UInt64 = 42
        for step in 1..<30_000 {
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            let number = Int(state >> 33) % 2_000
            let epoch = UInt64(step) * 2
            if (state >> 20) % 3 == 0 {
                insert(number, epoch: epoch, diesAt: number % 2 == 0 ? .max : Int64(number), into: cache)
                newest[number] = epoch
            } else if let epoch = newest[number], let found = find(number, epoch: epoch, in: cache) {
                foundCount += 1
                let diesAt = number % 2 == 0 ? .max : Int64(number)
                try #require(found == Found(tokenNumber: Int64(number), diesAt: diesAt, payload: payload(number)))
            }
        }
        #expect(foundCount > 500)
    }

    private func kept(of count: Int, in cache: VerificationCache) -> [Int] {
        var kept: [Int] = []
        for number in 0..<count where find(number, in: cache) != nil { kept.append(number) }
        return kept
    }

    @Test func theNewestAreKept() throws {
        let cache = try VerificationCache(byteCount: 256 << 10)
        for number in 0..<20_000 { insert(number, into: cache) }
        let kept = kept(of: 20_000, in: cache)
        #expect(kept.count > 800)
        // Of the last few hundred nearly all are there, and nothing of the first ten thousand is.
        #expect(kept.count { $0 >= 19_600 } > 390)
        #expect(kept.allSatisfy { $0 > 10_000 })
    }

    @Test func aHundredThousandOrdinaryTokensFitItsUsualSize() throws {
        let cache = try VerificationCache(byteCount: 16 << 20)
        for number in 0..<100_000 { insert(number, into: cache) }
        #expect(kept(of: 100_000, in: cache).count > 99_990)
    }

    // MARK: Uses

    private func use(_ number: Int, at second: Int64, in cache: VerificationCache) {
        cache.find(digest(number), epoch: 2)?.use(at: Instant(microseconds: second * 1_000_000 - 1))
    }

    /// All uses that the store was not told of and their seconds, by a walk in small steps.
    private func told(by cache: VerificationCache) -> [Int64: Int64] {
        var told: [Int64: Int64] = [:]
        var position: UInt64? = cache.oldestPosition
        while let next = position {
            position = cache.tellUses(from: next, recordCount: 7) { number, at in
                #expect(told.updateValue(at.seconds, forKey: number) == nil)
            }
        }
        return told
    }

    @Test func eachUseIsToldOnce() throws {
        let cache = try VerificationCache(byteCount: 1 << 20)
        #expect(told(by: cache).isEmpty)
        for number in 0..<100 { insert(number, into: cache) }
        for number in 10..<20 { use(number, at: 1_000 + Int64(number), in: cache) }
        use(15, at: 2_000, in: cache)
        let first = told(by: cache)
        #expect(first.keys.sorted() == Array(10..<20))
        #expect(first[12] == 1_012 && first[15] == 2_000)
        #expect(told(by: cache).isEmpty)
        use(15, at: 3_000, in: cache)
        #expect(told(by: cache) == [15: 3_000])
    }

    @Test func aUseIsToldOfAtMostASecondLate() throws {
        let cache = try VerificationCache(byteCount: 1 << 20)
        for number in 0..<3 { insert(number, into: cache) }
        for (number, microseconds) in ([5_000_000, 5_000_001, .max] as [Int64]).enumerated() {
            cache.find(digest(number), epoch: 2)?.use(at: Instant(microseconds: microseconds))
        }
        #expect(told(by: cache) == [0: 6, 1: 6, 2: Int64(UInt32.max)])
    }

    @Test func noUseIsLostHoweverOftenTheRingTurns() throws {
        let cache = try VerificationCache(byteCount: 64 << 10)
        var told: [Int64: Int64] = [:]
        for number in 1...20_000 {
            insert(number, into: cache, evict: { told[$0] = $1.seconds })
            use(number, at: Int64(number), in: cache)
        }
        #expect(told.count > 19_000)
        told.merge(self.told(by: cache)) { _, new in new }
        #expect(told.count == 20_000)
        #expect(told.allSatisfy { $0.value == $0.key })
    }

    @Test func aCacheOfAnySizeFindsWhatItKeeps() throws {
        for megabytes in [1, 7, 64, 65, 1_024, 4_096] {
            let cache = try VerificationCache(byteCount: megabytes << 20)
            for number in 0..<2_000 { insert(number, into: cache) }
            let found = find(1_999, in: cache)
            #expect(found?.payload == payload(1_999))
            #expect(kept(of: 2_000, in: cache).count > 1_990)
        }
    }

    @Test func theHighestNumbersAreKeptAndNoneBeyond() throws {
        let cache = try VerificationCache(byteCount: 1 << 20)
        func keeps(epoch: UInt64, tokenNumber: Int64) -> Bool {
            let entry = cache.insert(
                digest(1), epoch: epoch, diesAt: 5, tokenNumber: tokenNumber, payload: payload(1).span,
                scopesOffset: 60
            ) { _, _ in }
            return entry?.epoch == epoch && entry?.tokenNumber == tokenNumber && entry?.diesAt == 5
        }
        #expect(keeps(epoch: 1 << 48 - 1, tokenNumber: 1 << 38 - 1))
        #expect(!keeps(epoch: 1 << 48, tokenNumber: 1))
        #expect(!keeps(epoch: 2, tokenNumber: 1 << 38))
    }

    @Test func whatIsTooLongIsNotKept() throws {
        let cache = try VerificationCache(byteCount: 1 << 20)
        insert(1, payload(1, scopes: (0..<50).map { String(repeating: "r", count: 90) + "\($0):read" }), into: cache)
        let found = find(1, in: cache)
        #expect(found == nil)
    }
}
