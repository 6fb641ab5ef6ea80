import Testing
import TokenWire

@testable import TokenClient

@Suite("What each call asks, and what it makes of the answer")
struct CallTests {
    private static let token = WireToken(
        id: "tok_1", name: "laptop", kind: .personal, workspaceID: "ws_1", ownerID: "ada", scopes: ["issues:read"],
        hint: "clpu_…x7Qa", createdAt: WireTimestamp(seconds: 1_767_225_600), createdBy: "ada",
        expiresAt: WireTimestamp(seconds: 1_893_456_000), state: .active)

    /// A place with a server that answers every call with one message, and the calls it got.
    private static func answering(
        _ place: Place, _ message: some WireMessage & Sendable
    ) throws -> (FakeServer, Collected<FakeCall>) {
        let calls = Collected<FakeCall>()
        let server = try FakeServer(path: place.socketPath) { call in
            calls.add(call)
            call.answer(message)
        }
        return (server, calls)
    }

    @Test("verify sends token, scopes and workspace, and tells all that the daemon does")
    func verify() async throws {
        let place = try Place()
        let answer = VerifyAnswer(
            outcome: .insufficientScope, tokenID: "tok_1", kind: .serviceAccount, workspaceID: "ws_1",
            principalID: "sa_1", tokenName: "ci", expiresAt: WireTimestamp(seconds: 1_893_456_000),
            missingScopes: ["issues:write"])
        let (server, calls) = try Self.answering(place, answer)
        let client = try place.client(credential: .delegate(user: "ada", workspace: "ws_1"))
        let verification = try await client.verify("clpu_x", requiring: ["issues:write"], in: "ws_1")
        #expect(!verification.isValid && verification.outcome == .insufficientScope)
        #expect(verification.tokenID == "tok_1" && verification.kind == .serviceAccount)
        #expect(verification.workspaceID == "ws_1" && verification.principalID == "sa_1")
        #expect(verification.tokenName == "ci" && verification.missingScopes == ["issues:write"])
        #expect(verification.expiresAt?.description == "2030-01-01T00:00:00Z")
        let call = try #require(calls.all.first)
        let request = VerifyRequest(token: "clpu_x", requiredScopes: ["issues:write"], workspaceID: "ws_1")
        #expect(call.method == .verify && call.request.payload == request.encoded())
        // A judgement is nobody's in particular, so nobody is named.
        #expect(call.request.metadata.isEmpty)
        server.stop()
    }

