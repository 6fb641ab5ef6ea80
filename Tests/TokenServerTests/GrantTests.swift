import Glibc
import LinuxIO
import Testing
import TokenWire

@testable import TokenCore
@testable import TokenServer

extension ServerTests {
    @Suite("What a peer may ask for, and for whom")
    struct GrantTests {
        private let fixture: ServerFixture

        init() throws {
            fixture = try ServerFixture.shared
        }

        /// A request whose payload no message decodes from.
        private func garbage(_ method: Method, metadata: [KeyValue] = []) -> [UInt8] {
            let envelope = RequestEnvelope(
                service: "\(method.service.name)", method: "\(method.name)", payload: [0xff, 0xff, 0xff],
                metadata: metadata)
            return Frames.frame(1, .request, envelope.encoded())
        }

        private func reply(_ client: RawClient, to bytes: [UInt8]) throws -> Reply {
            try client.send(bytes)
            return try #require(try client.receive())
        }

        @Test(arguments: [
            Method.bootstrap, .listWorkspaces, .setWorkspaceState, .verifyChain, .backup, .reload, .getMetrics,
        ])
        func whatTheOperatorMayIsRefusedOnTheServiceSocketBeforeThePayloadIsRead(_ method: Method) throws {
            let reply = try reply(fixture.client(), to: garbage(method))
            #expect(reply.status?.reason == .forbidden)
            #expect(reply.status?.errorInfo?.metadata.first { $0.key == "missing_grant" }?.value == "operate")
        }

        @Test func aPayloadThatDoesNotDecodeIsSaidOnlyToAPeerThatMayCall() throws {
            #expect(try reply(fixture.operatorClient(), to: garbage(.bootstrap)).code == .invalidArgument)
            #expect(try reply(fixture.client(), to: garbage(.verify)).code == .invalidArgument)
        }

        @Test(arguments: [
            ("", ""), ("tokend.v1.TokenService", ""), ("tokend.v1.TokenService", "createToken"),
            ("tokend.v1.TokenService", "CreateToken/"), ("TokenService", "CreateToken"),
            ("tokend.v1.TokenService/CreateToken", ""), ("tokend.v1.TokenService\u{0}", "CreateToken"),
        ])
        func anUnknownMethodIsUnimplemented(_ service: String, _ method: String) throws {
            let envelope = RequestEnvelope(service: service, method: method)
            #expect(
                try reply(fixture.client(), to: Frames.frame(1, .request, envelope.encoded())).status?.reason
                    == .unimplemented)
        }

        @Test(arguments: ["x", "\u{301}", "\u{1b}", "🏳️‍🌈"])
        func aNameOf64KibibytesIsNotSentBack(_ character: String) throws {
            let name = String(repeating: character, count: (64 << 10) / character.utf8.count)
            let envelope = RequestEnvelope(service: name, method: name)
            let reply = try reply(fixture.client(), to: Frames.frame(1, .request, envelope.encoded()))
            #expect(reply.code == .unimplemented)
            #expect((reply.status?.message.utf8.count ?? 0) < 1_024)
            #expect(reply.status?.message.contains("\u{1b}") == false)
        }

        @Test func healthIsOpenToEveryPeer() throws {
            for service in [""] + Service.allCases.map({ "\($0.name)" }) {
                for client in [try fixture.client(), try fixture.operatorClient()] {
                    let reply = try client.call(.checkHealth, HealthCheckRequest(service: service))
                    let status = try reply.decode {
                        try HealthCheckResponse(copying: HealthCheckResponse.View($0)).status
                    }
                    #expect(status == .serving)
                }
            }
            let request = HealthCheckRequest(service: "other")
            #expect(try fixture.client().call(.checkHealth, request).code == .notFound)
        }

        @Test func onlyTheOperatorSeesTheFiguresOfTheDaemon() throws {
            let fixture = try ServerFixture()
            let seen = try fixture.client().call(.getStatus, EmptyMessage()).daemonStatus()
            #expect(seen == GetStatusResponse(version: Version.current, isReady: true))
            let all = try fixture.operatorClient().call(.getStatus, EmptyMessage()).daemonStatus()
            #expect(all.pid != 0)
            #expect(all.headSeq == 4)
            #expect(all.headHash.count == 32)
            #expect(all.tokenCount == 1)
            #expect(all.workspaceCount == 1)
            #expect(all.writeCount == 1)
            #expect(!all.storeUUID.isEmpty)
            #expect(all.settings.isEmpty)
        }

