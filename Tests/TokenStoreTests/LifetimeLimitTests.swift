import Testing
import TokenCore

@testable import TokenStore

@Suite("How long a new token may live")
struct LifetimeLimitTests {
    static let day: Int64 = 86_400
    let fixture: StoreFixture
    let admin: TestSecret

    init() throws {
        fixture = try StoreFixture(
            rules: Self.rules(LifetimeLimits(personalSeconds: 90 * Self.day, serviceAccountSeconds: 3_600)))
        admin = try fixture.bootstrap()
    }

    private static func rules(_ limits: LifetimeLimits) -> AccessRules {
        AccessRules(catalogue: .standard, roles: .standard(in: .standard), lifetimes: limits)
    }

    private func later(_ seconds: Int64) -> Instant { fixture.clock.now.adding(seconds: seconds) }

    private func item(_ name: String, _ expiresAt: Instant?, digest: Digest = TestSecret().draft.digest) throws
        -> ImportTokens.Item
    {
        ImportTokens.Item(
            digest: digest, name: name, ownerID: "", scopes: try #require(ScopeSet(text: "issues:read")),
            expiresAt: expiresAt, hint: "")
    }

    @Test func theFirstTokenOfAWorkspaceHasTheLimitAsItsExpiry() throws {
        let token = try #require(try fixture.store().makeReader().token(number: 1))
        let expiresAt = try #require(token.expiresAt)
        #expect(expiresAt == token.createdAt.adding(seconds: 90 * Self.day))
    }

    @Test func aTokenWithoutAnExpiryOrWithOneBeyondTheLimitIsRefused() throws {
        let account = try fixture.createAccount("bot", as: admin.claim)
        try fixture.expectRefusal(
            .validationError, naming: "expires_at: must be set: a new personal token lives at most 90d"
        ) {
            try fixture.create("a", as: .delegated(userID: "ann", workspaceID: "ws_acme"))
        }
        try fixture.expectRefusal(.validationError, naming: "expires_at: lies more than 90d from now") {
            try fixture.create(
                "a", as: .delegated(userID: "ann", workspaceID: "ws_acme"), expiresAt: later(90 * Self.day + 60))
        }
        try fixture.expectRefusal(.validationError, naming: "a new service-account token lives at most 1h") {
            try fixture.issue("a", of: account, as: admin.claim, expiresAt: later(3_700))
        }
        try fixture.expectRefusal(.validationError, naming: "tokens[1]") {
            try fixture.perform(
                ImportTokens(items: [try item("a", later(Self.day)), try item("b", later(91 * Self.day))]),
                as: .delegated(userID: "ann", workspaceID: "ws_acme"))
        }
        #expect(try fixture.count("token") == 1)
    }

    @Test func aTokenWithinTheLimitOfItsKindIsMade() throws {
        let account = try fixture.createAccount("bot", as: admin.claim)
        #expect(throws: Never.self) { try fixture.create("a", as: admin.claim, expiresAt: later(89 * Self.day)) }
        #expect(throws: Never.self) { try fixture.issue("a", of: account, as: admin.claim, expiresAt: later(3_500)) }
        #expect(throws: Never.self) {
            try fixture.perform(ImportTokens(items: [try item("b", later(89 * Self.day))]), as: admin.claim)
        }
    }

    @Test func whatWasMadeBeforeALimitKeepsItsExpiryAndIsRolledAndAnsweredAgain() throws {
        try fixture.perform(Reload(rules: .builtIn, changedSettings: []), as: .host)
        let ann = CallerClaim.delegated(userID: "ann", workspaceID: "ws_acme")
        let request = "7d444840-9dc0-11d1-b245-5ffdce74fad2"
        let token = try fixture.create("for ever", as: ann, request: request)
        let old = try item("imported", nil)
        try fixture.perform(ImportTokens(items: [old]), as: ann)
        try fixture.perform(
            Reload(rules: Self.rules(LifetimeLimits(personalSeconds: 60)), changedSettings: []), as: .host)
        // The same request and the same import again make nothing new.
        #expect(try fixture.create("for ever", as: ann, request: request).id == token.id)
        #expect(try fixture.perform(ImportTokens(items: [old]), as: ann).importedCount == 0)
        let rolled = try fixture.roll(token.id, as: ann)
        #expect(rolled.record.expiresAt == nil)
        #expect(try fixture.outcome(rolled.secret) == .valid)
        try fixture.expectRefusal(.validationError, naming: "lives at most 1m") { try fixture.create("new", as: ann) }
    }

    @Test func aTokenMadeByAClockThatWasAheadLivesNoLongerThanOneMadeNow() throws {
        let century: Int64 = 100 * 365 * Self.day
        let before = try fixture.create("before", as: admin.claim, expiresAt: later(80 * Self.day))
        fixture.clock.advance(seconds: century)
        let ann = CallerClaim.delegated(userID: "ann", workspaceID: "ws_acme")
        let made = try fixture.create("t", as: ann, expiresAt: later(89 * Self.day))
        fixture.clock.advance(seconds: -century)
        let short = try fixture.create("short", as: admin.claim, expiresAt: later(Self.day))
        #expect(try fixture.newestMetadata("expiries", of: "clock.set_back") == "1")
        let reader = try fixture.store().makeReader()
        let expiresAt = try #require(try reader.token(id: made.id)?.expiresAt)
        #expect(expiresAt <= later(90 * Self.day) && expiresAt > later(89 * Self.day))
        #expect(try reader.token(id: before.id)?.expiresAt == before.record.expiresAt)
        #expect(try reader.token(id: short.id)?.expiresAt == short.record.expiresAt)
    }

    @Test func aKindWithoutALimitLivesForEver() throws {
        try fixture.perform(
            Reload(rules: Self.rules(LifetimeLimits(personalSeconds: 60)), changedSettings: []), as: .host)
        let ann = CallerClaim.delegated(userID: "ann", workspaceID: "ws_acme")
        let account = try fixture.createAccount("bot", as: ann)
        #expect(try fixture.issue("a", of: account, as: ann).record.expiresAt == nil)
    }
}
