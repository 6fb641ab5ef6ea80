import Testing
import TokenCore

@testable import TokenStore

@Suite("Revoking a token")
struct RevokeTokenTests {
    let fixture: StoreFixture
    let admin: TestSecret

    init() throws {
        fixture = try StoreFixture()
        admin = try fixture.bootstrap()
    }

    @Test func aRevokedTokenNeverVerifiesAgainAndRevokingItAgainLeavesNoEvent() throws {
        let made = try fixture.create("ci", as: admin.claim)
        let left = try fixture.eventsLeft {
            let first = try fixture.perform(RevokeToken(tokenID: made.id), as: admin.claim)
            let second = try fixture.perform(RevokeToken(tokenID: made.id), as: admin.claim)
            #expect(first.revokedAt != nil)
            #expect(first.revokedAt == second.revokedAt)
        }
        #expect(left == ["token.revoked \(made.id)"])
        #expect(try fixture.outcome(made.secret) == .revoked)
    }

    @Test func bothSecretsOfAnOverlapDieWithTheToken() throws {
        let made = try fixture.create("ci", as: admin.claim)
        let rolled = try fixture.roll(made.id, as: admin.claim, overlap: 300)
        try fixture.perform(RevokeToken(tokenID: made.id), as: made.claim)
        #expect(try fixture.outcome(made.secret) == .revoked)
        #expect(try fixture.outcome(rolled.secret) == .revoked)
    }

    @Test func anAdministratorRevokesAnybodysTokenAndAnotherMemberDoesNotSeeIt() throws {
        let bob = try fixture.addMember("bob", role: "analyst")
        let carol = try fixture.addMember("carol", role: "analyst")
        let made = try fixture.create("ci", as: bob)
        try fixture.expectRefusal(.notFound) { try fixture.perform(RevokeToken(tokenID: made.id), as: carol) }
        let other = try fixture.bootstrap(workspace: "ws_other")
        try fixture.expectRefusal(.notFound) { try fixture.perform(RevokeToken(tokenID: made.id), as: other.claim) }
        try fixture.expectRefusal(.notFound) {
            try fixture.perform(RevokeToken(tokenID: "tok_0"), as: admin.claim)
        }
        try fixture.perform(RevokeToken(tokenID: made.id), as: admin.claim)
        #expect(try fixture.outcome(made.secret) == .revoked)
    }

    @Test func aTokenOfAServiceAccountIsNotSeenAsAPersonalOne() throws {
        let robot = try fixture.addServiceAccountToken("issues:read")
        let id = try #require(try fixture.single("SELECT id FROM token WHERE name = 'robot'"))
        try fixture.expectRefusal(.notFound) { try fixture.perform(RevokeToken(tokenID: id), as: admin.claim) }
        #expect(try fixture.outcome(robot) == .valid)
    }

    // MARK: - By the secret itself

    @Test func aCurrentSecretEndsItsToken() throws {
        let made = try fixture.create("ci", as: admin.claim)
        let left = try fixture.eventsLeft {
            try fixture.perform(RevokeSelf(digest: made.secret.draft.digest))
            try fixture.perform(RevokeSelf(digest: made.secret.draft.digest))
        }
        #expect(left == ["token.revoked \(made.id)"])
        #expect(try fixture.outcome(made.secret) == .revoked)
    }

    @Test func anOverlappingSecretEndsTheOverlapAlone() throws {
        let made = try fixture.create("ci", as: admin.claim)
        let rolled = try fixture.roll(made.id, as: admin.claim, overlap: 300)
        let left = try fixture.eventsLeft { try fixture.perform(RevokeSelf(digest: made.secret.draft.digest)) }
        #expect(left == ["token.revoked \(made.id)"])
        #expect(try fixture.outcome(made.secret) == .superseded)
        #expect(try fixture.outcome(rolled.secret) == .valid)
    }

    @Test func aDeadSecretChangesNothingAndSucceeds() throws {
        let made = try fixture.create("ci", as: admin.claim)
        let rolled = try fixture.roll(made.id, as: admin.claim)
        let left = try fixture.eventsLeft { try fixture.perform(RevokeSelf(digest: made.secret.draft.digest)) }
        #expect(left.isEmpty)
        #expect(try fixture.outcome(rolled.secret) == .valid)
    }

    @Test func anUnknownSecretIsNotFound() throws {
        try fixture.expectRefusal(.notFound) { try fixture.perform(RevokeSelf(digest: TestSecret().draft.digest)) }
    }

    @Test func aSuspendedOwnerDoesNotPreventIt() throws {
        let made = try fixture.create("ci", as: admin.claim)
        try fixture.run("UPDATE principal SET is_paused = 1")
        try fixture.perform(RevokeSelf(digest: made.secret.draft.digest))
        try fixture.run("UPDATE principal SET is_paused = 0")
        #expect(try fixture.outcome(made.secret) == .revoked)
    }

    @Test func aServiceAccountsSecretLeavesTheEventOfItsKind() throws {
        let robot = try fixture.addServiceAccountToken("issues:read")
        let left = try fixture.eventsLeft { try fixture.perform(RevokeSelf(digest: robot.draft.digest)) }
        #expect(left.map { $0.prefix { $0 != " " } } == ["service_account.token_revoked"])
        #expect(try fixture.outcome(robot) == .revoked)
    }

    @Test func anExpiredSecretIsDeadAndRevokesNothing() throws {
        let made = try fixture.create("ci", as: admin.claim, expiresAt: fixture.clock.now.adding(seconds: 60))
        fixture.clock.pass(seconds: 61)
        let left = try fixture.eventsLeft { try fixture.perform(RevokeSelf(digest: made.secret.draft.digest)) }
        #expect(left.isEmpty)
        #expect(try fixture.outcome(made.secret) == .expired)
    }
}