        @Test func onlyTheOperatorSeesTheSettingsAndOnlyWhenAsking() throws {
            let fixture = try ServerFixture()
            let request = GetStatusRequest(withSettings: true)
            let seen = try fixture.client().call(.getStatus, request).daemonStatus()
            #expect(seen == GetStatusResponse(version: Version.current, isReady: true))
            let all = try fixture.operatorClient().call(.getStatus, request).daemonStatus()
            #expect(all.settings.map(\.name) == Setting.all.map(\.name))
            let clock = try #require(all.clockMark)
            #expect(clock.seconds <= (try #require(all.now)).seconds)
        }

        // MARK: For whom

        private func whoAmI(_ client: RawClient, _ metadata: [KeyValue]) throws -> Reply {
            try client.call(.whoAmI, EmptyMessage(), metadata: metadata)
        }

        private func caller(_ reply: Reply) throws -> WhoAmIResponse {
            try reply.decode { try WhoAmIResponse(copying: WhoAmIResponse.View($0)) }
        }

        @Test func aBearerActsForItsUserOnBothSockets() throws {
            for client in [try fixture.client(), try fixture.operatorClient()] {
                let caller = try caller(whoAmI(client, [.bearer(fixture.admin)]))
                #expect(caller.principalID == "ann")
                #expect(caller.callerKind == .personalToken)
                #expect(caller.token?.id == fixture.adminTokenID)
            }
        }

        @Test(arguments: ["bearer ", "BEARER ", "BeArEr "])
        func theSchemeHasNoCase(_ scheme: String) throws {
            let metadata = [KeyValue(key: "authorization", value: scheme + fixture.admin)]
            #expect(try caller(whoAmI(fixture.client(), metadata)).principalID == "ann")
        }

        @Test(arguments: ["Bearer\0", "Bearer\t", "Bearer  ", "Bearer\u{0}\u{0}", "Bearer", "Be\u{1}rer "])
        func oneSpaceStandsBetweenSchemeAndToken(_ beginning: String) throws {
            let metadata = [KeyValue(key: "authorization", value: beginning + fixture.admin)]
            #expect(try whoAmI(fixture.client(), metadata).status?.reason == .unauthorized)
        }

        @Test func aNamedUserIsBelievedOnTheOperatorsSocketAlone() throws {
            let metadata = [KeyValue].delegated("ann", "ws_acme")
            let caller = try caller(whoAmI(fixture.operatorClient(), metadata))
            #expect(caller.principalID == "ann")
            #expect(caller.callerKind == .delegatedUser)
            let refused = try whoAmI(fixture.client(), metadata)
            #expect(refused.status?.reason == .forbidden)
            #expect(refused.status?.errorInfo?.metadata.first { $0.key == "missing_grant" }?.value == "delegate")
            let made = try fixture.operatorClient().call(
                .createToken, CreateTokenRequest(name: "by hand", scopes: ["issues:read"]), metadata: metadata)
            #expect(try made.secretToken().token?.ownerID == "ann")
        }

