import Testing
import TokenCore

@testable import TokenStore

@Suite("Members and what their tokens may do")
struct MembershipTests {
    let fixture: StoreFixture
    let admin: TestSecret

    init() throws {
        fixture = try StoreFixture()
        admin = try fixture.bootstrap()
    }

    @Test func aRoleBoundsTheScopesOfATokenFromTheNextReadOn() throws {
        let made = try fixture.create("ci", as: admin.claim, scopes: "issues:read issues:write")
        #expect(try fixture.outcome(made.secret, requiring: "issues:write") == .valid)
        try fixture.run("UPDATE principal SET role = 'read_only' WHERE id = 'ann'")
        #expect(try fixture.outcome(made.secret, requiring: "issues:write") == .insufficientScope)
        #expect(try fixture.outcome(made.secret, requiring: "issues:read") == .valid)
        // The token keeps what it was given.
        let caller = try fixture.store().makeReader().caller(made.claim, now: fixture.clock.now)
        #expect(caller.power.scopes.text == "issues:read")
        #expect(caller.power.recordedScopes?.text == "issues:read issues:write")
        try fixture.run("UPDATE principal SET role = 'analyst' WHERE id = 'ann'")
        #expect(try fixture.outcome(made.secret, requiring: "issues:write") == .valid)
    }

    @Test func aRoleThatIsNotDefinedGrantsNothing() throws {
        try fixture.run("UPDATE principal SET role = 'emperor' WHERE id = 'ann'")
        #expect(try fixture.outcome(admin) == .valid)
        #expect(try fixture.outcome(admin, requiring: "issues:read") == .insufficientScope)
    }

    @Test func aDelegatedUserHoldsWhatTheRoleGrants() throws {
        let bob = try fixture.addMember("bob", role: "analyst")
        let caller = try fixture.store().makeReader().caller(bob, now: fixture.clock.now)
        #expect(caller.power.scopes == AccessRules.builtIn.roles.grants("analyst"))
        #expect(caller.bearer == nil)
        let made = try fixture.create("ci", as: bob)
        #expect(made.record.ownerID == "bob")
    }

    @Test func theEndOfAMembershipRevokesItsTokensAndJoiningAgainRevivesNothing() throws {
        let bob = try fixture.addMember("bob", role: "analyst")
        let made = try fixture.create("ci", as: bob)
        try fixture.run("UPDATE principal SET ended_at = 1 WHERE id = 'bob'")
        #expect(try fixture.outcome(made.secret) == .revoked)
        try fixture.expectRefusal(.unauthorized) { try fixture.create("more", as: bob) }
        try fixture.expectRefusal(.unauthorized) { try fixture.create("more", as: made.claim) }
        _ = try fixture.addMember("bob", role: "analyst")
        #expect(try fixture.outcome(made.secret) == .revoked)
        try fixture.expectRefusal(.notFound) { try fixture.roll(made.id, as: bob) }
        try fixture.expectRefusal(.unauthorized) { try fixture.roll(made.id, as: made.claim, overlap: 60) }
        // The name belongs to the membership that ended.
        let again = try fixture.create("ci", as: bob)
        #expect(try fixture.outcome(again.secret) == .valid)
        // The administrator still sees the old one, and that it is revoked.
        let reader = try fixture.store().makeReader()
        let caller = try reader.caller(admin.claim, now: fixture.clock.now)
        #expect(try reader.token(id: made.id, visibleTo: caller).state(at: fixture.clock.now) == .revoked)
    }

    @Test func aUserOfTwoWorkspacesHasTokensInEach() throws {
        let other = try fixture.bootstrap(workspace: "ws_other", user: "ann")
        let made = try fixture.create("ci", as: admin.claim)
        try fixture.create("ci", as: other.claim)
        try fixture.expectRefusal(.notFound) { try fixture.roll(made.id, as: other.claim) }
    }

    @Test func listsShowOnesOwnTokensNewestFirstInPages() throws {
        let bob = try fixture.addMember("bob", role: "analyst")
        try fixture.create("bobs", as: bob)
        let made = try (0..<7).map { try fixture.create("t\($0)", as: admin.claim) }
        let reader = try fixture.store().makeReader()
        let caller = try reader.caller(admin.claim, now: fixture.clock.now)
        let owner = try reader.owner(ofListBy: caller, ownerID: "")
        var filter = TokenFilter()
        filter.namePrefix = "t"
        let seen = try walk(pageSize: 3) {
            try reader.tokens(
                ofPrincipal: owner, matching: filter, below: $0.below, pageSize: $0.elementCountMax,
                rowCountMax: $0.rowCountMax, now: fixture.clock.now)
        }
        #expect(seen.map(\.id) == made.reversed().map(\.id))
        // And the administrator's.
        #expect(try reader.tokenCount(ofPrincipal: owner) == 8)
    }

    @Test func theStoresTokensAreCountedUpToALimit() throws {
        let made = try (0..<4).map { try fixture.create("t\($0)", as: admin.claim) }
        try fixture.perform(RevokeToken(tokenID: made[0].id), as: admin.claim)
        let reader = try fixture.store().makeReader()
        // The administrator's own is one of them.
        for (limit, count) in [(3, 3), (4, 4), (100, 4)] {
            #expect(try reader.figures(tokenCountMax: limit).tokenCount == count)
        }
    }

    @Test func anAdministratorListsOthersTokensAndNobodyElseDoes() throws {
        let bob = try fixture.addMember("bob", role: "analyst")
        let robot = try fixture.addServiceAccountToken("issues:read workspace:admin")
        let made = try fixture.create("bobs", as: bob)
        let reader = try fixture.store().makeReader()
        func list(as claim: CallerClaim, of owner: String) throws -> [String] {
            let caller = try reader.caller(claim, now: fixture.clock.now)
            let number = try reader.owner(ofListBy: caller, ownerID: owner)
            return try reader.tokens(
                ofPrincipal: number, matching: TokenFilter(), below: .max, pageSize: 10, now: fixture.clock.now
            ).elements.map(\.id)
        }
        #expect(try list(as: admin.claim, of: "bob") == [made.id])
        #expect(try list(as: bob, of: "bob") == [made.id])
        // A service account has no tokens to list of its own, but its administrator's scope is as good as any.
        #expect(try list(as: robot.claim, of: "bob") == [made.id])
        #expect(throws: ChangeFailure.self) { try list(as: robot.claim, of: "") }
        #expect(throws: ChangeFailure.self) { try list(as: bob, of: "ann") }
        #expect(throws: ChangeFailure.self) { try list(as: admin.claim, of: "nobody") }
    }
}
