import Testing
import TokenCore

@testable import TokenStore

@Suite("Tokens of service accounts")
struct ServiceAccountTokenTests {
    let fixture: StoreFixture
    let admin: TestSecret
    let account: ServiceAccountRecord
    let request = "7d444840-9dc0-11d1-b245-5ffdce74fad2"

    init() throws {
        fixture = try StoreFixture()
        admin = try fixture.bootstrap()
        account = try fixture.createAccount("ci", scopes: "issues:read issues:write", as: admin.claim)
    }

    private func inSeconds(_ seconds: Int64) -> Instant { fixture.clock.now.adding(seconds: seconds) }

    @Test func aTokenFreezesTheScopesThatItsAccountHasWhenItIsIssued() throws {
        let before = try fixture.issue("before", of: account, as: admin.claim)
        _ = try fixture.update(account, scopes: "patterns:read", as: admin.claim)
        let after = try fixture.issue("after", of: account, as: admin.claim)
        #expect(before.record.scopes.text == "issues:read issues:write")
        #expect(try fixture.outcome(before.secret, requiring: "issues:write") == .valid)
        #expect(try fixture.outcome(before.secret, requiring: "patterns:read") == .insufficientScope)
        #expect(after.record.scopes.text == "patterns:read")
        #expect(after.record.kind == .serviceAccount)
        #expect(after.record.ownerID == account.id)
        #expect(after.record.createdBy == "ann")
    }

    @Test func aTokenMayHaveSomeOfTheAccountsScopesAndNoOthers() throws {
        let made = try fixture.issue("some", of: account, as: admin.claim, scopes: "issues:read")
        #expect(made.record.scopes.text == "issues:read")
        try fixture.expectRefusal(.validationError, naming: "patterns:read") {
            try fixture.issue("more", of: account, as: admin.claim, scopes: "issues:read patterns:read")
        }
    }

    @Test func issuingNeedsEveryScopeTheTokenGetsAndNothingOutlivesTheBearer() throws {
        let weak = try fixture.create("weak", as: admin.claim, scopes: "issues:read workspace:admin")
        try fixture.expectRefusal(.forbidden, naming: "issues:write") {
            try fixture.issue("t", of: account, as: weak.claim)
        }
        try fixture.issue("t", of: account, as: weak.claim, scopes: "issues:read")
        let short = try fixture.create(
            "short", as: admin.claim, scopes: "issues:read issues:write workspace:admin", expiresAt: inSeconds(60))
        try fixture.expectRefusal(.forbidden, naming: "expires") {
            try fixture.issue("long", of: account, as: short.claim, expiresAt: inSeconds(120))
        }
        try fixture.expectRefusal(.forbidden, naming: "expires") {
            try fixture.issue("long", of: account, as: short.claim)
        }
        try fixture.issue("long", of: account, as: short.claim, expiresAt: short.record.expiresAt)
        try fixture.expectRefusal(.validationError, naming: "expires_at") {
            try fixture.issue("past", of: account, as: admin.claim, expiresAt: inSeconds(-1))
        }
    }

    @Test func rollingNeedsEveryScopeTheTokenHas() throws {
        let made = try fixture.issue("t", of: account, as: admin.claim)
        _ = try fixture.update(account, scopes: "issues:read", as: admin.claim)
        let weak = try fixture.create("weak", as: admin.claim, scopes: "issues:read workspace:admin")
        try fixture.expectRefusal(.forbidden, naming: "issues:write") {
            try fixture.roll(made.id, of: account, as: weak.claim)
        }
        let rolled = try fixture.roll(made.id, of: account, as: admin.claim)
        #expect(rolled.id == made.id)
        #expect(try fixture.outcome(made.secret) == .superseded)
        #expect(try fixture.outcome(rolled.secret, requiring: "issues:write") == .valid)
        // Ending it gives nothing away.
        try fixture.perform(RevokeServiceAccountToken(accountID: account.id, tokenID: made.id), as: weak.claim)
        #expect(try fixture.outcome(rolled.secret) == .revoked)
        try fixture.expectRefusal(.conflict, naming: "revoked") {
            try fixture.roll(made.id, of: account, as: admin.claim)
        }
    }

