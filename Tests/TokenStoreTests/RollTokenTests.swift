import Testing
import TokenCore

@testable import TokenStore

@Suite("Rolling a personal token")
struct RollTokenTests {
    let fixture: StoreFixture
    let admin: TestSecret

    init() throws {
        fixture = try StoreFixture()
        admin = try fixture.bootstrap()
    }

    private func inSeconds(_ seconds: Int64) -> Instant { fixture.clock.now.adding(seconds: seconds) }

    private func liveSecretCount(_ secrets: TestSecret...) throws -> Int {
        try secrets.filter { try fixture.outcome($0) == .valid }.count
    }

    @Test func theOldSecretIsSupersededAtOnceAndNothingElseChanges() throws {
        let made = try fixture.create("ci", as: admin.claim, expiresAt: inSeconds(600))
        let rolled = try fixture.roll(made.id, as: admin.claim)
        #expect(try fixture.outcome(made.secret) == .superseded)
        #expect(try fixture.outcome(rolled.secret) == .valid)
        #expect(rolled.id == made.id)
        #expect(rolled.record.name == "ci")
        #expect(rolled.record.scopes == made.record.scopes)
        #expect(rolled.record.expiresAt == made.record.expiresAt)
        #expect(rolled.record.createdAt == made.record.createdAt)
        #expect(rolled.record.hint == rolled.secret.draft.hint)
        #expect(rolled.record.rolledAt != nil)
    }

    @Test func aClockSetBackDoesNotReviveTheOldSecret() throws {
        let made = try fixture.create("ci", as: admin.claim)
        let second = try fixture.roll(made.id, as: admin.claim, overlap: 300)
        try fixture.roll(made.id, as: admin.claim)
        fixture.clock.advance(seconds: -86_400)
        #expect(try fixture.outcome(made.secret) == .superseded)
        #expect(try fixture.outcome(second.secret) == .superseded)
    }

    @Test func aSecretThatAnOverlapKeepsAliveRollsNothing() throws {
        let made = try fixture.create("ci", as: admin.claim)
        let rolled = try fixture.roll(made.id, as: made.secret.claim, overlap: 300)
        #expect(throws: Refusal.self) { try fixture.roll(made.id, as: made.secret.claim, overlap: 300) }
        #expect(try liveSecretCount(made.secret, rolled.secret) == 2)
    }

    @Test func duringAnOverlapBothSecretsVerify() throws {
        let made = try fixture.create("ci", as: admin.claim)
        let rolled = try fixture.roll(made.id, as: admin.claim, overlap: 300)
        #expect(try liveSecretCount(made.secret, rolled.secret) == 2)
        fixture.clock.advance(seconds: 299)
        #expect(try liveSecretCount(made.secret, rolled.secret) == 2)
        fixture.clock.advance(seconds: 2)
        #expect(try fixture.outcome(made.secret) == .superseded)
        #expect(try fixture.outcome(rolled.secret) == .valid)
    }

    @Test func anOverlapEndsWithTheToken() throws {
        let end = inSeconds(100)
        let made = try fixture.create("ci", as: admin.claim, expiresAt: end)
        try fixture.roll(made.id, as: admin.claim, overlap: 300)
        let facts = try #require(try fixture.store().makeReader().credential(made.secret.draft.digest)).facts
        #expect(facts.supersededAt == end)
        fixture.clock.advance(seconds: 101)
        #expect(try fixture.outcome(made.secret) == .superseded)
    }

    @Test func aSecondRollEndsTheOverlapThatStillRuns() throws {
        let first = try fixture.create("ci", as: admin.claim)
        let second = try fixture.roll(first.id, as: admin.claim, overlap: 300)
        let third = try fixture.roll(first.id, as: admin.claim, overlap: 300)
        #expect(try fixture.outcome(first.secret) == .superseded)
        #expect(try liveSecretCount(first.secret, second.secret, third.secret) == 2)
        let fourth = try fixture.roll(first.id, as: admin.claim)
        #expect(try liveSecretCount(first.secret, second.secret, third.secret, fourth.secret) == 1)
        #expect(try fixture.outcome(fourth.secret) == .valid)
    }

    @Test(arguments: [0, 59] as [Int64]) func aTokenThatRollsItselfAsksForAMinute(overlap: Int64) throws {
        let made = try fixture.create("ci", as: admin.claim)
        try fixture.expectRefusal(.validationError, naming: "60") {
            try fixture.roll(made.id, as: made.claim, overlap: overlap)
        }
        let rolled = try fixture.roll(made.id, as: made.claim, overlap: 60)
        #expect(try liveSecretCount(made.secret, rolled.secret) == 2)
    }

    @Test(arguments: [-1, .min, 7 * 24 * 60 * 60 + 1, .max] as [Int64])
    func anOverlapIsAtMostSevenDaysAndNeverNegative(overlap: Int64) throws {
        let made = try fixture.create("ci", as: admin.claim)
        try fixture.expectRefusal(.validationError, naming: "overlap_seconds") {
            try fixture.roll(made.id, as: admin.claim, overlap: overlap)
        }
        #expect(try fixture.outcome(made.secret) == .valid)
        try fixture.roll(made.id, as: admin.claim, overlap: RollToken.overlapSecondsMax)
    }

