import Testing
import TokenCore

@testable import TokenStore

@Suite("Putting, listing and removing members")
struct MemberTests {
    let fixture: StoreFixture
    let admin: TestSecret

    init() throws {
        fixture = try StoreFixture()
        admin = try fixture.bootstrap()
    }

    @discardableResult
    private func put(
        _ user: String, role: String? = nil, isSuspended: Bool? = nil, as claim: CallerClaim? = nil
    ) throws -> PutMember.Outcome {
        try fixture.perform(
            PutMember(userID: user, role: role, isSuspended: isSuspended), as: claim ?? admin.claim)
    }

    @discardableResult
    private func remove(_ user: String, as claim: CallerClaim? = nil) throws -> Int64 {
        try fixture.perform(RemoveMember(userID: user), as: claim ?? admin.claim)
    }

    private let bob = CallerClaim.delegated(userID: "bob", workspaceID: "ws_acme")

    @Test(arguments: ["tokend", "uid:0", "tok_1", "sa_1"]) func noUserJoinsWhomTheAuditWouldTakeForAnotherActor(
        _ user: String
    ) throws {
        try fixture.expectRefusal(.validationError, naming: "user_id") {
            try fixture.perform(PutMember(userID: user, role: "viewer"), as: admin.claim)
        }
        try fixture.expectRefusal(.validationError, naming: "user_id") {
            _ = try fixture.bootstrap(workspace: "ws_other", user: user)
        }
        // Who is a member already stays one.
        let caller = try fixture.addMember(user, role: "viewer")
        try fixture.perform(PutMember(userID: user, role: "analyst"), as: admin.claim)
        try fixture.create("t", as: caller)
    }