        @Test(arguments: [("bob", "ws_acme"), ("ann", "ws_other"), ("", ""), ("ann", "")])
        func aNamedUserMustBeAMember(_ user: String, _ workspace: String) throws {
            #expect(
                try whoAmI(fixture.operatorClient(), .delegated(user, workspace)).status?.reason == .unauthorized)
        }

        @Test func delegationHoldsInTheWorkspacesItWasGivenFor() throws {
            let fixture = try ServerFixture(grants: [
                PeerGrant(subject: .user(0), right: .delegate, workspaces: .only(["ws_acme"]))
            ])
            _ = try fixture.operatorClient().call(
                .bootstrap, BootstrapRequest(workspaceID: "ws_other", userID: "ann"))
            #expect(try caller(whoAmI(fixture.client(), .delegated("ann", "ws_acme"))).workspaceID == "ws_acme")
            #expect(try whoAmI(fixture.client(), .delegated("ann", "ws_other")).status?.reason == .forbidden)
            // Delegation is for users and no more: the operator's calls stay closed.
            #expect(try fixture.client().call(.bootstrap, BootstrapRequest()).status?.reason == .forbidden)
        }

        @Test(arguments: [
            (["authorization", "authorization"], ErrorReason.validationError),
            (["tokend-user", "tokend-user", "tokend-workspace"], .validationError),
            (["tokend-workspace", "tokend-user", "tokend-workspace"], .validationError),
            (["authorization", "tokend-user"], .validationError),
            (["authorization", "tokend-user", "tokend-workspace"], .validationError),
            (["tokend-user"], .validationError),
            (["tokend-workspace"], .validationError),
            (["Authorization"], .unauthorized),
            ([], .unauthorized),
        ])
        func aCallerIsNamedOnceAndInOneWay(_ keys: [String], _ reason: ErrorReason) throws {
            let values = [
                "authorization": "Bearer \(fixture.admin)", "Authorization": "Bearer \(fixture.admin)",
                "tokend-user": "ann", "tokend-workspace": "ws_acme",
            ]
            let metadata = keys.map { KeyValue(key: $0, value: values[$0] ?? "") }
            #expect(try whoAmI(fixture.operatorClient(), metadata).status?.reason == reason)
        }

        @Test(arguments: ["", "Bearer", "Bearer ", "Basic abc", "Bearer  clpu_", "Bearer x", "Bearerx"])
        func aBearerThatIsNoTokenIsUnauthorized(_ value: String) throws {
            let metadata = [KeyValue(key: "authorization", value: value)]
            #expect(try whoAmI(fixture.client(), metadata).status?.reason == .unauthorized)
            // A second try beside it is not looked for.
            #expect(
                try whoAmI(fixture.client(), metadata + [.bearer(fixture.admin)]).status?.reason == .validationError)
        }

        @Test func otherMetadataIsIgnoredUpToItsLimit() throws {
            let others = (0..<63).map { KeyValue(key: "x-\($0)", value: "v") }
            #expect(try caller(whoAmI(fixture.client(), others + [.bearer(fixture.admin)])).principalID == "ann")
            let surplus = try whoAmI(
                fixture.client(), others + [KeyValue(key: "y", value: ""), .bearer(fixture.admin)])
            #expect(surplus.code == .resourceExhausted)
        }

        @Test func aVerificationReadsNoMetadata() throws {
            let metadata = [KeyValue].delegated("nobody", "nowhere") + [.bearer("x"), .bearer("y")]
            let reply = try fixture.client().call(.verify, VerifyRequest(token: fixture.admin), metadata: metadata)
            #expect(try reply.verified().outcome == .valid)
        }

        // MARK: The rules as values

        @Test func everyMethodButHealthAsksForAGrant() {
            for method in Method.allCases {
                #expect(MethodRule.rule(of: method).grants.isEmpty == (method == .checkHealth), "\(method)")
            }
        }

        @Test func aPeerThatMayOnlyVerifyHasNoOtherMethod() {
            let allowed = Method.allCases.filter {
                let grants = MethodRule.rule(of: $0).grants
                return grants.isEmpty || !grants.isDisjoint(with: .verify)
            }
            #expect(allowed == [.verify, .verifyBatch, .getCachePage, .reportUsage, .getStatus, .checkHealth])
        }

        // MARK: Deadlines

        @Test(arguments: [0, -1, .min, .max, 60_000_000_000] as [Int64])
        func aTimeoutThatHasNotPassedChangesNothing(_ nanoseconds: Int64) throws {
            let reply = try fixture.client().call(
                .createToken, CreateTokenRequest(name: "in time \(nanoseconds)", scopes: ["issues:read"]),
                metadata: [.bearer(fixture.admin)], timeoutNanoseconds: nanoseconds)
            #expect(try reply.secretToken().token?.name == "in time \(nanoseconds)")
        }

        @Test(arguments: [Method.verify, .createToken])
        func aTimeoutThatHasPassedMeansThatNothingWasDone(_ method: Method) throws {
            let fixture = try ServerFixture()
            let client = try fixture.client()
            let reply =
                method == .verify
                ? try client.call(method, VerifyRequest(token: fixture.admin), timeoutNanoseconds: 1)
                : try client.call(
                    method, CreateTokenRequest(name: "late", scopes: ["issues:read"]),
                    metadata: [.bearer(fixture.admin)], timeoutNanoseconds: 1)
            #expect(reply.status?.reason == .deadlineExceeded)
            let list = try client.call(.listTokens, ListTokensRequest(), metadata: [.bearer(fixture.admin)]).tokens()
            #expect(list.totalSize == 1)
        }

        @Test func aChangeWhoseTimePassesBeforeTheWriterComesToItIsNotMade() throws {
            let fixture = try ServerFixture()
            let hold = fixture.holdWriter()
            let client = try fixture.client()
            try client.begin(
                .createToken, CreateTokenRequest(name: "late", scopes: ["issues:read"]),
                metadata: [.bearer(fixture.admin)], timeoutNanoseconds: 30_000_000)
            usleep(100_000)
            hold.release()
            #expect(try client.receive()?.status?.reason == .deadlineExceeded)
            let list = try client.call(.listTokens, ListTokensRequest(), metadata: [.bearer(fixture.admin)]).tokens()
            #expect(list.totalSize == 1)
        }
    }
}
