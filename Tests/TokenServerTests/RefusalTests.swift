import Testing
import TokenWire

extension ServerTests {
    @Suite("What a refusal says")
    struct RefusalTests {
        private let fixture: ServerFixture
        private let client: RawClient

        init() throws {
            fixture = try ServerFixture()
            client = try fixture.client()
        }

        private var asAdmin: [KeyValue] { [.bearer(fixture.admin)] }

        private func expectDocumented(
            _ reply: Reply, _ reason: ErrorReason, sourceLocation: SourceLocation = #_sourceLocation
        ) {
            let status = reply.status
            #expect(status?.code == reason.code, sourceLocation: sourceLocation)
            #expect(status?.errorInfo?.reason == reason.rawValue, sourceLocation: sourceLocation)
            #expect(status?.errorInfo?.domain == "tokend", sourceLocation: sourceLocation)
            #expect(reply.traceID?.count == 16, sourceLocation: sourceLocation)
            #expect(status?.message.isEmpty == false, sourceLocation: sourceLocation)
            #expect(reply.payload.isEmpty, sourceLocation: sourceLocation)
        }

        @Test func everyErrorCarriesReasonDomainAndATraceIdOfItsOwn() throws {
            let taken = try fixture.createToken("taken")
            let id = try #require(taken.token?.id)
            let cases: [(ErrorReason, Reply)] = [
                (.validationError, try client.call(.createToken, CreateTokenRequest(), metadata: asAdmin)),
                (.unauthorized, try client.call(.whoAmI, EmptyMessage())),
                (.unauthorized, try client.call(.whoAmI, EmptyMessage(), metadata: [.bearer(Tokens.unknown)])),
                (.forbidden, try client.call(.bootstrap, BootstrapRequest())),
                (
                    .forbidden,
                    try client.call(
                        .listTokens, ListTokensRequest(ownerID: "bob"), metadata: [.bearer(taken.secret)])
                ),
                (.notFound, try client.call(.getToken, GetTokenRequest(id: "x"), metadata: asAdmin)),
                (
                    .notFound,
                    try client.call(
                        .revokeToken, RevokeTokenRequest(id: String(id.dropLast()) + (id.last == "0" ? "1" : "0")),
                        metadata: asAdmin)
                ),
                (.notFound, try client.call(.revokeSelf, RevokeSelfRequest(token: Tokens.unknown))),
                (
                    .conflict,
                    try client.call(
                        .createToken, CreateTokenRequest(name: "taken", scopes: ["issues:read"]), metadata: asAdmin)
                ),
                (.unimplemented, try unknownMethod()),
                (.deadlineExceeded, try client.call(.whoAmI, EmptyMessage(), timeoutNanoseconds: 1)),
            ]
            for (reason, reply) in cases { expectDocumented(reply, reason) }
            #expect(Set(cases.map(\.1.traceID)).count == cases.count)
        }

        private func unknownMethod() throws -> Reply {
            let client = try fixture.client()
            let envelope = RequestEnvelope(service: "tokend.v1.TokenService", method: "Nonsense")
            try client.send(Frames.frame(1, .request, envelope.encoded()))
            return try #require(try client.receive())
        }

        @Test func anIdOfNobodyAndOneOfAnotherWorkspaceHaveTheSameAnswer() throws {
            let other = try fixture.operatorClient().call(
                .bootstrap, BootstrapRequest(workspaceID: "ws_other", userID: "ann")
            ).secretToken()
            let foreign = try #require(other.token?.id)
            let absent = String(foreign.dropLast()) + (foreign.last == "0" ? "1" : "0")
            for method in [Method.getToken, .revokeToken] {
                let answers = try [foreign, absent].map {
                    try client.call(method, GetTokenRequest(id: $0), metadata: asAdmin).status
                }
                #expect(answers[0]?.code == .notFound)
                #expect(answers[0]?.message == answers[1]?.message)
                #expect(answers[0]?.errorInfo?.reason == answers[1]?.errorInfo?.reason)
            }
            #expect(
                try client.call(.verify, VerifyRequest(token: other.secret)).verified().outcome == .valid)
        }

