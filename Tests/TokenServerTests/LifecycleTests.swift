import Testing
import TokenCore
import TokenWire

extension ServerTests {
    @Suite("What becomes of tokens when what they hang on changes")
    struct LifecycleTests {
        private let world: World

        init() throws {
            world = try World()
        }

        private func outcome(_ name: String, _ scopes: String..., workspace: String = "") throws
            -> TokenWire.VerifyOutcome
        {
            try world.verify(name, scopes: scopes, workspace: workspace).outcome
        }

        private func put(_ user: String, role: String = "", _ status: MemberStatus = .unspecified) throws {
            _ = try world.call(
                .putMember, PutMemberRequest(userID: user, role: role, status: status), .user("ann")
            ).member()
        }

        private func update(scopes: [String]? = nil, disabled: Bool? = nil) throws {
            let id = try world.id("robot account")
            _ = try world.call(
                .updateServiceAccount, UpdateServiceAccountRequest(id: id, scopes: scopes, disabled: disabled),
                .user("ann")
            ).account()
        }

        @Test func aSuspendedMembersTokensRestUntilTheMemberIsBack() throws {
            try put("bob", .suspended)
            #expect(try outcome("bob", "issues:write") == .ownerSuspended)
            #expect(try world.call(.whoAmI, EmptyMessage(), .bearer("bob")).status?.reason == .unauthorized)
            try put("bob", .active)
            #expect(try outcome("bob") == .valid)
        }

        @Test func aDemotionBindsTheNextVerificationAndAPromotionGivesBack() throws {
            try world.createToken("writer", of: "bob", ["issues:read", "issues:write"])
            try put("bob", role: "viewer")
            let demoted = try world.verify("writer", scopes: ["issues:write"])
            #expect(demoted.outcome == .insufficientScope)
            #expect(demoted.missingScopes == ["issues:write"])
            #expect(demoted.scopes == [])
            #expect(try world.verify("writer").scopes == ["issues:read"])
            try put("bob", role: "analyst")
            #expect(try outcome("writer", "issues:write") == .valid)
        }

        @Test func aRemovedMembersTokensAreRevokedAndJoiningAgainRevivesNone() throws {
            let removed = try world.call(.removeMember, RemoveMemberRequest(userID: "bob"), .bearer("admin"))
            #expect(try removed.endedTokenCount() == 1)
            #expect(try outcome("bob") == .revoked)
            try put("bob", role: "tenant_admin")
            #expect(try outcome("bob") == .revoked)
            // The name is free for the new membership.
            try world.createToken("bob", of: "bob", ["issues:read"])
            #expect(try outcome("bob") == .valid)
        }

        @Test func aDisabledAccountsTokensRestAndADeletedOnesAreRevoked() throws {
            try update(disabled: true)
            let resting = try world.verify("robot")
            #expect(resting.outcome == .disabled)
            #expect(resting.principalID == (try world.id("robot account")))
            try update(disabled: false)
            #expect(try outcome("robot", "issues:read") == .valid)
            let request = IDRequest(id: try world.id("robot account"))
            #expect(try world.call(.deleteServiceAccount, request, .bearer("admin")).endedTokenCount() == 1)
            #expect(try outcome("robot") == .revoked)
        }

        @Test func aTokenKeepsTheScopesItsAccountHadWhenItWasIssued() throws {
            try update(scopes: ["patterns:read"])
            #expect(try world.verify("robot").scopes == ["issues:read"])
            let issued = try world.call(
                .issueServiceAccountToken,
                IssueServiceAccountTokenRequest(serviceAccountID: try world.id("robot account"), name: "second"),
                .bearer("admin")
            ).secretToken()
            #expect(issued.token?.scopes == ["patterns:read"])
            #expect(issued.secret.hasPrefix("clps_"))
        }

        @Test func anAccountOutlivesWhoMadeItAndRemembersWho() throws {
            try put("zoe", role: "tenant_admin")
            let made = try world.call(
                .createServiceAccount, CreateServiceAccountRequest(name: "zoes", scopes: ["issues:read"]), .user("zoe")
            ).account()
            let token = try world.call(
                .issueServiceAccountToken, IssueServiceAccountTokenRequest(serviceAccountID: made.id, name: "t"),
                .user("zoe")
            ).secretToken()
            _ = try world.call(.removeMember, RemoveMemberRequest(userID: "zoe"), .user("ann")).endedTokenCount()
            let account = try world.call(.getServiceAccount, IDRequest(id: made.id), .user("ann")).account()
            #expect(account.createdBy == "zoe")
            let verified = try world.service.call(.verify, VerifyRequest(token: token.secret)).verified()
            #expect(verified.outcome == .valid)
            #expect(verified.kind == .serviceAccount)
        }

        private func setWorkspace(_ state: WorkspaceState) throws -> Reply {
            try world.call(.setWorkspaceState, SetWorkspaceStateRequest(id: "ws_acme", state: state), .host)
        }