    @Test func aUserJoinsChangesRoleIsSuspendedAndReturns() throws {
        let left = try fixture.eventsLeft {
            let joined = try put("bob", role: "analyst")
            #expect(joined.hasJoined)
            #expect(joined.member.role == "analyst")
            #expect(!joined.member.isSuspended)
            #expect(joined.member.updatedAt == nil)
            let changed = try put("bob", role: "viewer")
            #expect(!changed.hasJoined)
            #expect(changed.member.role == "viewer")
            #expect(changed.member.updatedAt != nil)
            #expect(try fixture.newestMetadata("previous_role") == "analyst")
            #expect(try put("bob", isSuspended: true).member.isSuspended)
            let returned = try put("bob", role: "analyst", isSuspended: false).member
            #expect(!returned.isSuspended)
        }
        #expect(
            left == [
                "member.added bob", "member.role_changed bob", "member.suspended bob", "member.role_changed bob",
                "member.reactivated bob",
            ])
    }

    @Test func whatIsAlreadySoLeavesNoEvent() throws {
        try put("bob", role: "analyst")
        let left = try fixture.eventsLeft {
            let again = try put("bob", role: "analyst", isSuspended: false)
            #expect(!again.hasJoined)
            #expect(again.member.updatedAt == nil)
            try put("bob")
        }
        #expect(left.isEmpty)
    }

    @Test func anUnknownRoleIsRefusedWithTheKnownOnesNamed() throws {
        for role in ["emperor", ""] {
            try fixture.expectRefusal(.validationError, naming: "read_only, viewer, executive") {
                try put("bob", role: role)
            }
        }
        try fixture.expectRefusal(.validationError, naming: "role") { try put("bob") }
    }

    @Test func aTokenFollowsItsOwnersRoleAndStatusAtOnce() throws {
        try put("bob", role: "analyst")
        let made = try fixture.create("t", as: bob, scopes: "issues:read issues:write")
        try put("bob", role: "viewer")
        #expect(try fixture.outcome(made.secret, requiring: "issues:write") == .insufficientScope)
        try put("bob", isSuspended: true)
        #expect(try fixture.outcome(made.secret) == .ownerSuspended)
        try put("bob", role: "analyst", isSuspended: false)
        #expect(try fixture.outcome(made.secret, requiring: "issues:write") == .valid)
    }

    // MARK: - Removing

    @Test func aRemovedMembersTokensDieAndJoiningAgainRevivesNone() throws {
        try put("bob", role: "analyst")
        let tokens = try (0..<3).map { try fixture.create("t\($0)", as: bob) }
        let left = try fixture.eventsLeft {
            let count = try remove("bob")
            #expect(count == 3)
        }
        #expect(left == ["member.removed bob"])
        #expect(try fixture.newestMetadata("ended_token_count") == "3")
        for token in tokens { #expect(try fixture.outcome(token.secret) == .revoked) }
        #expect(try put("bob", role: "analyst").hasJoined)
        for token in tokens { #expect(try fixture.outcome(token.secret) == .revoked) }
        try fixture.create("t0", as: bob)
        try fixture.expectRefusal(.notFound) { try remove("nobody") }
    }

    @Test func removingAMemberOfManyTokensCostsNoMoreThanOfOne() throws {
        try put("many", role: "analyst")
        try put("few", role: "analyst")
        try fixture.addTokens(5_000, to: "many")
        try fixture.addTokens(1, to: "few")
        let ofOne = try fixture.cost(of: RemoveMember(userID: "few"), as: admin.claim)
        let ofAll = try fixture.cost(of: RemoveMember(userID: "many"), as: admin.claim)
        #expect(ofAll == ofOne)
        #expect(try fixture.newestMetadata("ended_token_count") == "5000")
    }

    @Test func anAccountOutlivesTheMemberWhoMadeIt() throws {
        try put("bob", role: "tenant_admin")
        let account = try fixture.createAccount("ci", as: bob)
        let token = try fixture.issue("t", of: account, as: bob)
        try remove("bob")
        #expect(try fixture.outcome(token.secret) == .valid)
        let found = try fixture.reading(as: admin.claim) { try $0.account(id: account.id, visibleTo: $1) }
        #expect(found.createdBy == "bob")
    }

    // MARK: - The last administrator

    @Test func theLastActiveTenantAdminStays() throws {
        func expectRefusals() throws {
            let left = try fixture.eventsLeft {
                try fixture.expectRefusal(.lastAdmin, naming: "ann") { try put("ann", role: "analyst") }
                try fixture.expectRefusal(.lastAdmin) { try put("ann", isSuspended: true) }
                try fixture.expectRefusal(.lastAdmin) { try remove("ann") }
            }
            #expect(left.isEmpty)
        }
        try expectRefusals()
        // A suspended one does not count, nor one of another workspace.
        try put("bob", role: "tenant_admin", isSuspended: true)
        _ = try fixture.bootstrap(workspace: "ws_other", user: "zoe")
        try expectRefusals()
        try put("bob", isSuspended: false)
        try put("ann", role: "analyst", as: bob)
        try fixture.expectRefusal(.lastAdmin, naming: "bob") { try remove("bob", as: bob) }
    }

    @Test func aSuspendedAdminMayBeRemovedByTheLastActiveOne() throws {
        try put("bob", role: "tenant_admin", isSuspended: true)
        try put("bob", role: "viewer")
        try put("bob", role: "tenant_admin")
        try remove("bob")
    }

    @Test func ofTwoThatDemoteEachOtherInOneBatchOneStays() throws {
        try put("bob", role: "tenant_admin")
        let boxes = [OutcomeBox<PutMember.Outcome>(), OutcomeBox<PutMember.Outcome>()]
        let ann = CallerClaim.delegated(userID: "ann", workspaceID: "ws_acme")
        try fixture.inOneBatch {
            try fixture.forward(PutMember(userID: "bob", role: "viewer"), as: ann, to: boxes[0])
            try fixture.forward(PutMember(userID: "ann", role: "viewer"), as: bob, to: boxes[1])
        }
        _ = try boxes[0].wait().get()
        try fixture.expectRefusal(.forbidden) { _ = try boxes[1].wait().get() }
    }

    // MARK: - Power

    @Test func membersAreManagedByTheScopesForIt() throws {
        let analyst = try fixture.addMember("al", role: "analyst")
        let manager = try fixture.addMember("sam", role: "security_admin")
        try put("bob", role: "viewer")
        try fixture.expectRefusal(.forbidden, naming: "members:write") { try put("bob", role: "analyst", as: analyst) }
        try fixture.expectRefusal(.forbidden, naming: "members:admin") { try remove("bob", as: manager) }
        #expect(throws: ChangeFailure.self) {
            try fixture.reading(as: analyst) {
                try $0.members(visibleTo: $1, matching: MemberFilter(), below: .max, pageSize: 10)
            }
        }
        try put("bob", role: "security_admin", as: manager)
    }

    @Test func whoGivesChangesOrRemovesARoleHoldsAllThatTheOldAndTheNewOneGrant() throws {
        let manager = try fixture.addMember("sam", role: "security_admin")
        try put("bob", role: "tenant_admin")
        try fixture.expectRefusal(.forbidden, naming: "workspace:admin") {
            try put("eve", role: "tenant_admin", as: manager)
        }
        try fixture.expectRefusal(.forbidden, naming: "workspace:admin") {
            try put("sam", role: "tenant_admin", as: manager)
        }
        for change in [PutMember(userID: "bob", role: "viewer"), PutMember(userID: "bob", isSuspended: true)] {
            try fixture.expectRefusal(.forbidden, naming: "workspace:admin") {
                try fixture.perform(change, as: manager)
            }
        }
        try put("bob", isSuspended: true)
        try fixture.expectRefusal(.forbidden, naming: "workspace:admin") {
            try put("bob", isSuspended: false, as: manager)
        }
        // A bearer has what it was given, whatever its user's role grants.
        let weak = try fixture.create("weak", as: admin.claim, scopes: "members:admin members:write")
        try fixture.expectRefusal(.forbidden, naming: "issues:read") { try put("eve", role: "viewer", as: weak.claim) }
        try put("eve", role: "viewer")
        try fixture.expectRefusal(.forbidden, naming: "issues:read") { try remove("eve", as: weak.claim) }
    }

    @Test func aMemberOfAnotherWorkspaceIsNotFound() throws {
        let other = try fixture.bootstrap(workspace: "ws_other", user: "zoe")
        try put("bob", role: "analyst")
        try fixture.expectRefusal(.notFound, naming: "no such member") { try remove("bob", as: other.claim) }
        #expect(try put("bob", role: "viewer", as: other.claim).hasJoined)
    }

    @Test func aListIsNewestFirstInPagesAndFiltered() throws {
        for number in 0..<5 { try put("u\(number)", role: number < 2 ? "viewer" : "analyst") }
        try put("u3", isSuspended: true)
        try remove("u4")
        func list(_ change: (inout MemberFilter) -> Void) throws -> [String] {
            var filter = MemberFilter()
            change(&filter)
            return try fixture.reading(as: admin.claim) { reader, caller in
                #expect(try reader.memberCount(visibleTo: caller) == 5)
                return try walk(pageSize: 2) {
                    try reader.members(
                        visibleTo: caller, matching: filter, below: $0.below, pageSize: $0.elementCountMax,
                        rowCountMax: $0.rowCountMax)
                }.map(\.userID)
            }
        }
        #expect(try list { _ in } == ["u3", "u2", "u1", "u0", "ann"])
        #expect(try list { $0.role = "analyst" } == ["u3", "u2"])
        #expect(try list { $0.isSuspended = true } == ["u3"])
        #expect(try list { $0.userID = "u1" } == ["u1"])
        #expect(try list { $0.userID = "u4" } == [])
    }
}
