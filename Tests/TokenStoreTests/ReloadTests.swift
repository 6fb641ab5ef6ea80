import Testing
import TokenCore

@testable import TokenStore

@Suite("Other rules in force")
struct ReloadTests {
    let fixture: StoreFixture
    let admin: TestSecret

    init() throws {
        fixture = try StoreFixture()
        admin = try fixture.bootstrap()
    }

    /// The built-in rules without some scopes, roles and with limits.
    private func rules(
        without scopes: Set<String> = [], withoutRole role: String = "", limits: LifetimeLimits = LifetimeLimits()
    ) throws -> AccessRules {
        let catalogue = try Catalogue(
            groups: Catalogue.standard.groups.map { group in
                Catalogue.Group(name: group.name, entries: group.entries.filter { !scopes.contains($0.scope.text) })
            })
        let standard = Roles.standard(in: .standard)
        return AccessRules(
            catalogue: catalogue, roles: try Roles(standard.definitions.filter { $0.name != role }, in: catalogue),
            lifetimes: limits)
    }

    private func reload(_ rules: AccessRules) throws {
        try fixture.perform(Reload(rules: rules, changedSettings: ["scopes-file", "grant"]), as: .host)
    }

    @Test func whatReadsIsJudgedByTheNewRulesAsSoonAsTheReloadIsAnswered() throws {
        let reader = try fixture.store().makeReader()
        func holdsAudit() throws -> Bool {
            let scopes = try reader.caller(admin.claim, now: reader.now).power.scopes
            return Power.auditReading.missing(from: scopes).isEmpty
        }
        #expect(try holdsAudit())
        try reload(rules(without: ["audit:read"]))
        #expect(try !holdsAudit())
        #expect(reader.rules.catalogue.scopes.count == 19)
    }

    @Test func aScopeThatTheCatalogueDropsIsRecordedHeldByNobodyAndNotGrantedUntilItReturns() throws {
        let token = try fixture.create("ci", as: admin.claim, scopes: "audit:read issues:read")
        let account = try fixture.createAccount("bot", scopes: "audit:read issues:read", as: admin.claim)
        let robot = try fixture.issue("t", of: account, as: admin.claim)
        try reload(rules(without: ["audit:read"]))
        let reader = try fixture.store().makeReader()
        for secret in [token.secret, robot.secret, admin] {
            let credential = try #require(try reader.credential(secret.draft.digest))
            #expect(credential.facts.scopes.contains(try #require(Scope("issues:read"))))
            #expect(!credential.facts.scopes.contains(try #require(Scope("audit:read"))))
            #expect(credential.recordedScopes.contains(try #require(Scope("audit:read"))))
        }
        try fixture.expectRefusal(.validationError, naming: "not in the catalogue: audit:read") {
            try fixture.create("more", as: admin.claim, scopes: "audit:read")
        }
        #expect(try fixture.issue("u", of: account, as: admin.claim).record.scopes.text == "issues:read")
        try reload(.builtIn)
        let back = try #require(try reader.credential(token.secret.draft.digest))
        #expect(back.facts.scopes.text == "audit:read issues:read")
        #expect(throws: Never.self) { try fixture.create("more", as: admin.claim, scopes: "audit:read") }
    }

    @Test func aReloadLeavesOneEventThatNamesWhatHasChanged() throws {
        #expect(try fixture.eventsLeft { try reload(rules(without: ["audit:read"])) } == ["configuration.reloaded "])
        let event = try #require(try fixture.events().last?.event)
        #expect(event.metadata == [.init("changed_settings", "scopes-file grant")])
        #expect(event.actor == "uid:0")
        #expect(event.workspaceID == nil)
    }

    @Test func theHostsOperatorAloneReloads() throws {
        try fixture.expectRefusal(.forbidden) {
            try fixture.perform(Reload(rules: .builtIn, changedSettings: []), as: admin.claim)
        }
    }

    // MARK: Undone with its savepoint and its transaction

    @Test func rulesOfAReloadThatIsRolledBackAreNotInForce() throws {
        let narrow = try rules(without: ["audit:read"])
        try fixture.expectRefusal(.conflict) {
            try fixture.perform(
                Custom { transaction throws(ChangeFailure) in
                    try Reload(rules: narrow, changedSettings: []).perform(in: transaction)
                    throw .refused(Refusal(.conflict, "no"))
                }, as: .host)
        }
        #expect(throws: Never.self) { try fixture.create("ci", as: admin.claim, scopes: "audit:read") }
        #expect(try fixture.store().makeReader().rules == .builtIn)
    }