    @Test func revokedAndExpiredTokensAreNotRolled() throws {
        let revoked = try fixture.create("revoked", as: admin.claim)
        try fixture.perform(RevokeToken(tokenID: revoked.id), as: admin.claim)
        let expired = try fixture.create("expired", as: admin.claim, expiresAt: inSeconds(60))
        fixture.clock.advance(seconds: 61)
        for (token, word) in [(revoked, "revoked"), (expired, "expired")] {
            try fixture.expectRefusal(.conflict, naming: word) { try fixture.roll(token.id, as: admin.claim) }
        }
        #expect(try fixture.outcome(revoked.secret) == .revoked)
        #expect(try fixture.outcome(expired.secret) == .expired)
    }

    @Test func anAdministratorDoesNotRollOthersTokensAndAStrangerDoesNotSeeThem() throws {
        let bob = try fixture.addMember("bob", role: "analyst")
        let carol = try fixture.addMember("carol", role: "analyst")
        let made = try fixture.create("ci", as: bob)
        try fixture.expectRefusal(.forbidden) { try fixture.roll(made.id, as: admin.claim) }
        try fixture.expectRefusal(.notFound) { try fixture.roll(made.id, as: carol) }
        let other = try fixture.bootstrap(workspace: "ws_other")
        try fixture.expectRefusal(.notFound) { try fixture.roll(made.id, as: other.claim) }
        #expect(try fixture.outcome(made.secret) == .valid)
    }

    @Test func aWeakerBearerDoesNotRollAStrongerToken() throws {
        let weak = try fixture.create("weak", as: admin.claim, scopes: "issues:read")
        let strong = try fixture.create("strong", as: admin.claim, scopes: "issues:read issues:write")
        try fixture.expectRefusal(.forbidden, naming: "issues:write") { try fixture.roll(strong.id, as: weak.claim) }
        let short = try fixture.create("short", as: admin.claim, expiresAt: inSeconds(60))
        let long = try fixture.create("long", as: admin.claim)
        try fixture.expectRefusal(.forbidden, naming: "expires") { try fixture.roll(long.id, as: short.claim) }
        try fixture.roll(weak.id, as: strong.claim)
    }

    @Test func aBearerDoesNotRollATokenThatAPromotionWouldMakeStronger() throws {
        let weak = try fixture.create("weak", as: admin.claim, scopes: "issues:read")
        let strong = try fixture.create("strong", as: admin.claim, scopes: "issues:read issues:write")
        try fixture.run("UPDATE principal SET role = 'read_only' WHERE id = 'ann'")
        // Both can do the same now; one would gain by the next promotion.
        try fixture.expectRefusal(.forbidden) { try fixture.roll(strong.id, as: weak.claim) }
        try fixture.roll(strong.id, as: strong.claim, overlap: 60)
    }

    @Test func aServiceAccountRollsNoPersonalToken() throws {
        let robot = try fixture.addServiceAccountToken("issues:read workspace:admin")
        let made = try fixture.create("ci", as: admin.claim)
        try fixture.expectRefusal(.forbidden) { try fixture.roll(made.id, as: robot.claim) }
        #expect(try fixture.outcome(made.secret) == .valid)
    }

    @Test func whatAnOverlappingSecretMakesEndsWithTheOverlap() throws {
        let old = admin
        let id = try #require(try fixture.single("SELECT id FROM token"))
        let current = try fixture.roll(id, as: old.claim, overlap: 3_600).secret
        let other = try fixture.create("other", as: current.claim)
        for end in [nil, inSeconds(3_700)] {
            try fixture.expectRefusal(.forbidden, naming: "expires at") {
                try fixture.create("late", as: old.claim, expiresAt: end)
            }
        }
        // Another token would get a secret that outlives the one that asks for it.
        try fixture.expectRefusal(.forbidden, naming: "expires at") { try fixture.roll(other.id, as: old.claim) }
        try fixture.create("soon", as: old.claim, expiresAt: inSeconds(3_500))
        try fixture.create("late", as: current.claim)
    }

    @Test func aSelfRollWhoseAnswerWasLostIsAskedForAgainByTheOverlappingSecret() throws {
        let request = "8f14e45f-ceea-4671-9d3e-0a1b2c3d4e5f"
        let id = try #require(try fixture.single("SELECT id FROM token"))
        let lost = try fixture.roll(id, as: admin.claim, overlap: 60, request: request).secret
        let again = try fixture.roll(id, as: admin.claim, overlap: 60, request: request).secret
        #expect(try fixture.outcome(lost) == .superseded)
        #expect(try fixture.outcome(again) == .valid)
        try fixture.expectRefusal(.conflict, naming: "newest secret") {
            try fixture.roll(id, as: admin.claim, overlap: 60)
        }
    }
}
