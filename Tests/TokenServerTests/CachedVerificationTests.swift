import LinuxIO
import Testing
import TokenCore
import TokenStore
import TokenWire

@testable import TokenServer

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
