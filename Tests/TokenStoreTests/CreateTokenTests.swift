import Testing
import TokenCore

@testable import TokenStore

@Suite("Creating a personal token")
struct CreateTokenTests {
    let fixture: StoreFixture
    let admin: TestSecret

    init() throws {
        fixture = try StoreFixture()
        admin = try fixture.bootstrap()
    }

    private func inSeconds(_ seconds: Int64) -> Instant { fixture.clock.now.adding(seconds: seconds) }

    @Test func theTokenIsWhatWasAskedForAndItsSecretVerifies() throws {
        let end = inSeconds(60)
        let made = try fixture.create(
            "ci", as: admin.claim, scopes: "issues:read issues:write", expiresAt: end)
        #expect(made.record.name == "ci")
        #expect(made.record.scopes.text == "issues:read issues:write")
        #expect(made.record.expiresAt == end)
        #expect(made.record.ownerID == "ann")
        #expect(made.record.createdBy == "ann")
        #expect(made.record.workspaceID == "ws_acme")
        #expect(made.record.hint == made.secret.draft.hint)
        #expect(made.record.state(at: fixture.clock.now) == .active)
        #expect(try fixture.outcome(made.secret) == .valid)
        #expect(try fixture.outcome(made.secret, requiring: "patterns:read") == .insufficientScope)
        fixture.clock.advance(seconds: 61)
        #expect(try fixture.outcome(made.secret) == .expired)
    }

    @Test func whatACreationReturnsIsWhatTheStoreHolds() throws {
        let end = inSeconds(60)
        let personal = try fixture.create("ci", as: admin.claim, scopes: "issues:read", expiresAt: end)
        let account = try fixture.createAccount("robot", as: admin.claim)
        let issued = try fixture.issue("t", of: account, as: admin.claim)
        _ = try fixture.update(account, isDisabled: true, as: admin.claim)
        let paused = try fixture.issue("u", of: account, as: admin.claim)
        for made in [personal.record, issued.record, paused.record] {
            let stored = try fixture.perform(
                Custom { transaction throws(ChangeFailure) in try transaction.writtenToken(made.number) })
            if made.number == issued.record.number {
                #expect(stored.isPaused && !made.isPaused)
            } else {
                #expect("\(stored)" == "\(made)")
            }
        }
        #expect(paused.record.isPaused)
    }

    @Test func aTokenMayHaveNoScopesAtAll() throws {
        let made = try fixture.create("nothing", as: admin.claim, scopes: "")
        #expect(made.record.scopes.isEmpty)
        #expect(try fixture.outcome(made.secret) == .valid)
    }

    @Test func aLiveNamesakeIsAConflictThatNamesIt() throws {
        let made = try fixture.create("ci", as: admin.claim)
        try fixture.expectRefusal(.conflict, naming: made.id) { try fixture.create("ci", as: admin.claim) }
        #expect(try fixture.outcome(made.secret) == .valid)
    }

    @Test func namesAreComparedByBytesAndPerMember() throws {
        let bob = try fixture.addMember("bob", role: "analyst")
        try fixture.create("ci", as: admin.claim)
        try fixture.create("CI", as: admin.claim)
        // One letter, and a letter with a combining accent.
        try fixture.create("caf\u{e9}", as: admin.claim)
        try fixture.create("cafe\u{301}", as: admin.claim)
        try fixture.create("ci", as: bob)
    }

    @Test func theNameOfARevokedTokenIsFree() throws {
        let made = try fixture.create("ci", as: admin.claim)
        try fixture.perform(RevokeToken(tokenID: made.id), as: admin.claim)
        let again = try fixture.create("ci", as: admin.claim)
        #expect(again.id != made.id)
        #expect(try fixture.outcome(made.secret) == .revoked)
        #expect(try fixture.outcome(again.secret) == .valid)
    }

