import LinuxIO
import Testing
import TokenCore
import TokenStore

@Suite("The life of a personal token")
struct TokenLifeTests {
    let fixture: StoreFixture

    init() throws {
        fixture = try StoreFixture()
    }

    private func outcome(_ secret: TestSecret) throws -> VerifyOutcome {
        let reader = try fixture.store().makeReader()
        let facts = try reader.credential(secret.draft.digest)?.facts
        let now = Instant(microseconds: SystemClock.realtimeMicroseconds())
        return VerifyOutcome.judge(isWellFormed: true, facts: facts, now: now) { _ in true }
    }

    private func create(
        _ name: String, as caller: TestSecret, scopes: String = "issues:read", expiresAt: Instant? = nil,
        request: String? = nil, secret: TestSecret = TestSecret()
    ) throws -> (record: TokenRecord, secret: TestSecret) {
        let operation = CreateToken(
            name: name, scopes: try #require(ScopeSet(text: scopes)), expiresAt: expiresAt,
            request: request.flatMap { RequestID($0) }, secret: secret.draft)
        return (try fixture.perform(operation, as: caller.claim), secret)
    }

    @Test func aCreatedTokenVerifiesAndARevokedOneNeverAgain() throws {
        let admin = try fixture.bootstrap()
        let made = try create("ci", as: admin)
        #expect(try outcome(made.secret) == .valid)
        _ = try fixture.perform(RevokeToken(tokenID: made.record.id), as: admin.claim)
        #expect(try outcome(made.secret) == .revoked)
        // Again: it succeeds, changes nothing and leaves no event.
        let sequence = try fixture.store().state.current.sequence
        _ = try fixture.perform(RevokeToken(tokenID: made.record.id), as: admin.claim)
        #expect(try fixture.store().state.current.sequence == sequence)
    }
}
