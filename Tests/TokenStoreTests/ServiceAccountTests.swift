import Testing
import TokenCore

@testable import TokenStore

@Suite("Service accounts")
struct ServiceAccountTests {
    let fixture: StoreFixture
    let admin: TestSecret
    let request = "7d444840-9dc0-11d1-b245-5ffdce74fad2"

    init() throws {
        fixture = try StoreFixture()
        admin = try fixture.bootstrap()
    }

    @Test func anAccountIsWhatWasAskedForAndRemembersWhoMadeIt() throws {
        var made: ServiceAccountRecord?
        let left = try fixture.eventsLeft { made = try fixture.createAccount("ci", as: admin.claim) }
        let account = try #require(made)
        #expect(TypedID.serviceAccount.parse(Array(account.id.utf8).span) != nil)
        #expect(account.name == "ci")
        #expect(account.scopes.text == "issues:read")
        #expect(account.createdBy == "ann")
        #expect(account.workspaceID == "ws_acme")
        #expect(!account.isDisabled)
        #expect(account.updatedAt == nil)
        #expect(left == ["service_account.created \(account.id)"])
        // It outlives its maker.
        try fixture.run("UPDATE principal SET ended_at = 1 WHERE id = 'ann'")
        let bob = try fixture.addMember("bob", role: "tenant_admin")
        let found = try fixture.reading(as: bob) { try $0.account(id: account.id, visibleTo: $1) }
        #expect(found.createdBy == "ann")
    }

