import Glibc
import LinuxIO
import Testing
import TokenCore
import TokenWire

@testable import TokenServer

extension ServerTests {
    /// Everything here goes through sockets that processes under other ids have connected.
    @Suite("Peers of other users", .enabled(if: OtherUser.canBecome))
    struct OtherUserTests {
        private func fixture(_ grants: PeerGrant...) throws -> ServerFixture {
            let fixture = try ServerFixture(grants: grants)
            fixture.openToAll()
            return fixture
        }

        private func mayDelegate(_ client: RawClient, _ workspace: String = "ws_acme") throws -> Bool {
            let user = workspace == "ws_acme" ? "ann" : "bob"
            let reply = try client.call(.whoAmI, EmptyMessage(), metadata: .delegated(user, workspace))
            if reply.status == nil { return true }
            #expect(reply.status?.reason == .forbidden)
            #expect(reply.status?.errorInfo?.metadata.first { $0.key == "missing_grant" }?.value == "delegate")
            return false
        }

        private func outcome(
            _ client: RawClient, _ token: String, workspace: String = ""
        ) throws -> TokenWire.VerifyOutcome {
            let reply = try client.call(.verify, VerifyRequest(token: token, workspaceID: workspace))
            return try reply.verified().outcome
        }

        // MARK: Who is meant

        @Test func aGrantToAUserIsThatUsersAlone() throws {
            let fixture = try fixture(
                PeerGrant(subject: .user(4242), right: .delegate, workspaces: .only(["ws_acme"])))
            _ = try fixture.bootstrapOther()
            let named = try OtherUser().connect(fixture.socketPath)
            #expect(try mayDelegate(named))
            #expect(try !mayDelegate(named, "ws_other"))
            // Neither a group of that number, nor root.
            let others = [OtherUser(userID: 4243, groupID: 4242, groupIDs: [4242]), OtherUser(userID: 0, groupID: 0)]
            for other in others {
                let client = try other.connect(fixture.socketPath)
                #expect(try !mayDelegate(client))
                #expect(try outcome(client, fixture.admin) == .valid)
            }
        }

