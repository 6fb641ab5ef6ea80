import Testing
import TokenCore

@testable import TokenStore

@Suite("Workspaces, by the host's operator")
struct WorkspaceTests {
    let fixture: StoreFixture
    let admin: TestSecret

    init() throws {
        fixture = try StoreFixture()
        admin = try fixture.bootstrap()
    }

    @discardableResult
    private func set(_ state: WorkspaceState, as claim: CallerClaim = .host) throws -> WorkspaceRecord {
        try fixture.perform(SetWorkspaceState(workspaceID: "ws_acme", state: state), as: claim)
    }

    @Test func aSuspendedWorkspaceRestsUntilItIsActivatedAndAnEndedOneIsGone() throws {
        let other = try fixture.bootstrap(workspace: "ws_other")
        let account = try fixture.createAccount("ci", as: admin.claim)
        let robot = try fixture.issue("t", of: account, as: admin.claim)
        let left = try fixture.eventsLeft {
            #expect(try set(.suspended).state == .suspended)
            for secret in [admin, robot.secret] { #expect(try fixture.outcome(secret) == .ownerSuspended) }
            try set(.suspended)
            try set(.active)
            for secret in [admin, robot.secret] { #expect(try fixture.outcome(secret) == .valid) }
            try set(.ended)
            for secret in [admin, robot.secret] { #expect(try fixture.outcome(secret) == .revoked) }
            try set(.ended)
        }
        #expect(left == ["workspace.suspended ws_acme", "workspace.reactivated ws_acme", "workspace.ended ws_acme"])
        #expect(try fixture.outcome(other) == .valid)
        for state in [WorkspaceState.active, .suspended] {
            try fixture.expectRefusal(.conflict, naming: "ws_acme") { try set(state) }
        }
        // Its id stays taken, and nobody calls for it any more.
        try fixture.expectRefusal(.conflict) { _ = try fixture.bootstrap(user: "eve") }
        try fixture.expectRefusal(.unauthorized) {
            try fixture.create("t", as: .delegated(userID: "ann", workspaceID: "ws_acme"))
        }
    }

    @Test func theTokensOfAnEndedWorkspaceAreShownAsRevoked() throws {
        let made = try fixture.create("t", as: admin.claim)
        try set(.ended)
        let record = try #require(try fixture.store().makeReader().token(number: made.record.number))
        #expect(record.state(at: fixture.clock.now) == .revoked)
    }

    @Test func onlyTheHostsOperatorDoesIt() throws {
        let claims: [CallerClaim] = [admin.claim, .delegated(userID: "ann", workspaceID: "ws_acme"), .none]
        for claim in claims {
            try fixture.expectRefusal(.forbidden, naming: "operator") { try set(.suspended, as: claim) }
        }
        try fixture.expectRefusal(.notFound, naming: "no such workspace") {
            try fixture.perform(SetWorkspaceState(workspaceID: "ws_none", state: .ended), as: .host)
        }
    }

    @Test func aListIsNewestFirstInPagesAndFiltered() throws {
        for name in ["ws_b", "ws_c", "ws_d"] { _ = try fixture.bootstrap(workspace: name) }
        try set(.suspended)
        let reader = try fixture.store().makeReader()
        func list(_ state: WorkspaceState?) throws -> [String] {
            try walk(pageSize: 3) {
                try reader.workspaces(
                    state: state, below: $0.below, pageSize: $0.elementCountMax, rowCountMax: $0.rowCountMax)
            }.map(\.id)
        }
        #expect(try list(nil) == ["ws_d", "ws_c", "ws_b", "ws_acme"])
        #expect(try list(.suspended) == ["ws_acme"])
        #expect(try list(.ended) == [])
    }
}