    @Test("a text that is longer than any token is malformed, and no request grows with it")
    func longText() async throws {
        let place = try Place()
        let outcomes: [VerifyOutcome] = [.valid, .malformed, .valid]
        let answers = VerifyBatchResponse(responses: outcomes.map { VerifyAnswer(outcome: $0) })
        let (server, calls) = try Self.answering(place, answers)
        let client = try place.client()
        let long = String(repeating: "l", count: 1 << 20)
        let verification = try await client.verify(long, requiring: ["x:read"])
        #expect(verification.outcome == .malformed && verification.tokenID == nil && verification.missingScopes == [])
        await onThreads { _ in #expect((try? client.verify(long))?.outcome == .malformed) }
        #expect(calls.count == 0)
        let longest = String(repeating: "l", count: 255)
        let queries = ["a", long, longest].map { VerificationQuery(token: $0) }
        #expect(try await client.verifyBatch(queries).map(\.outcome) == [.valid, .malformed, .valid])
        // A text of no bytes is malformed too.
        let sent = VerifyBatchRequest(requests: ["a", "", longest].map { VerifyRequest(token: $0) })
        #expect(calls.all.first?.request.payload == sent.encoded())
        server.stop()
    }

    @Test("an outcome from the future is kept, and is not valid")
    func unknownOutcome() async throws {
        let place = try Place()
        let (server, _) = try Self.answering(place, VerifyAnswer(outcome: VerifyOutcome(rawValue: 77)))
        let verification = try await place.client().verify("t")
        #expect(verification.outcome == .unrecognized(77) && !verification.isValid)
        #expect(verification.tokenID == nil && verification.kind == nil)
        server.stop()
    }

    @Test("a batch has to be answered in full")
    func verifyBatch() async throws {
        let place = try Place()
        let answers = VerifyBatchResponse(responses: [VerifyAnswer(outcome: .valid), VerifyAnswer(outcome: .revoked)])
        let (server, calls) = try Self.answering(place, answers)
        let client = try place.client()
        let queries = [VerificationQuery(token: "a"), VerificationQuery(token: "b", requiredScopes: ["x:read"])]
        #expect(try await client.verifyBatch(queries).map(\.outcome) == [.valid, .revoked])
        #expect(calls.all.first?.method == .verifyBatch)
        let short = await thrownCode { () async throws(TokenError) in _ = try await client.verifyBatch([queries[0]]) }
        #expect(short == .protocolViolation)
        for count in [0, 101] {
            let many = Array(repeating: queries[0], count: count)
            let code = await thrownCode { () async throws(TokenError) in _ = try await client.verifyBatch(many) }
            #expect(code == .invalidArgument)
        }
        #expect(calls.count == 2)
        server.stop()
    }

    @Test("create sends a fresh request id each time, and gives token and secret")
    func createToken() async throws {
        let place = try Place()
        let (server, calls) = try Self.answering(place, SecretTokenResponse(token: Self.token, secret: "clpu_new"))
        let client = try place.client(credential: .delegate(user: "ada", workspace: "ws_1"))
        let expiry = try #require(Timestamp("2030-01-01T00:00:00Z"))
        let issued = try await client.createToken(name: "laptop", scopes: ["issues:read"], expiresAt: expiry)
        #expect(issued.token.id == "tok_1" && issued.token.createdAt.description == "2026-01-01T00:00:00Z")
        #expect(issued.token.expiresAt == expiry && issued.token.state == .active && issued.token.revokedAt == nil)
        #expect(issued.secret.reveal() == "clpu_new")
        #expect(!"\(issued)".contains("clpu_new"))
        let own = try #require(RequestID("01234567-89ab-4def-8123-456789abcdef"))
        _ = try await client.createToken(name: "laptop", scopes: ["issues:read"], requestID: own)
        let requests = try calls.all.map { call in
            CreateTokenRequest(copying: try CreateTokenRequest.View(call.request.payload.span))
        }
        #expect(requests[0].expiresAt?.seconds == 1_893_456_000 && requests[0].scopes == ["issues:read"])
        #expect(requests[1].requestID == own.description && requests[0].requestID != own.description)
        server.stop()
    }

    @Test(
        "roll rounds the overlap up to seconds",
        arguments: [
            (.zero, 0), (.seconds(60), 60), (.milliseconds(1), 1), (.milliseconds(1500), 2),
            (.seconds(604_800), 604_800),
        ] as [(Duration, UInt32)])
    func rollToken(_ overlap: Duration, _ seconds: UInt32) async throws {
        let place = try Place()
        let (server, calls) = try Self.answering(place, SecretTokenResponse(token: Self.token, secret: "clpu_new"))
        _ = try await place.client().rollToken(id: "tok_1", overlap: overlap)
        let payload = try #require(calls.all.first).request.payload
        let sent = RollTokenRequest(copying: try RollTokenRequest.View(payload.span))
        #expect(sent.overlapSeconds == seconds && sent.id == "tok_1")
        server.stop()
    }

    @Test(
        "an overlap that can't be is refused here",
        arguments: [
            Duration.milliseconds(-1), .seconds(604_801), .seconds(604_800) + .nanoseconds(1),
            .seconds(Int64.max) + .milliseconds(1), .seconds(Int64.min),
        ])
    func impossibleOverlap(_ overlap: Duration) async throws {
        let client = try Place().client()
        let code = await thrownCode { () async throws(TokenError) in
            _ = try await client.rollToken(id: "tok_1", overlap: overlap)
        }
        #expect(code == .invalidArgument)
    }

    @Test("revoke, revokeSelf and get name the token they mean")
    func byID() async throws {
        let place = try Place()
        let (server, calls) = try Self.answering(place, TokenResponse(token: Self.token))
        let client = try place.client(credential: .bearer(BearerToken("clpu_admin")))
        #expect(try await client.revokeToken(id: "tok_1").id == "tok_1")
        #expect(try await client.token(id: "tok_1").name == "laptop")
        try await client.revokeSelf(BearerToken("clpu_leaked"))
        #expect(calls.all.map(\.method) == [.revokeToken, .getToken, .revokeSelf])
        #expect(calls.all[0].request.payload == TokenIDRequest(id: "tok_1").encoded())
        #expect(calls.all[2].request.payload == RevokeSelfRequest(token: "clpu_leaked").encoded())
        #expect(calls.all.map { $0.metadata("authorization") } == ["Bearer clpu_admin", "Bearer clpu_admin", nil])
        server.stop()
    }

    @Test("a call is made for the caller it names, else for the configuration's")
    func credentials() async throws {
        let place = try Place()
        let (server, calls) = try Self.answering(place, WhoAmIResponse(principalID: "ada", callerKind: .delegatedUser))
        let client = try place.client(credential: .delegate(user: "ada", workspace: "ws_1"))
        #expect(try await client.whoAmI().kind == .delegatedUser)
        _ = try await client.whoAmI(as: .bearer(BearerToken("clpu_b")))
        _ = try await client.whoAmI(as: .anonymous)
        #expect(calls.all[0].metadata("tokend-user") == "ada" && calls.all[0].metadata("tokend-workspace") == "ws_1")
        #expect(calls.all[0].metadata("authorization") == nil)
        #expect(calls.all[1].metadata("authorization") == "Bearer clpu_b" && calls.all[1].request.metadata.count == 1)
        #expect(calls.all[2].request.metadata.isEmpty)
        server.stop()
    }

    @Test("scopes, status, health and bootstrap")
    func others() async throws {
        let place = try Place()
        let calls = Collected<FakeCall>()
        let server = try FakeServer(path: place.socketPath) { call in
            calls.add(call)
            switch call.method {
            case .listScopes:
                let scope = TokenWire.Scope(name: "issues:read", description: "Read", grantable: true)
                call.answer(
                    ListScopesResponse(groups: [
                        WireScopeGroup(name: "Data", scopes: [scope]), WireScopeGroup(name: "AI & Reports"),
                    ]))
            case .getStatus:
                call.answer(GetStatusResponse(version: "1.0", isReady: true, pid: 7, uptimeSeconds: 60, headSeq: 9))
            case .checkHealth: call.answer(HealthCheckResponse(status: .notServing))
            default: call.answer(SecretTokenResponse(token: Self.token, secret: "clpu_first"))
            }
        }
        let client = try place.client()
        let groups = try await client.scopes()
        #expect(groups.map(\.name) == ["Data", "AI & Reports"])
        #expect(groups[0].scopes.first?.isGrantable == true && groups[1].scopes.isEmpty)
        let status = try await client.status()
        #expect(status.isReady && status.details?.headSequence == 9 && status.details?.uptime == .seconds(60))
        #expect(try await client.health(of: "x") == .notServing)
        #expect(try await client.bootstrap(workspaceID: "ws_1", userID: "ada").secret.reveal() == "clpu_first")
        #expect(calls.all.map(\.method) == [.listScopes, .getStatus, .checkHealth, .bootstrap])
        server.stop()
    }

    @Test("every blocking form makes the same call as its async form")
    func blockingForms() async throws {
        let place = try Place()
        let calls = Collected<FakeCall>()
        let server = try FakeServer(path: place.socketPath) { call in
            calls.add(call)
            call.fail(Status(.notFound, message: "no", traceID: "t"))
        }
        let client = try place.client(credential: .delegate(user: "ada", workspace: "ws_1"))
        let id = RequestID()
        let secret = try BearerToken("clpu_x")
        let blocking: [@Sendable () throws -> Void] = [
            { _ = try client.verify("t") }, { _ = try client.verifyBatch([VerificationQuery(token: "t")]) },
            { _ = try client.createToken(name: "n", scopes: ["s:read"], requestID: id) },
            { _ = try client.rollToken(id: "tok_1", requestID: id) }, { try client.revokeToken(id: "tok_1") },
            { try client.revokeSelf(secret) }, { _ = try client.token(id: "tok_1") }, { _ = try client.tokens() },
            { _ = try client.events() }, { _ = try client.scopes() }, { _ = try client.whoAmI() },
            { _ = try client.status() }, { _ = try client.bootstrap(workspaceID: "ws_1", userID: "u") },
            { _ = try client.health() },
        ]
        await onThreads { _ in for call in blocking { #expect(throws: TokenError.self) { try call() } } }
        let suspending: [@Sendable () async throws -> Void] = [
            { _ = try await client.verify("t") }, { _ = try await client.verifyBatch([VerificationQuery(token: "t")]) },
            { _ = try await client.createToken(name: "n", scopes: ["s:read"], requestID: id) },
            { _ = try await client.rollToken(id: "tok_1", requestID: id) },
            { try await client.revokeToken(id: "tok_1") }, { try await client.revokeSelf(secret) },
            { _ = try await client.token(id: "tok_1") }, { _ = try await client.tokens() },
            { _ = try await client.events() }, { _ = try await client.scopes() }, { _ = try await client.whoAmI() },
            { _ = try await client.status() }, { _ = try await client.bootstrap(workspaceID: "ws_1", userID: "u") },
            { _ = try await client.health() },
        ]
        for call in suspending { await #expect(throws: TokenError.self) { try await call() } }
        let made = calls.all
        try #require(made.count == 28)
        for index in 0..<14 {
            #expect(made[index].method == made[index + 14].method)
            #expect(made[index].request.payload == made[index + 14].request.payload)
            #expect(made[index].request.metadata == made[index + 14].request.metadata)
        }
        server.stop()
    }
}