        @Test func aSuspendedWorkspacesTokensRestAndAnEndedOnesAreRevoked() throws {
            _ = try setWorkspace(.suspended).decode { _ in }
            for name in ["admin", "bob", "robot"] { #expect(try outcome(name) == .ownerSuspended) }
            #expect(try world.call(.whoAmI, EmptyMessage(), .user("ann")).status?.reason == .unauthorized)
            #expect(try outcome("eve") == .valid)
            _ = try setWorkspace(.active).decode { _ in }
            for name in ["admin", "bob", "robot"] { #expect(try outcome(name) == .valid) }
            _ = try setWorkspace(.ended).decode { _ in }
            for name in ["admin", "bob", "robot"] { #expect(try outcome(name) == .revoked) }
            let again = try world.call(.bootstrap, BootstrapRequest(workspaceID: "ws_acme", userID: "ann"), .host)
            #expect(again.status?.reason == .conflict)
        }

        @Test func whereSeveralOutcomesHoldTheFirstOfTheOrderIsTold() throws {
            // From the last to the first: each change leaves what held before in force.
            #expect(try outcome("bob", "audit:read") == .insufficientScope)
            try put("bob", .suspended)
            #expect(try outcome("bob", "audit:read") == .ownerSuspended)
            _ = try world.call(.revokeToken, IDRequest(id: try world.id("bob")), .user("ann")).token()
            #expect(try outcome("bob", "audit:read") == .revoked)
            #expect(try outcome("bob", "audit:read", workspace: "ws_other") == .workspaceMismatch)
            #expect(try world.verify("bob", workspace: "ws_other") == VerifyResponse(outcome: .workspaceMismatch))
            try update(disabled: true)
            #expect(try outcome("robot", "audit:read") == .disabled)
            _ = try setWorkspace(.suspended).decode { _ in }
            #expect(try outcome("robot", "audit:read") == .disabled)
            let roll = RollServiceAccountTokenRequest(
                serviceAccountID: try world.id("robot account"), id: try world.id("robot"))
            _ = try setWorkspace(.active).decode { _ in }
            _ = try world.call(.rollServiceAccountToken, roll, .user("ann")).secretToken()
            #expect(try outcome("robot", "audit:read") == .superseded)
        }

        // MARK: Tokens of other systems

        private func importToken(_ text: String, _ name: String = "old") throws -> Reply {
            let digest = Array(text.utf8)
            let token = ImportedToken(
                digest: Digest(hashing: digest.span).bytes, name: name, ownerID: "bob", scopes: ["issues:read"],
                hint: "old_…")
            return try world.call(.importTokens, ImportTokensRequest(tokens: [token]), .bearer("admin"))
        }

        private func verify(_ text: String) throws -> VerifyResponse {
            try world.service.call(.verify, VerifyRequest(token: text)).verified()
        }

        @Test func anImportedTokenVerifiesByItsOldTextAndActs() throws {
            let text = "old_secret of another system"
            #expect(try verify(text).outcome == .malformed)
            _ = try importToken(text).decode { _ in }
            #expect(try verify(text).principalID == "bob")
            let caller = try world.service.call(.whoAmI, EmptyMessage(), metadata: [.bearer(text)])
            #expect(caller.status == nil)
            // Other texts are looked up now, but for those that begin as ours do and those that are too long.
            #expect(try verify("another").outcome == .unknown)
            #expect(try verify("clpu_another").outcome == .malformed)
            #expect(try verify(String(repeating: "x", count: 255)).outcome == .unknown)
            #expect(try verify(String(repeating: "x", count: 256)).outcome == .malformed)
            #expect(try verify("").outcome == .malformed)
            _ = try world.service.call(.revokeSelf, RevokeSelfRequest(token: text)).decode { _ in }
            #expect(try verify(text).outcome == .revoked)
        }

        @Test func anImportedTokenThatCanNotBeLookedUpIsNotCalledInvalid() throws {
            let fixture = try ServerFixture()
            let text = "old_secret of another system"
            let token = ImportedToken(
                digest: Digest(hashing: Array(text.utf8).span).bytes, name: "old", scopes: ["issues:read"])
            let client = try fixture.client()
            _ = try client.call(
                .importTokens, ImportTokensRequest(tokens: [token]), metadata: [.bearer(fixture.admin)]
            ).decode { _ in }
            #expect(try client.call(.whoAmI, EmptyMessage(), metadata: [.bearer(text)]).status == nil)
            fixture.perform(BreakReads())
            let reply = try client.call(.whoAmI, EmptyMessage(), metadata: [.bearer(text)])
            #expect(reply.status?.reason == .storeUnavailable)
        }

        @Test func aHintIsNeverTheWholeText() throws {
            let text = "shorttext"
            let token = ImportedToken(
                digest: Digest(hashing: Array(text.utf8).span).bytes, name: "x", ownerID: "bob",
                scopes: ["issues:read"], hint: text)
            let refused = try world.call(.importTokens, ImportTokensRequest(tokens: [token]), .bearer("admin"))
            #expect(refused.fields == ["tokens[0].hint"])
            #expect(refused.status?.message.contains(text) == false)
        }
    }
}