    @Test func rulesOfATransactionThatIsLostAreNotInForce() throws {
        let narrow = try rules(without: ["audit:read"])
        let lost = OutcomeBox<Void>()
        try fixture.inOneBatch {
            try fixture.forward(Reload(rules: narrow, changedSettings: []), as: .host, to: lost)
            try fixture.forward(
                Custom { transaction throws(ChangeFailure) in
                    // The whole transaction goes, as with a disk that is full at the wrong moment.
                    try transaction.execute("ROLLBACK")
                    try transaction.execute("SELECT * FROM no_such_table")
                }, as: .host, to: OutcomeBox<Void>())
        }
        #expect(throws: Refusal.self) { try lost.wait().get() }
        #expect(throws: Never.self) { try fixture.create("ci", as: admin.claim, scopes: "audit:read") }
        #expect(try fixture.store().makeReader().rules == .builtIn)
    }

    @Test func aChangeBehindTheReloadInTheSameBatchIsJudgedByTheNewRules() throws {
        let narrow = try rules(without: ["audit:read"])
        let before = OutcomeBox<TokenRecord>()
        let after = OutcomeBox<TokenRecord>()
        let first = try fixture.creation("first", scopes: "audit:read")
        let second = try fixture.creation("second", scopes: "audit:read")
        try fixture.inOneBatch {
            try fixture.forward(first, as: admin.claim, to: before)
            try fixture.forward(Reload(rules: narrow, changedSettings: []), as: .host, to: OutcomeBox<Void>())
            try fixture.forward(second, as: admin.claim, to: after)
        }
        #expect(throws: Never.self) { try before.wait().get() }
        try fixture.expectRefusal(.validationError) { _ = try after.wait().get() }
    }

    // MARK: Roles that members have

    @Test func aRoleThatAMemberHasCantBeDropped() throws {
        try fixture.perform(PutMember(userID: "bob", role: "analyst"), as: admin.claim)
        try fixture.perform(PutMember(userID: "eve", role: "analyst", isSuspended: true), as: admin.claim)
        let narrow = try rules(withoutRole: "analyst")
        #expect(throws: Never.self) { try reload(rules(withoutRole: "viewer")) }
        let before = try fixture.events().count
        try fixture.expectRefusal(.validationError, naming: "the roles lack analyst, which 2 members have") {
            try reload(narrow)
        }
        #expect(try fixture.events().count == before)
        try fixture.perform(RemoveMember(userID: "bob"), as: admin.claim)
        try fixture.expectRefusal(.validationError, naming: "1 member has") { try reload(narrow) }
        try fixture.perform(PutMember(userID: "eve", role: "executive"), as: admin.claim)
        #expect(throws: Never.self) { try reload(narrow) }
        try fixture.expectRefusal(.validationError) {
            try fixture.perform(PutMember(userID: "zoe", role: "analyst"), as: admin.claim)
        }
    }

    @Test func whoeverWasInAWorkspaceThatHasEndedHoldsNoRoleInUse() throws {
        _ = try fixture.bootstrap(workspace: "ws_old", user: "bob")
        _ = try fixture.addMember("eve", role: "analyst", workspace: "ws_old")
        let narrow = try rules(withoutRole: "analyst")
        try fixture.expectRefusal(.validationError) { try reload(narrow) }
        try fixture.perform(SetWorkspaceState(workspaceID: "ws_old", state: .ended), as: .host)
        #expect(throws: Never.self) { try reload(narrow) }
    }

    @Test func aStoreWithARoleThatTheRulesLackIsNotOpened() throws {
        try fixture.perform(PutMember(userID: "bob", role: "analyst"), as: admin.claim)
        fixture.close()
        let narrow = try rules(withoutRole: "analyst")
        let failure = try #require(throws: StoreFailure.self) {
            try Store(directory: fixture.directory, rules: narrow) { _ in }
        }
        #expect(failure.exitCode == 78)
        #expect(failure.description.hasPrefix("the roles lack analyst, which 1 member has; "))
        // The lock is free again, and the store as it was.
        #expect(throws: Never.self) { try fixture.store() }
    }
}