    @Test func aTokenRollsItselfAndNoOther() throws {
        let made = try fixture.issue("t", of: account, as: admin.claim)
        let other = try fixture.issue("other", of: account, as: admin.claim)
        try fixture.expectRefusal(.validationError, naming: "60") {
            try fixture.roll(made.id, of: account, as: made.claim, overlap: 59)
        }
        let rolled = try fixture.roll(made.id, of: account, as: made.claim, overlap: 60)
        #expect(try fixture.outcome(made.secret) == .valid)
        #expect(try fixture.outcome(rolled.secret) == .valid)
        try fixture.expectRefusal(.conflict) { try fixture.roll(made.id, of: account, as: made.claim, overlap: 60) }
        try fixture.expectRefusal(.forbidden, naming: "workspace:admin") {
            try fixture.roll(other.id, of: account, as: rolled.claim, overlap: 60)
        }
        // A user's token does not learn by this which accounts there are.
        let bob = try fixture.addMember("bob", role: "analyst")
        let bobs = try fixture.create("t", as: bob)
        try fixture.expectRefusal(.forbidden) { try fixture.roll(bobs.id, of: account, as: bobs.claim, overlap: 60) }
    }

    @Test func aServiceAccountManagesOthersWithinWhatItHolds() throws {
        let manager = try fixture.createAccount("manager", scopes: "issues:read workspace:admin", as: admin.claim)
        let robot = try fixture.issue("t", of: manager, as: admin.claim)
        try fixture.expectRefusal(.forbidden, naming: "issues:write") {
            try fixture.issue("t", of: account, as: robot.claim)
        }
        let made = try fixture.createAccount("made", as: robot.claim)
        #expect(made.createdBy == manager.id)
        try fixture.issue("t", of: made, as: robot.claim)
        try fixture.expectRefusal(.forbidden, naming: "service account") { try fixture.create("p", as: robot.claim) }
    }

    @Test func eachServiceSeesItsOwnKindOfToken() throws {
        let issued = try fixture.issue("t", of: account, as: admin.claim)
        let personal = try fixture.create("t", as: admin.claim)
        let other = try fixture.createAccount("other", as: admin.claim)
        try fixture.expectRefusal(.notFound) { try fixture.perform(RevokeToken(tokenID: issued.id), as: admin.claim) }
        try fixture.expectRefusal(.notFound) { try fixture.roll(issued.id, as: admin.claim) }
        for (token, owner) in [(personal, account), (issued, other)] {
            try fixture.expectRefusal(.notFound, naming: "no such token") {
                try fixture.roll(token.id, of: owner, as: admin.claim)
            }
            try fixture.expectRefusal(.notFound, naming: "no such token") {
                try fixture.perform(
                    RevokeServiceAccountToken(accountID: owner.id, tokenID: token.id), as: admin.claim)
            }
        }
        let reader = try fixture.store().makeReader()
        let caller = try reader.caller(admin.claim, now: fixture.clock.now)
        #expect(throws: ChangeFailure.self) { try reader.token(id: issued.id, visibleTo: caller) }
        let page = try reader.tokens(
            ofPrincipal: try reader.account(id: account.id, visibleTo: caller).number, matching: TokenFilter(),
            below: .max, pageSize: 10, now: fixture.clock.now)
        #expect(page.elements.map(\.id) == [issued.id])
    }

