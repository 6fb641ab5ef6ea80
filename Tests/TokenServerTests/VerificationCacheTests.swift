import LinuxIO
import Testing
import TokenCore
import TokenStore
import TokenWire

@testable import TokenServer

@Suite("The memory of verifications")
struct VerificationCacheTests {
    private func digest(_ number: Int) -> Digest {
        Digest(hashing: Array("token \(number)".utf8).span)
    }

    private func payload(_ number: Int, scopes: [String] = ["issues:read", "patterns:read"]) -> [UInt8] {
        VerifyResponse(
            outcome: .valid, tokenID: "tok_\(number)", kind: .personal, workspaceID: "ws_acme", principalID: "ann",
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
            Found(tokenNumber: $0.tokenNumber, diesAt: $0.diesAt, payload: Array($0.payload))
        }
    }

    private func insert(
        _ number: Int, _ payload: [UInt8]? = nil, epoch: UInt64 = 2, diesAt: Int64 = .max,
        into cache: VerificationCache, evict: (Int64, Instant) -> Void = { _, _ in }
    ) {
        let payload = payload ?? self.payload(number)
        let scopesOffset = VerifyResponse(
            outcome: .valid, tokenID: "tok_\(number)", kind: .personal, workspaceID: "ws_acme", principalID: "ann",
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
                insert(number, epoch: epoch, into: cache)
                newest[number] = epoch
            } else if let epoch = newest[number], let found = find(number, epoch: epoch, in: cache) {
                foundCount += 1
                try #require(found == Found(tokenNumber: Int64(number), diesAt: .max, payload: payload(number)))
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
        #expect(kept(of: 100_000, in: cache).count > 99_000)
    }

    // MARK: Uses

    private func use(_ number: Int, at microseconds: Int64, in cache: VerificationCache) {
        cache.find(digest(number), epoch: 2)?.use(at: Instant(microseconds: microseconds))
    }

    /// All uses that the store was not told of, by a walk in small steps.
    private func told(by cache: VerificationCache) -> [Int64: Int64] {
        var told: [Int64: Int64] = [:]
        var position: UInt64? = cache.oldestPosition
        while let next = position {
            position = cache.tellUses(from: next, recordCount: 7) { number, at in
                #expect(told.updateValue(at.microseconds, forKey: number) == nil)
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

    @Test func noUseIsLostHoweverOftenTheRingTurns() throws {
        let cache = try VerificationCache(byteCount: 64 << 10)
        var told: [Int64: Int64] = [:]
        for number in 1...20_000 {
            insert(number, into: cache, evict: { told[$0] = $1.microseconds })
            use(number, at: Int64(number), in: cache)
        }
        #expect(told.count > 19_000)
        told.merge(self.told(by: cache)) { _, new in new }
        #expect(told.count == 20_000)
        #expect(told.allSatisfy { $0.value == $0.key })
    }

    @Test func whatIsTooLongIsNotKept() throws {
        let cache = try VerificationCache(byteCount: 1 << 20)
        insert(1, payload(1, scopes: (0..<50).map { String(repeating: "r", count: 90) + "\($0):read" }), into: cache)
        let found = find(1, in: cache)
        #expect(found == nil)
    }
}

extension ServerTests {
    @Suite("Verifications that the loop remembers")
    struct CachedVerificationTests {
        private let world: World

        init() throws {
            world = try World()
        }

        private func hitCount() throws -> UInt64 {
            try world.host.call(.getStatus, EmptyMessage()).daemonStatus().verificationCacheHitCount
        }

        /// Has a token verified until it comes from the loop's memory.
        private func remember(_ name: String) throws {
            let before = try hitCount()
            _ = try world.verify(name)
            #expect(try world.verify(name).outcome == .valid)
            #expect(try hitCount() == before + 1)
        }

        private func perform(_ method: Method, _ request: some WireMessage, _ caller: World.Caller = .user("ann"))
            throws
        {
            let reply = try world.call(method, request, caller)
            try #require(reply.status == nil, "\(reply.status?.message ?? "")")
        }

        @Test func theSameAnswerComesFromMemoryAndFromTheStore() throws {
            let first = try world.verify("weak", scopes: ["issues:read"], workspace: "ws_acme")
            let before = try hitCount()
            #expect(try world.verify("weak", scopes: ["issues:read"], workspace: "ws_acme") == first)
            #expect(try hitCount() == before + 1)
            // Judged anew each time, on what is kept.
            #expect(try world.verify("weak", scopes: ["issues:write"]).outcome == .insufficientScope)
            #expect(try world.verify("weak", workspace: "ws_other").outcome == .workspaceMismatch)
            #expect(try hitCount() == before + 1)
        }

        @Test func aRevokedTokenIsForgottenAtOnce() throws {
            try remember("bob")
            try perform(.revokeToken, IDRequest(id: world.id("bob")))
            #expect(try world.verify("bob").outcome == .revoked)
        }

        @Test func aSecretThatRevokesItselfIsForgotten() throws {
            try remember("bob")
            try perform(.revokeSelf, RevokeSelfRequest(token: world.secret("bob")), .nobody)
            #expect(try world.verify("bob").outcome == .revoked)
        }

        @Test func aRolledSecretIsForgotten() throws {
            try remember("weak")
            try perform(.rollToken, RollTokenRequest(id: world.id("weak")), .bearer("admin"))
            #expect(try world.verify("weak").outcome == .superseded)
        }

        @Test func anOverlapThatIsGivenOrEndsIsHeardOf() throws {
            try remember("weak")
            try perform(.rollToken, RollTokenRequest(id: world.id("weak"), overlapSeconds: 3_600), .bearer("admin"))
            try remember("weak")
            #expect(try world.verify("weak").expiresAt != nil)
            // A second roll ends the overlap of the first.
            try perform(.rollToken, RollTokenRequest(id: world.id("weak")), .bearer("admin"))
            #expect(try world.verify("weak").outcome == .superseded)
        }

        @Test func theOldSecretOfARequestThatIsAnsweredAgainIsForgotten() throws {
            let request = CreateTokenRequest(
                name: "again", scopes: ["issues:read"], requestID: "7d444840-9dc0-11d1-b245-5ffdce74fad2")
            let first = try world.call(.createToken, request, .user("bob")).secretToken().secret
            for _ in 0..<2 {
                #expect(
                    try world.service.call(.verify, VerifyRequest(token: first)).verified().outcome == .valid)
            }
            try perform(.createToken, request, .user("bob"))
            #expect(
                try world.service.call(.verify, VerifyRequest(token: first)).verified().outcome == .superseded)
        }

        @Test func aSecretDiesAtItsInstantAlsoInMemory() throws {
            let soon = Timestamp(microsecondsSince1970: SystemClock.realtimeMicroseconds() + 700_000)
            try world.createToken("short", of: "bob", ["issues:read"], expiresAt: soon)
            try remember("short")
            #expect(try eventually { try world.verify("short").outcome == .expired })
        }

        @Test(arguments: ["suspended", "demoted", "removed"])
        func whatBecomesOfAMemberIsHeardOf(_ change: String) throws {
            try world.createToken("writer", of: "bob", ["issues:read", "issues:write"])
            try remember("writer")
            switch change {
            case "suspended": try perform(.putMember, PutMemberRequest(userID: "bob", status: .suspended))
            case "demoted": try perform(.putMember, PutMemberRequest(userID: "bob", role: "viewer"))
            default: try perform(.removeMember, RemoveMemberRequest(userID: "bob"))
            }
            let outcome = try world.verify("writer", scopes: ["issues:write"]).outcome
            #expect(outcome != .valid)
            if change == "demoted" {
                #expect(try world.verify("writer").scopes == ["issues:read"])
                try perform(.putMember, PutMemberRequest(userID: "bob", role: "analyst"))
                #expect(try world.verify("writer", scopes: ["issues:write"]).outcome == .valid)
            }
        }

        @Test(arguments: ["disabled", "deleted"]) func whatBecomesOfAnAccountIsHeardOf(_ change: String) throws {
            try remember("robot")
            let id = try world.id("robot account")
            if change == "disabled" {
                try perform(.updateServiceAccount, UpdateServiceAccountRequest(id: id, disabled: true))
                #expect(try world.verify("robot").outcome == .disabled)
                try perform(.updateServiceAccount, UpdateServiceAccountRequest(id: id, disabled: false))
                #expect(try world.verify("robot").outcome == .valid)
            } else {
                try perform(.deleteServiceAccount, IDRequest(id: id))
                #expect(try world.verify("robot").outcome == .revoked)
            }
        }

        @Test(arguments: [TokenWire.WorkspaceState.suspended, .ended])
        func whatBecomesOfAWorkspaceIsHeardOf(_ state: TokenWire.WorkspaceState) throws {
            try remember("robot")
            try perform(.setWorkspaceState, SetWorkspaceStateRequest(id: "ws_acme", state: state), .host)
            #expect(try world.verify("robot").outcome == (state == .suspended ? .ownerSuspended : .revoked))
        }

        @Test func everyLoopForgets() throws {
            let fixture = try ServerFixture(eventLoopCount: 3)
            let clients = try (0..<12).map { _ in try fixture.client() }
            let made = try fixture.createToken("shared")
            let request = VerifyRequest(token: made.secret)
            for client in clients + clients {
                #expect(try client.call(.verify, request).verified().outcome == .valid)
            }
            let revoked = try fixture.client().call(
                .revokeToken, IDRequest(id: made.token?.id ?? ""), metadata: [.bearer(fixture.admin)])
            #expect(revoked.status == nil)
            for client in clients {
                #expect(try client.call(.verify, request).verified().outcome == .revoked)
            }
        }

        @Test func aBatchIsAnsweredFromMemoryToo() throws {
            try remember("weak")
            let before = try hitCount()
            let request = VerifyBatchRequest(requests: [
                VerifyRequest(token: try world.secret("weak")), VerifyRequest(token: "x"),
                VerifyRequest(token: try world.secret("weak"), requiredScopes: ["issues:write"]),
            ])
            let responses = try world.call(.verifyBatch, request, .nobody).decode {
                try VerifyBatchResponse(copying: VerifyBatchResponse.View($0)).responses
            }
            #expect(responses.map(\.outcome) == [.valid, .malformed, .insufficientScope])
            #expect(responses.first == (try world.verify("weak")))
            #expect(try hitCount() == before + 2)
        }

        // MARK: The page

        private func page() throws -> GetCachePageResponse {
            try world.service.call(.getCachePage, EmptyMessage()).decode {
                try GetCachePageResponse(copying: GetCachePageResponse.View($0))
            }
        }

        @Test func clientsAreToldOfThePage() throws {
            let before = SystemClock.boottimeNanoseconds()
            let page = try page()
            #expect((before...SystemClock.boottimeNanoseconds()).contains(page.bootTimeNanoseconds))
            #expect(page.fileName == "tokend.sock.epochs")
            #expect(page.daemonUID == 0)
            #expect(page.pageID == world.fixture.store.epochs.pageID)
            #expect(world.fixture.store.epochs.memory.leaseEnd > UInt64(page.bootTimeNanoseconds))
        }

        @Test func usesThatWereReportedAreKept() throws {
            let id = try world.id("weak")
            let used = Timestamp(seconds: 1_000_000_000)
            let future = Timestamp(seconds: 99_000_000_000)
            let request = ReportUsageRequest(usages: [
                TokenUsage(tokenID: id, count: 7, lastUsedAt: used),
                TokenUsage(tokenID: try world.id("bob"), count: 1, lastUsedAt: future),
                TokenUsage(tokenID: "tok_x", count: 1, lastUsedAt: used),
                TokenUsage(tokenID: ValidRequests.tokenID, count: 1, lastUsedAt: used),
                TokenUsage(tokenID: id),
            ])
            #expect(try world.call(.reportUsage, request, .nobody).status == nil)
            world.fixture.stop()
            let store = try world.fixture.openAtRest()
            defer { store.close() }
            let reader = try store.makeReader()
            func lastUse(_ id: String) throws -> Instant? {
                try reader.token(id: id)?.lastUsedAt
            }
            #expect(try lastUse(id)?.seconds == 1_000_000_000)
            let bobs = try lastUse(try world.id("bob"))
            #expect((bobs ?? .last) <= Store.systemClock())
        }
    }
}