    @Test func anExpiredNamesakeEndsAndTheEventNamesIt() throws {
        let made = try fixture.create("ci", as: admin.claim, expiresAt: inSeconds(60))
        fixture.clock.advance(seconds: 61)
        let left = try fixture.eventsLeft { try fixture.create("ci", as: admin.claim) }
        #expect(left.count == 1)
        #expect(try fixture.single("SELECT ended_at IS NOT NULL FROM token WHERE id = '\(made.id)'") == "1")
        #expect(try fixture.outcome(made.secret) == .expired)
        let metadata = try #require(try fixture.events().last).event.metadata
        #expect(metadata.contains(AuditEvent.Metadata("ended_token", made.id)))
        // And it does not stand in the way of the next.
        try fixture.expectRefusal(.conflict) { try fixture.create("ci", as: admin.claim) }
    }

    @Test func anEndThatLiesInThePastIsRefused() throws {
        try fixture.expectRefusal(.validationError, naming: "expires_at") {
            try fixture.create("ci", as: admin.claim, expiresAt: inSeconds(-1))
        }
    }

    @Test func aScopeOutsideTheCatalogueIsRefused() throws {
        try fixture.expectRefusal(.validationError, naming: "coffee:write") {
            try fixture.create("ci", as: admin.claim, scopes: "coffee:write issues:read")
        }
    }

    @Test func aScopeThatTheCallersTokenLacksIsRefused() throws {
        let weak = try fixture.create("weak", as: admin.claim, scopes: "issues:read")
        try fixture.expectRefusal(.forbidden, naming: "issues:write") {
            try fixture.create("strong", as: weak.claim, scopes: "issues:read issues:write")
        }
        try fixture.create("equal", as: weak.claim, scopes: "issues:read")
    }

    @Test func aScopeThatTheUsersRoleLacksIsRefused() throws {
        let bob = try fixture.addMember("bob", role: "read_only")
        try fixture.expectRefusal(.forbidden, naming: "issues:write") {
            try fixture.create("strong", as: bob, scopes: "issues:write")
        }
    }

    @Test func nothingOutlivesTheBearerThatMakesIt() throws {
        let bearer = try fixture.create("short", as: admin.claim, expiresAt: inSeconds(60))
        try fixture.expectRefusal(.forbidden, naming: "expires") {
            try fixture.create("later", as: bearer.claim, expiresAt: inSeconds(120))
        }
        try fixture.expectRefusal(.forbidden, naming: "expires") { try fixture.create("never", as: bearer.claim) }
        try fixture.create("equal", as: bearer.claim, expiresAt: bearer.record.expiresAt)
    }

    @Test func aServiceAccountHasNoPersonalTokens() throws {
        let robot = try fixture.addServiceAccountToken("issues:read workspace:admin")
        try fixture.expectRefusal(.forbidden, naming: "service account") { try fixture.create("ci", as: robot.claim) }
    }

    @Test func aCallerRevokedInTheSameBatchMakesNothing() throws {
        let bearer = try fixture.create("bearer", as: admin.claim)
        let revocation = OutcomeBox<TokenRecord>()
        let creation = OutcomeBox<TokenRecord>()
        let bystander = OutcomeBox<TokenRecord>()
        let late = TestSecret()
        let other = TestSecret()
        let left = try fixture.eventsLeft {
            try fixture.inOneBatch {
                try fixture.forward(RevokeToken(tokenID: bearer.id), as: admin.claim, to: revocation)
                try fixture.forward(try fixture.creation("late", secret: late), as: bearer.claim, to: creation)
                try fixture.forward(try fixture.creation("other", secret: other), as: admin.claim, to: bystander)
            }
            _ = try revocation.wait().get()
            try fixture.expectRefusal(.unauthorized) { _ = try creation.wait().get() }
            _ = try bystander.wait().get()
        }
        #expect(try left == ["token.revoked \(bearer.id)", "token.created \(bystander.wait().get().id)"])
        #expect(try fixture.outcome(late) == .unknown)
        #expect(try fixture.outcome(other) == .valid)
    }