    @Test func eventsNameTheAccountAndAreOfTheirOwnKind() throws {
        var id = ""
        let left = try fixture.eventsLeft {
            let made = try fixture.issue("t", of: account, as: admin.claim)
            id = made.id
            #expect(try fixture.newestMetadata("service_account") == account.id)
            try fixture.roll(made.id, of: account, as: admin.claim, overlap: 60)
            for _ in 0..<2 {
                try fixture.perform(RevokeServiceAccountToken(accountID: account.id, tokenID: made.id), as: admin.claim)
            }
        }
        #expect(
            left == [
                "service_account.token_issued \(id)", "service_account.token_rolled \(id)",
                "service_account.token_revoked \(id)",
            ])
    }

    @Test func namesAreUniqueAmongTheAccountsTokens() throws {
        let made = try fixture.issue("t", of: account, as: admin.claim, expiresAt: inSeconds(60))
        try fixture.expectRefusal(.conflict, naming: made.id) { try fixture.issue("t", of: account, as: admin.claim) }
        fixture.clock.advance(seconds: 61)
        try fixture.issue("t", of: account, as: admin.claim)
        #expect(try fixture.newestMetadata("ended_token") == made.id)
    }

    // MARK: - Asked again

    @Test func aRepeatedIssueGetsAFreshSecret() throws {
        let first = try fixture.issue("t", of: account, as: admin.claim, request: request)
        let again = try fixture.issue("t", of: account, as: admin.claim, request: request)
        #expect(again.id == first.id)
        #expect(try fixture.outcome(first.secret) == .superseded)
        #expect(try fixture.outcome(again.secret) == .valid)
        #expect(try fixture.events().last?.event.action == "service_account.token_rolled")
        #expect(try fixture.newestMetadata("repeated_request") == request)
        try fixture.expectRefusal(.conflict, naming: first.id) {
            try fixture.issue("other", of: account, as: admin.claim, request: request)
        }
        fixture.clock.advance(seconds: 601)
        try fixture.expectRefusal(.conflict, naming: first.id) {
            try fixture.issue("t", of: account, as: admin.claim, request: request)
        }
    }

    @Test func aRepeatedIssueNeedsWhatTheTokenHasNotWhatItsAccountHasByNow() throws {
        let weak = try fixture.create("weak", as: admin.claim, scopes: "issues:read workspace:admin")
        let first = try fixture.issue("t", of: account, as: admin.claim, request: request)
        _ = try fixture.update(account, scopes: "issues:read", as: admin.claim)
        try fixture.expectRefusal(.forbidden, naming: "issues:write") {
            try fixture.issue("t", of: account, as: weak.claim, request: request)
        }
        #expect(try fixture.outcome(first.secret) == .valid)
        let again = try fixture.issue("t", of: account, as: admin.claim, request: request)
        #expect(again.record.scopes.text == "issues:read issues:write")
    }

    @Test func aRepeatedRollLeavesARunningOverlapAsItIs() throws {
        let made = try fixture.issue("t", of: account, as: admin.claim)
        let rolled = try fixture.roll(made.id, of: account, as: admin.claim, overlap: 100, request: request)
        let again = try fixture.roll(made.id, of: account, as: admin.claim, overlap: 100, request: request)
        #expect(try fixture.outcome(made.secret) == .valid)
        #expect(try fixture.outcome(rolled.secret) == .superseded)
        #expect(try fixture.outcome(again.secret) == .valid)
    }

    @Test func aCallerRevokedInTheSameBatchIssuesNothing() throws {
        let bearer = try fixture.create(
            "bearer", as: admin.claim, scopes: "issues:read issues:write workspace:admin")
        let creation = OutcomeBox<TokenRecord>()
        let secret = TestSecret(.serviceAccount)
        try fixture.inOneBatch {
            try fixture.forward(RevokeToken(tokenID: bearer.id), as: admin.claim, to: OutcomeBox())
            try fixture.forward(
                IssueServiceAccountToken(
                    accountID: account.id, name: "late", expiresAt: nil, request: nil, secret: secret.draft),
                as: bearer.claim, to: creation)
        }
        try fixture.expectRefusal(.unauthorized) { _ = try creation.wait().get() }
        #expect(try fixture.outcome(secret) == .unknown)
    }
}