    @Test(arguments: ["analyst", "security_admin"]) func everyMethodNeedsTheAdministratorsScope(role: String) throws {
        let bob = try fixture.addMember("bob", role: role)
        let account = try fixture.createAccount("ci", as: admin.claim)
        let token = try fixture.issue("t", of: account, as: admin.claim)
        // The same words for what exists and what doesn't: the account is never looked up.
        for id in [account.id, "sa_00000000000000000000000000"] {
            let attempts: [(StoreFixture) throws -> Void] = [
                { try $0.createAccount("more", as: bob) },
                { try $0.perform(UpdateServiceAccount(accountID: id, name: "x"), as: bob) },
                { try $0.perform(DeleteServiceAccount(accountID: id), as: bob) },
                { try $0.perform(RevokeServiceAccountToken(accountID: id, tokenID: token.id), as: bob) },
                {
                    try $0.perform(
                        RollServiceAccountToken(
                            accountID: id, tokenID: token.id, overlapSeconds: 0, request: nil,
                            secret: TestSecret(.serviceAccount).draft),
                        as: bob)
                },
                {
                    try $0.perform(
                        IssueServiceAccountToken(
                            accountID: id, name: "n", expiresAt: nil, request: nil,
                            secret: TestSecret(.serviceAccount).draft),
                        as: bob)
                },
            ]
            let left = try fixture.eventsLeft {
                for attempt in attempts {
                    try fixture.expectRefusal(.forbidden, naming: "workspace:admin") { try attempt(fixture) }
                }
            }
            #expect(left.isEmpty)
            #expect(throws: ChangeFailure.self) {
                try fixture.reading(as: bob) { try $0.account(id: id, visibleTo: $1) }
            }
        }
        #expect(throws: ChangeFailure.self) {
            try fixture.reading(as: bob) {
                try $0.accounts(visibleTo: $1, matching: AccountFilter(), below: .max, pageSize: 10)
            }
        }
    }

    @Test func anAccountOfAnotherWorkspaceIsNotFoundInTheWordsForNone() throws {
        let account = try fixture.createAccount("ci", as: admin.claim)
        let token = try fixture.issue("t", of: account, as: admin.claim)
        let other = try fixture.bootstrap(workspace: "ws_other")
        let own = try fixture.createAccount("own", as: other.claim)
        func refusals(_ id: String) -> [String] {
            let attempts: [() throws -> Void] = [
                { try fixture.perform(UpdateServiceAccount(accountID: id, name: "x"), as: other.claim) },
                { try fixture.perform(DeleteServiceAccount(accountID: id), as: other.claim) },
                { try fixture.perform(RevokeServiceAccountToken(accountID: id, tokenID: token.id), as: other.claim) },
                { try fixture.perform(RevokeServiceAccountToken(accountID: own.id, tokenID: id), as: other.claim) },
            ]
            return attempts.map { attempt in
                do { try attempt() } catch let refusal as Refusal {
                    return "\(refusal.reason) \(refusal.message) \(refusal.metadata)"
                } catch { return "\(error)" }
                return "done"
            }
        }
        let absent = refusals("sa_00000000000000000000000000")
        #expect(refusals(account.id) == absent)
        #expect(absent.allSatisfy { $0.hasPrefix("notFound") })
        #expect(try fixture.outcome(token.secret) == .valid)
    }

    @Test func aNameIsUniqueAmongTheAccountsThatHaveNotBeenDeleted() throws {
        let first = try fixture.createAccount("ci", as: admin.claim)
        try fixture.expectRefusal(.conflict, naming: first.id) { try fixture.createAccount("ci", as: admin.claim) }
        let second = try fixture.createAccount("cd", as: admin.claim)
        try fixture.expectRefusal(.conflict, naming: first.id) {
            _ = try fixture.update(second, name: "ci", as: admin.claim)
        }
        try fixture.createAccount("ci", as: try fixture.bootstrap(workspace: "ws_other").claim)
        try fixture.perform(DeleteServiceAccount(accountID: first.id), as: admin.claim)
        let again = try fixture.createAccount("ci", as: admin.claim)
        #expect(again.id != first.id)
    }

    @Test func aRequestAskedAgainGivesTheAccountItMade() throws {
        let account = try fixture.createAccount("ci", as: admin.claim, request: request)
        let left = try fixture.eventsLeft {
            let again = try fixture.createAccount("ci", as: admin.claim, request: request)
            #expect(again.id == account.id)
        }
        #expect(left.isEmpty)
        try fixture.expectRefusal(.conflict, naming: account.id) {
            try fixture.createAccount("other", as: admin.claim, request: request)
        }
        try fixture.perform(DeleteServiceAccount(accountID: account.id), as: admin.claim)
        try fixture.expectRefusal(.conflict, naming: account.id) {
            try fixture.createAccount("ci", as: admin.claim, request: request)
        }
        fixture.clock.advance(seconds: 24 * 60 * 60 + 1)
        try fixture.createAccount("ci", as: admin.claim, request: request)
        #expect(try fixture.count("account_request") == 1)
    }

    @Test func nobodyMakesAnAccountStrongerThanThemselves() throws {
        let weak = try fixture.create("weak", as: admin.claim, scopes: "issues:read workspace:admin")
        try fixture.expectRefusal(.forbidden, naming: "issues:write") {
            try fixture.createAccount("strong", scopes: "issues:write", as: weak.claim)
        }
        let account = try fixture.createAccount("ci", as: weak.claim)
        try fixture.expectRefusal(.forbidden, naming: "issues:write") {
            _ = try fixture.update(account, scopes: "issues:read issues:write", as: weak.claim)
        }
        try fixture.expectRefusal(.validationError, naming: "coffee:write") {
            _ = try fixture.update(account, scopes: "coffee:write", as: admin.claim)
        }
    }

    @Test func anUpdateChangesWhatIsGivenAndTellsWhatItWas() throws {
        let account = try fixture.createAccount("ci", as: admin.claim)
        let left = try fixture.eventsLeft {
            let renamed = try fixture.update(account, name: "robot", as: admin.claim)
            #expect(renamed.name == "robot")
            #expect(renamed.scopes == account.scopes)
            #expect(renamed.updatedAt != nil)
            #expect(try fixture.newestMetadata("previous_name") == "ci")
            let widened = try fixture.update(account, scopes: "issues:read issues:write", as: admin.claim)
            #expect(widened.name == "robot")
            #expect(widened.scopes.text == "issues:read issues:write")
            #expect(try fixture.update(account, scopes: "", as: admin.claim).scopes.isEmpty)
            #expect(try fixture.update(account, isDisabled: true, as: admin.claim).isDisabled)
            #expect(try fixture.newestMetadata("disabled") == "true")
        }
        #expect(left == Array(repeating: "service_account.updated \(account.id)", count: 4))
        // As it is already: no event.
        #expect(
            try fixture.eventsLeft {
                _ = try fixture.update(account, name: "robot", scopes: "", isDisabled: true, as: admin.claim)
            }.isEmpty)
    }

    @Test func aDisabledAccountsTokensRestUntilItIsEnabled() throws {
        let account = try fixture.createAccount("ci", as: admin.claim)
        let made = try fixture.issue("t", of: account, as: admin.claim)
        _ = try fixture.update(account, isDisabled: true, as: admin.claim)
        #expect(try fixture.outcome(made.secret) == .disabled)
        try fixture.expectRefusal(.unauthorized) { try fixture.createAccount("more", as: made.claim) }
        _ = try fixture.update(account, isDisabled: false, as: admin.claim)
        #expect(try fixture.outcome(made.secret) == .valid)
    }

    @Test func whoEnablesAnAccountHoldsAllThatItsTokensWereIssuedWith() throws {
        let account = try fixture.createAccount("ci", scopes: "issues:read issues:write", as: admin.claim)
        try fixture.issue("t", of: account, as: admin.claim)
        // The account has less by now, its token has not.
        _ = try fixture.update(account, scopes: "issues:read", isDisabled: true, as: admin.claim)
        let weak = try fixture.create("weak", as: admin.claim, scopes: "issues:read workspace:admin")
        try fixture.expectRefusal(.forbidden, naming: "issues:write") {
            _ = try fixture.update(account, isDisabled: false, as: weak.claim)
        }
        // Disabling gives nothing, so it needs nothing more.
        _ = try fixture.update(account, isDisabled: false, as: admin.claim)
        _ = try fixture.update(account, isDisabled: true, as: weak.claim)
    }

    @Test func aDeletedAccountsTokensAreRevokedAtOnce() throws {
        let account = try fixture.createAccount("ci", as: admin.claim)
        let tokens = try (0..<3).map { try fixture.issue("t\($0)", of: account, as: admin.claim) }
        try fixture.issue(
            "short", of: account, as: admin.claim, expiresAt: fixture.clock.now.adding(seconds: 60))
        try fixture.perform(RevokeServiceAccountToken(accountID: account.id, tokenID: tokens[0].id), as: admin.claim)
        fixture.clock.advance(seconds: 61)
        let left = try fixture.eventsLeft {
            let count = try fixture.perform(DeleteServiceAccount(accountID: account.id), as: admin.claim)
            // Neither the revoked one nor the expired one.
            #expect(count == 2)
        }
        #expect(left == ["service_account.deleted \(account.id)"])
        #expect(try fixture.newestMetadata("ended_token_count") == "2")
        for token in tokens { #expect(try fixture.outcome(token.secret) == .revoked) }
        try fixture.expectRefusal(.unauthorized) { try fixture.createAccount("more", as: tokens[1].claim) }
        try fixture.expectRefusal(.notFound) {
            try fixture.perform(DeleteServiceAccount(accountID: account.id), as: admin.claim)
        }
        try fixture.expectRefusal(.notFound) { try fixture.issue("more", of: account, as: admin.claim) }
    }

    @Test func deletingAnAccountOfAHundredThousandTokensCostsNoMoreThanOfOne() throws {
        let large = try fixture.createAccount("large", as: admin.claim)
        let small = try fixture.createAccount("small", as: admin.claim)
        try fixture.addTokens(100_000, to: large.id)
        try fixture.addTokens(1, to: small.id)
        let ofOne = try fixture.cost(of: DeleteServiceAccount(accountID: small.id), as: admin.claim)
        let ofAll = try fixture.cost(of: DeleteServiceAccount(accountID: large.id), as: admin.claim)
        #expect(ofAll == ofOne)
        // The account and the event.
        #expect(ofAll.changedRowCount == 2)
        #expect(try fixture.newestMetadata("ended_token_count") == "100000")
    }

    @Test func aListIsNewestFirstInPagesAndFiltered() throws {
        let made = try (0..<7).map { try fixture.createAccount("a\($0)", as: admin.claim) }
        try fixture.createAccount("b", scopes: "issues:write", as: admin.claim)
        try fixture.createAccount("a", as: try fixture.bootstrap(workspace: "ws_other").claim)
        try fixture.perform(DeleteServiceAccount(accountID: made[3].id), as: admin.claim)
        _ = try fixture.update(made[5], isDisabled: true, as: admin.claim)
        func list(_ change: (inout AccountFilter) -> Void) throws -> [String] {
            var filter = AccountFilter()
            change(&filter)
            return try fixture.reading(as: admin.claim) { reader, caller in
                #expect(try reader.accountCount(visibleTo: caller) == 7)
                return try walk(pageSize: 2) {
                    try reader.accounts(
                        visibleTo: caller, matching: filter, below: $0.below, pageSize: $0.elementCountMax,
                        rowCountMax: $0.rowCountMax)
                }.map(\.name)
            }
        }
        #expect(try list { _ in } == ["b", "a6", "a5", "a4", "a2", "a1", "a0"])
        #expect(try list { $0.namePrefix = "a" } == ["a6", "a5", "a4", "a2", "a1", "a0"])
        #expect(try list { $0.scope = Scope("issues:write") } == ["b"])
        #expect(try list { $0.isDisabled = true } == ["a5"])
    }
}