    @Test func callersThatAreNobodyAreUnauthorized() throws {
        let bob = try fixture.addMember("bob", role: "analyst")
        let expired = try fixture.create("expired", as: admin.claim, expiresAt: inSeconds(60))
        let rolled = try fixture.create("rolled", as: admin.claim)
        try fixture.roll(rolled.id, as: admin.claim)
        fixture.clock.advance(seconds: 61)
        try fixture.run("UPDATE principal SET is_paused = 1 WHERE id = 'bob'")
        let claims: [CallerClaim] = [
            .none, .host, TestSecret().claim, expired.claim, rolled.claim, bob,
            .delegated(userID: "ann", workspaceID: "ws_other"), .delegated(userID: "nobody", workspaceID: "ws_acme"),
        ]
        for claim in claims {
            try fixture.expectRefusal(.unauthorized) { try fixture.create("ci", as: claim) }
        }
    }

    @Test func aSuspendedMemberMakesNothingAndTheirTokensRest() throws {
        let made = try fixture.create("ci", as: admin.claim)
        try fixture.run("UPDATE principal SET is_paused = 1 WHERE id = 'ann'")
        #expect(try fixture.outcome(made.secret) == .ownerSuspended)
        try fixture.expectRefusal(.unauthorized) { try fixture.create("more", as: made.claim) }
        try fixture.run("UPDATE principal SET is_paused = 0 WHERE id = 'ann'")
        #expect(try fixture.outcome(made.secret) == .valid)
        try fixture.create("more", as: made.claim)
    }

    @Test func theTokensOfASuspendedWorkspaceRestAndOfAnEndedOneAreRevoked() throws {
        try fixture.run("UPDATE workspace SET state = 2")
        #expect(try fixture.outcome(admin) == .ownerSuspended)
        try fixture.expectRefusal(.unauthorized) { try fixture.create("ci", as: admin.claim) }
        try fixture.expectRefusal(.unauthorized) {
            try fixture.create("ci", as: .delegated(userID: "ann", workspaceID: "ws_acme"))
        }
        try fixture.run("UPDATE workspace SET state = 3, ended_at = 1")
        #expect(try fixture.outcome(admin) == .revoked)
    }

    @Test func aWorkspaceIsBootstrappedOnce() throws {
        try fixture.expectRefusal(.conflict, naming: "ws_acme") { _ = try fixture.bootstrap(user: "eve") }
        #expect(try fixture.count("principal") == 1)
        let left = try fixture.eventsLeft { _ = try fixture.bootstrap(workspace: "ws_other") }
        #expect(left.map { $0.prefix { $0 != " " } } == ["workspace.created", "member.added", "token.created"])
    }

    @Test func theFirstTokenHasNoMoreScopesThanATokenMayHave() throws {
        let names = (10..<70).map { "a\($0):read" } + Power.management.scopes.map(\.text)
        let catalogue = try Catalogue(groups: [
            Catalogue.Group(
                name: "All",
                entries: try names.map { Catalogue.Entry(scope: try #require(Scope($0)), description: "") })
        ])
        let rules = AccessRules(catalogue: catalogue, roles: .standard(in: catalogue))
        let fixture = try StoreFixture(rules: rules)
        let admin = try fixture.bootstrap()
        let scopes = try #require(try fixture.store().makeReader().credential(admin.draft.digest)).recordedScopes
        #expect(scopes.count == AccessRules.tokenScopeCountMax)
        #expect(Power.management.missing(from: scopes).isEmpty)
    }

    @Test func onlyTheHostsOperatorMakesAWorkspace() throws {
        let operation = Bootstrap(
            workspaceID: "ws_other", userID: "bob", tokenName: "bootstrap", secret: TestSecret().draft)
        #expect(throws: Refusal.self) { try fixture.perform(operation, as: admin.claim) }
        #expect(throws: Refusal.self) { try fixture.perform(operation) }
    }
}
