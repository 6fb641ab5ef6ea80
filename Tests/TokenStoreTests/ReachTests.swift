import Testing
import TokenCore

@testable import TokenStore

/// What the writer decides again for a peer that reaches some workspaces only.
@Suite("Changes asked for by a limited peer")
struct ReachTests {
    let fixture: StoreFixture
    let admin: TestSecret

    init() throws {
        fixture = try StoreFixture()
        admin = try fixture.bootstrap()
    }

    private func perform<Work: TokenStore.Operation>(
        _ operation: Work, as claim: CallerClaim, within reach: WorkspaceReach
    ) throws -> Work.Output {
        let outcome = OutcomeBox<Work.Output>()
        let origin = Origin(
            claim: claim, peerUserID: 7, peerProcessID: 1, traceID: "trace", deadlineNanoseconds: nil, reach: reach)
        try fixture.store().submit(operation, origin: origin) { outcome.set($0) }
        return try outcome.wait().get()
    }

    @Test func aBearerOfAnotherWorkspaceIsNone() throws {
        let elsewhere = WorkspaceReach.only(["ws_other"])
        let creation = try fixture.creation("ci")
        let refusal = try #require(throws: Refusal.self) {
            try perform(creation, as: admin.claim, within: elsewhere)
        }
        #expect(refusal.reason == .unauthorized)
        #expect(refusal.message == Refusal.unauthorized.message)
        #expect(throws: Never.self) { try perform(creation, as: admin.claim, within: .only(["ws_acme"])) }
    }

    @Test func aSecretOfAnotherWorkspaceIsNotFoundAndLives() throws {
        let revocation = RevokeSelf(digest: admin.draft.digest)
        let refusal = try #require(throws: Refusal.self) {
            try perform(revocation, as: .none, within: .only([]))
        }
        #expect(refusal.reason == .notFound)
        #expect(try fixture.outcome(admin) == .valid)
        try perform(revocation, as: .none, within: .only(["ws_acme"]))
        #expect(try fixture.outcome(admin) == .revoked)
    }
}