        @Test(arguments: [([], 500), ([7, 500, 8], 9)] as [([UInt32], UInt32)])
        func aGrantToAGroupIsOfWhoHasItFirstOrBeside(_ groups: [UInt32], _ groupID: UInt32) throws {
            let fixture = try fixture(PeerGrant(subject: .group(500), right: .delegate, workspaces: .everywhere))
            let member = try OtherUser(groupID: groupID, groupIDs: groups).connect(fixture.socketPath)
            #expect(try mayDelegate(member))
            let others = [OtherUser(userID: 500, groupID: 9, groupIDs: [7, 8]), OtherUser(userID: 500, groupID: 501)]
            for other in others { #expect(try !mayDelegate(other.connect(fixture.socketPath))) }
        }

        @Test func nobodyIsMeantBy65534() throws {
            let fixture = try fixture(
                PeerGrant(subject: .user(65534), right: .delegate, workspaces: .only(["ws_other"])),
                PeerGrant(subject: .group(65534), right: .delegate, workspaces: .only(["ws_other"])))
            let nobody = try OtherUser(userID: 65534, groupID: 65534, groupIDs: [65534]).connect(fixture.socketPath)
            #expect(try !mayDelegate(nobody))
            #expect(try outcome(nobody, fixture.admin) == .valid)
        }

        // MARK: The limit to workspaces

        @Test func aTokenOfAnotherWorkspaceIsUnknownToALimitedPeer() throws {
            let fixture = try fixture(
                PeerGrant(subject: .user(4242), right: .verify, workspaces: .only(["ws_other"])))
            let other = try fixture.bootstrapOther()
            let limited = try OtherUser().connect(fixture.socketPath)
            for workspace in ["", "ws_acme", "ws_other"] {
                #expect(try outcome(limited, fixture.admin, workspace: workspace) == .unknown)
            }
            #expect(try outcome(limited, other) == .valid)
            #expect(try outcome(limited, other, workspace: "ws_other") == .valid)
            #expect(try outcome(limited, other, workspace: "ws_acme") == .unknown)
            let batch = try limited.call(
                .verifyBatch,
                VerifyBatchRequest(requests: [VerifyRequest(token: fixture.admin), VerifyRequest(token: other)]))
            let outcomes = try batch.decode {
                try VerifyBatchResponse(copying: VerifyBatchResponse.View($0)).responses.map(\.outcome)
            }
            #expect(outcomes == [.unknown, .valid])
            let free = try OtherUser(userID: 4243).connect(fixture.socketPath)
            #expect(try outcome(free, other, workspace: "ws_acme") == .workspaceMismatch)
        }

        /// What comes together is hashed ahead, which must not open the short way to those that may not take it.
        @Test func aLimitedPeerThatAsksForMuchAtOnceLearnsNoMore() throws {
            let fixture = try fixture(
                PeerGrant(subject: .user(4242), right: .verify, workspaces: .only(["ws_other"])))
            let other = try fixture.bootstrapOther()
            let free = try OtherUser(userID: 4243).connect(fixture.socketPath)
            for token in [fixture.admin, other] { #expect(try outcome(free, token) == .valid) }
            let limited = try OtherUser().connect(fixture.socketPath)
            let tokens = [fixture.admin, other, fixture.admin, other]
            var bytes: [UInt8] = []
            for (id, token) in zip(Frames.ids(tokens.count), tokens) {
                bytes += Frames.request(id, .verify, VerifyRequest(token: token))
            }
            let outcomes = try limited.exchange(bytes, replyCount: tokens.count).map { try $0.verified().outcome }
            #expect(outcomes == [.unknown, .valid, .unknown, .valid])
        }

        @Test func aBearerOfAnotherWorkspaceIsToALimitedPeerWhatNobodysIs() throws {
            let fixture = try fixture(
                PeerGrant(subject: .group(4242), right: .verify, workspaces: .only(["ws_other"])))
            let other = try fixture.bootstrapOther()
            let limited = try OtherUser().connect(fixture.socketPath)
            for method in [Method.whoAmI, .listTokens, .createToken] {
                let request = CreateTokenRequest(name: "x", scopes: ["issues:read"])
                let foreign = try limited.call(
                    method, method == .createToken ? request : CreateTokenRequest(),
                    metadata: [.bearer(fixture.admin)])
                let unknown = try limited.call(
                    method, method == .createToken ? request : CreateTokenRequest(),
                    metadata: [.bearer(Tokens.unknown)])
                #expect(foreign.status?.reason == .unauthorized)
                #expect(foreign.status?.message == unknown.status?.message)
            }
            #expect(try limited.call(.whoAmI, EmptyMessage(), metadata: [.bearer(other)]).status == nil)
        }

        @Test func aLimitedPeerEndsNoSecretOfAnotherWorkspace() throws {
            let fixture = try fixture(
                PeerGrant(subject: .user(4242), right: .verify, workspaces: .only(["ws_other"])))
            let other = try fixture.bootstrapOther()
            let limited = try OtherUser().connect(fixture.socketPath)
            let foreign = try limited.call(.revokeSelf, RevokeSelfRequest(token: fixture.admin))
            let unknown = try limited.call(.revokeSelf, RevokeSelfRequest(token: Tokens.unknown))
            #expect(foreign.code == .notFound)
            #expect(foreign.status?.message == unknown.status?.message)
            #expect(try outcome(fixture.client(), fixture.admin) == .valid)
            #expect(try limited.call(.revokeSelf, RevokeSelfRequest(token: other)).status == nil)
            #expect(try outcome(fixture.client(), other) == .revoked)
        }

        // MARK: The sockets themselves

        @Test func theModesOfTheSocketsSayWhoMayOpenThem() throws {
            let fixture = try ServerFixture()
            fixture.openDirectory()
            chown(fixture.socketPath, 0, 500)
            for path in [fixture.socketPath, fixture.operatorPath] {
                let failure = try #require(throws: ClientFailure.self) { try OtherUser().connect(path) }
                #expect(failure.code == EACCES)
            }
            let client = try OtherUser(groupIDs: [500]).connect(fixture.socketPath)
            #expect(try outcome(client, fixture.admin) == .valid)
            let failure = try #require(throws: ClientFailure.self) {
                try OtherUser(groupIDs: [500]).connect(fixture.operatorPath)
            }
            #expect(failure.code == EACCES)
        }

        @Test func whoComesThroughToTheOperatorsSocketAllTheSameMayDoNothing() throws {
            let fixture = try fixture(PeerGrant(subject: .user(4242), right: .delegate, workspaces: .everywhere))
            chmod(fixture.operatorPath, 0o666)
            for user in [OtherUser(), OtherUser(userID: 65534, groupID: 0, groupIDs: [0])] {
                let client = try user.connect(fixture.operatorPath)
                #expect(try client.call(.bootstrap, BootstrapRequest()).status?.reason == .forbidden)
                #expect(try client.call(.verify, VerifyRequest(token: fixture.admin)).status?.reason == .forbidden)
                #expect(
                    try client.call(.whoAmI, EmptyMessage(), metadata: [.bearer(fixture.admin)]).status?.reason
                        == .forbidden)
                #expect(try client.call(.checkHealth, HealthCheckRequest()).status == nil)
            }
        }
    }
}