        @Test func everyWrongFieldIsNamedAtOnce() throws {
            let create = try client.call(
                .createToken,
                CreateTokenRequest(
                    name: "a\u{202e}b", scopes: [], expiresAt: Timestamp(seconds: .max), requestID: "no uuid"),
                metadata: asAdmin)
            expectDocumented(create, .validationError)
            #expect(
                create.status?.badRequest?.fieldViolations.map(\.field) == [
                    "name", "scopes", "expires_at", "request_id",
                ])
            let list = try client.call(
                .listTokens,
                ListTokensRequest(
                    pageSize: 101, state: TokenState(rawValue: 99), kind: .serviceAccount, scope: "x",
                    expiresBefore: Timestamp(seconds: .min)), metadata: asAdmin)
            #expect(
                list.status?.badRequest?.fieldViolations.map(\.field)
                    == ["page_size", "state", "kind", "scope", "expires_before"])
            let bootstrap = try fixture.operatorClient().call(
                .bootstrap, BootstrapRequest(workspaceID: "acme", userID: "", tokenName: "\n"))
            #expect(
                bootstrap.status?.badRequest?.fieldViolations.map(\.field) == ["workspace_id", "user_id", "token_name"])
        }

        @Test(arguments: [-1, 101, .max, .min] as [Int32])
        func aPageHasOneToAHundredElements(_ size: Int32) throws {
            let reply = try client.call(.listTokens, ListTokensRequest(pageSize: size), metadata: asAdmin)
            #expect(reply.status?.badRequest?.fieldViolations.map(\.field) == ["page_size"])
        }

        @Test func atMostFiftyScopesAreTaken() throws {
            let reply = try client.call(
                .createToken, CreateTokenRequest(name: "x", scopes: (0..<51).map { "r\($0):read" }), metadata: asAdmin)
            expectDocumented(reply, .validationError)
            #expect(reply.status?.badRequest?.fieldViolations.map(\.field) == ["scopes"])
        }

        @Test func aSecretPutIntoAnyFieldIsNotRepeated() throws {
            let secret = try fixture.createToken("canary").secret
            let requests: [Reply] = [
                try client.call(.createToken, CreateTokenRequest(name: "x", scopes: [secret]), metadata: asAdmin),
                try client.call(
                    .createToken, CreateTokenRequest(name: "x", scopes: ["a:b"], requestID: secret), metadata: asAdmin),
                try client.call(.getToken, GetTokenRequest(id: secret), metadata: asAdmin),
                try client.call(.rollToken, RollTokenRequest(id: secret), metadata: asAdmin),
                try client.call(.listTokens, ListTokensRequest(ownerID: secret), metadata: asAdmin),
                try client.call(.listTokens, ListTokensRequest(scope: secret), metadata: asAdmin),
                try client.call(.listTokens, ListTokensRequest(pageToken: secret), metadata: asAdmin),
                try client.call(.whoAmI, EmptyMessage(), metadata: [.bearer(secret), .bearer(secret)]),
                try client.call(.whoAmI, EmptyMessage(), metadata: [.bearer(secret + "x")]),
                try client.call(.revokeSelf, RevokeSelfRequest(token: secret + "x")),
                try fixture.operatorClient().call(
                    .bootstrap, BootstrapRequest(workspaceID: secret, userID: "bob")),
            ]
            for reply in requests {
                #expect(reply.status != nil)
                #expect(reply.status.map { String(describing: $0).contains(secret.dropFirst(5)) } == false)
            }
        }

        @Test func theSameTraceIdIsInTheAuditOfEachChangeAndNoOther() throws {
            for number in 0..<5 { _ = try fixture.createToken("ci-\(number)") }
            let events = try fixture.operatorClient().call(.listEvents, ListEventsRequest(pageSize: 100)).events()
                .events
            let traces = events.filter { $0.action == "token.created" }.map(\.traceID)
            #expect(traces.count == 6)
            #expect(Set(traces).count == 6)
            #expect(traces.allSatisfy { $0.count == 16 })
            // Bootstrap is one call with three events.
            let bootstrap = events.filter { ["workspace.created", "member.added"].contains($0.action) }
            #expect(Set(bootstrap.map(\.traceID) + [traces[5]]).count == 1)
            #expect(events.allSatisfy { $0.action == "store.created" || $0.peerUID == 0 && $0.peerPID != 0 })
        }

        @Test func aCallerWhoseTokenEndsBeforeTheWriterComesToItsChangeChangesNothing() throws {
            let made = try fixture.createToken("short", scopes: ["issues:read"])
            let hold = fixture.holdWriter()
            let other = try fixture.client()
            try client.begin(.revokeToken, RevokeTokenRequest(id: made.token?.id ?? ""), metadata: asAdmin)
            #expect(eventually { fixture.waitingChangeCount == 1 })
            try other.begin(
                .createToken, CreateTokenRequest(name: "too late", scopes: ["issues:read"]),
                metadata: [.bearer(made.secret)])
            #expect(eventually { fixture.waitingChangeCount == 2 })
            hold.release()
            #expect(try client.receive()?.status == nil)
            #expect(try other.receive()?.status?.reason == .unauthorized)
        }
    }

    @Suite("Pages of a list")
    struct PageTests {
        private let fixture: ServerFixture
        private let client: RawClient

        init() throws {
            fixture = try ServerFixture()
            client = try fixture.client()
            for number in 0..<6 { _ = try fixture.createToken("ci-\(number)") }
        }

        private func list(
            _ request: ListTokensRequest = ListTokensRequest(pageSize: 2), token: String = "",
            metadata: [KeyValue]? = nil, client: RawClient? = nil
        ) throws -> Reply {
            var request = request
            request.pageToken = token
            return try (client ?? self.client).call(
                .listTokens, request, metadata: metadata ?? [.bearer(fixture.admin)])
        }

        @Test func pagesHoldEverythingOnceNewestFirst() throws {
            var names: [String] = []
            var token = ""
            repeat {
                let page = try list(token: token).tokens()
                #expect(page.totalSize == 7)
                names += page.tokens.map(\.name)
                token = page.nextPageToken
            } while !token.isEmpty
            #expect(names == (0..<6).reversed().map { "ci-\($0)" } + ["bootstrap"])
        }

        @Test func nothingIsSkippedOrRepeatedWhileOthersWrite() throws {
            let first = try list().tokens()
            _ = try fixture.createToken("new")
            let revoked = try #require(first.tokens.first?.id)
            _ = try client.call(
                .revokeToken, RevokeTokenRequest(id: revoked), metadata: [.bearer(fixture.admin)])
            let second = try list(token: first.nextPageToken).tokens()
            #expect((first.tokens + second.tokens).map(\.name) == ["ci-5", "ci-4", "ci-3", "ci-2"])
        }

        private func expectRefused(_ reply: Reply, sourceLocation: SourceLocation = #_sourceLocation) {
            #expect(reply.code == .invalidArgument, sourceLocation: sourceLocation)
            #expect(
                reply.status?.badRequest?.fieldViolations.map(\.field) == ["page_token"], sourceLocation: sourceLocation
            )
        }

        @Test func aChangedPageTokenIsRefusedWhereverItChanged() throws {
            let token = try list().tokens().nextPageToken
            for index in token.indices {
                var changed = token
                changed.replaceSubrange(index...index, with: token[index] == "A" ? "B" : "A")
                expectRefused(try list(token: changed))
            }
            for changed in [
                token + "A", String(token.dropLast()), "A", token + "=", String(repeating: "A", count: 9_999),
            ] {
                expectRefused(try list(token: changed))
            }
            #expect(try list(token: token).tokens().tokens.count == 2)
        }

        @Test func aPageTokenIsGoodForItsListAndCallerAlone() throws {
            _ = try fixture.operatorClient().call(.bootstrap, BootstrapRequest(workspaceID: "ws_other", userID: "ann"))
            _ = try fixture.operatorClient().call(.bootstrap, BootstrapRequest(workspaceID: "ws_third", userID: "bob"))
            let `operator` = try fixture.operatorClient()
            let token = try list().tokens().nextPageToken
            for request in [
                ListTokensRequest(pageSize: 2, state: .active), ListTokensRequest(pageSize: 2, scope: "issues:read"),
                ListTokensRequest(pageSize: 2, expiresBefore: Timestamp(seconds: 1)),
                ListTokensRequest(pageSize: 2, unusedSince: Timestamp(seconds: 1)),
                ListTokensRequest(pageSize: 2, namePrefix: "ci"),
                ListTokensRequest(pageSize: 2, namePrefix: "\", state: nil"),
            ] {
                expectRefused(try list(request, token: token))
            }
            for (user, workspace) in [("ann", "ws_other"), ("bob", "ws_third")] {
                expectRefused(try list(token: token, metadata: .delegated(user, workspace), client: `operator`))
            }
            // The same user by another credential is the same caller, and another size the same list.
            let same = try list(
                ListTokensRequest(pageSize: 3), token: token, metadata: .delegated("ann", "ws_acme"), client: `operator`
            )
            #expect(try same.tokens().tokens.count == 3)
            let events = try client.call(
                .listEvents, ListEventsRequest(pageSize: 2, pageToken: token), metadata: [.bearer(fixture.admin)])
            expectRefused(events)
        }

        @Test func whatAListIsFilteredByHasALimit() throws {
            let bearer = [KeyValue.bearer(fixture.admin)]
            let host = try fixture.operatorClient()
            func expectLimit(_ field: String, _ byteCountMax: Int, _ call: (String) throws -> Reply) rethrows {
                let longest = String(repeating: "a", count: byteCountMax)
                #expect(try call(longest).status?.reason != .validationError, "\(field)")
                let reply = try call(longest + "a")
                #expect(reply.fields == [field])
            }
            let limit = WireLimits.filterByteCountMax
            try expectLimit("actor", limit) { try host.call(.listEvents, ListEventsRequest(actor: $0)) }
            try expectLimit("action", limit) { try host.call(.listEvents, ListEventsRequest(action: $0)) }
            try expectLimit("target", limit) { try host.call(.listEvents, ListEventsRequest(target: $0)) }
            for request in [
                TailEventsRequest(actor: String(repeating: "a", count: limit + 1)),
                TailEventsRequest(action: String(repeating: "a", count: limit + 1)),
                TailEventsRequest(target: String(repeating: "a", count: limit + 1)),
            ] {
                #expect(try host.call(.tailEvents, request).status?.reason == .validationError)
            }
            try expectLimit("role", limit) {
                try client.call(.listMembers, ListMembersRequest(role: $0), metadata: bearer)
            }
            try expectLimit("user_id", limit) {
                try client.call(.listMembers, ListMembersRequest(userID: $0), metadata: bearer)
            }
            try expectLimit("owner_id", limit) {
                try client.call(.listTokens, ListTokensRequest(ownerID: $0), metadata: bearer)
            }
            try expectLimit("name_prefix", 400) { try list(ListTokensRequest(namePrefix: $0)) }
            try expectLimit("name_prefix", 400) {
                try client.call(.listServiceAccounts, ListServiceAccountsRequest(namePrefix: $0), metadata: bearer)
            }
            try expectLimit("name_prefix", 400) {
                try client.call(
                    .listServiceAccountTokens, ListServiceAccountTokensRequest(namePrefix: $0), metadata: bearer)
            }
        }

        @Test func aPageTokenOfTheHostsEventsIsNotAWorkspaces() throws {
            let ofHost = try fixture.operatorClient().call(.listEvents, ListEventsRequest(pageSize: 2)).events()
            let token = ofHost.nextPageToken
            expectRefused(
                try client.call(
                    .listEvents, ListEventsRequest(pageSize: 2, pageToken: token), metadata: [.bearer(fixture.admin)]))
            let weak = try fixture.createToken("weak", scopes: ["issues:read"]).secret
            let refused = try client.call(
                .listEvents, ListEventsRequest(pageSize: 2, pageToken: token), metadata: [.bearer(weak)])
            #expect(refused.status?.reason == .forbidden)
        }
    }
}
