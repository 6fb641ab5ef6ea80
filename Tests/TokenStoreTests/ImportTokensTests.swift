import Testing
import TokenCore

@testable import TokenStore

@Suite("Importing tokens by their digest")
struct ImportTokensTests {
    let fixture: StoreFixture
    let admin: TestSecret

    init() throws {
        fixture = try StoreFixture()
        admin = try fixture.bootstrap()
        _ = try fixture.addMember("bob", role: "analyst")
    }

    private func item(
        _ text: String, name: String? = nil, owner: String = "bob", scopes: String = "issues:read",
        expiresAt: Instant? = nil
    ) throws -> ImportTokens.Item {
        ImportTokens.Item(
            digest: Digest(hashing: Array(text.utf8).span), name: name ?? text, ownerID: owner,
            scopes: try #require(ScopeSet(text: scopes)), expiresAt: expiresAt, hint: "ghp_…\(text)")
    }

    @discardableResult
    private func take(
        _ items: ImportTokens.Item..., as claim: CallerClaim? = nil
    ) throws -> ImportTokens.Outcome {
        try fixture.perform(ImportTokens(items: items), as: claim ?? admin.claim)
    }

    private func outcome(_ item: ImportTokens.Item, requiring scope: String) throws -> VerifyOutcome? {
        let reader = try fixture.store().makeReader()
        return try reader.credential(item.digest)?.facts.judge(requestedWorkspace: nil, now: reader.now) { scopes in
            Scope(scope).map { scopes.contains($0) } ?? false
        }
    }

    @Test func anImportedTokenVerifiesByItsOldSecret() throws {
        let first = try item("a", scopes: "issues:read issues:write")
        let second = try item("b", owner: "")
        let left = try fixture.eventsLeft {
            let outcome = try take(first, second)
            #expect(outcome.importedCount == 2)
            #expect(outcome.tokens.map(\.name) == ["a", "b"])
            #expect(outcome.tokens.map(\.ownerID) == ["bob", "ann"])
            #expect(outcome.tokens.map(\.createdBy) == ["ann", "ann"])
            #expect(outcome.tokens[0].hint == "ghp_…a")
        }
        #expect(left.map { $0.prefix { $0 != " " } } == ["token.imported", "token.imported"])
        #expect(try fixture.newestMetadata("owner") == "ann")
        #expect(try outcome(first, requiring: "issues:write") == .valid)
        // As any personal token it follows its owner's role.
        try fixture.perform(PutMember(userID: "bob", role: "viewer"), as: admin.claim)
        #expect(try outcome(first, requiring: "issues:write") == .insufficientScope)
    }

    @Test func theSameImportAgainSucceedsAndChangesNothing() throws {
        let end = fixture.clock.now.adding(seconds: 60)
        let items = [try item("a"), try item("b", expiresAt: end)]
        let first = try fixture.perform(ImportTokens(items: items), as: admin.claim)
        fixture.clock.pass(seconds: 61)
        try fixture.perform(RevokeToken(tokenID: first.tokens[0].id), as: admin.claim)
        let left = try fixture.eventsLeft {
            let again = try fixture.perform(ImportTokens(items: items), as: admin.claim)
            #expect(again.importedCount == 0)
            #expect(again.tokens.map(\.id) == first.tokens.map(\.id))
        }
        #expect(left.isEmpty)
        // It revives nothing.
        #expect(try outcome(items[0], requiring: "issues:read") == .revoked)
        #expect(try outcome(items[1], requiring: "issues:read") == .expired)
        // A batch that was cut off in the middle is finished by the same batch.
        let more = try take(items[0], items[1], try item("c"))
        #expect(more.importedCount == 1)
        #expect(more.tokens.count == 3)
    }

    @Test func aDigestThatIsKnownOtherwiseIsRefused() throws {
        let known = try item("a")
        try take(known)
        let others = [
            try item("a", name: "other"), try item("a", owner: "ann"), try item("a", scopes: ""),
            try item("a", expiresAt: fixture.clock.now.adding(seconds: 60)),
        ]
        for other in others { try fixture.expectRefusal(.conflict, naming: "digest") { try take(other) } }
        let stranger = try fixture.bootstrap(workspace: "ws_other", user: "bob")
        try fixture.expectRefusal(.conflict, naming: "digest") { try take(known, as: stranger.claim) }
        // Of a token that was made here, live or dead.
        let made = try fixture.create("made", as: admin.claim)
        try fixture.perform(RevokeToken(tokenID: made.id), as: admin.claim)
        let claimed = ImportTokens.Item(
            digest: made.secret.draft.digest, name: "made", ownerID: "ann", scopes: made.record.scopes,
            expiresAt: nil, hint: "")
        try fixture.expectRefusal(.conflict, naming: "digest") { try take(claimed) }
    }

    @Test func oneRefusedItemRefusesAllAndEachIsNamed() throws {
        let refusal = try #require(throws: Refusal.self) {
            try take(
                try item("a"), try item("b", scopes: "coffee:write"), try item("c", owner: "nobody"),
                try item("d", name: "a"), try item("e", expiresAt: .epoch), try item("a", name: "again"))
        }
        #expect(refusal.reason == .validationError)
        #expect(
            refusal.fields.map(\.name) == [
                "tokens[1].scopes", "tokens[2].owner_id", "tokens[3].name", "tokens[4].expires_at", "tokens[5].digest",
            ])
        #expect(refusal.message.contains("5 of the tokens"))
        #expect(try fixture.count("token") == 1)
        #expect(try fixture.store().state.hasImportedTokens == false)
    }

    @Test func importingNeedsTheAdministratorsScopeAndNeverGivesMoreThanTheCallerHas() throws {
        let bob = CallerClaim.delegated(userID: "bob", workspaceID: "ws_acme")
        try fixture.expectRefusal(.forbidden, naming: "workspace:admin") { try take(try item("a"), as: bob) }
        let end = fixture.clock.now.adding(seconds: 60)
        let weak = try fixture.create(
            "weak", as: admin.claim, scopes: "issues:read workspace:admin", expiresAt: end)
        try fixture.expectRefusal(.forbidden, naming: "issues:write") {
            try take(try item("a", scopes: "issues:write", expiresAt: end), as: weak.claim)
        }
        try fixture.expectRefusal(.forbidden, naming: "expires") { try take(try item("a"), as: weak.claim) }
        try take(try item("a", expiresAt: end), as: weak.claim)
    }

    @Test func aBatchHasOneToAHundred() throws {
        try fixture.expectRefusal(.validationError, naming: "100") {
            try fixture.perform(ImportTokens(items: []), as: admin.claim)
        }
        let items = try (0...100).map { try item("t\($0)") }
        try fixture.expectRefusal(.validationError, naming: "100") {
            try fixture.perform(ImportTokens(items: items), as: admin.claim)
        }
        #expect(
            try fixture.perform(ImportTokens(items: Array(items.dropLast())), as: admin.claim).importedCount == 100)
    }

    @Test func theStoreSaysWhetherThereIsAnyImportedToken() throws {
        try fixture.create("made", as: admin.claim)
        #expect(try fixture.store().state.hasImportedTokens == false)
        try take(try item("a"))
        #expect(try fixture.store().state.hasImportedTokens)
        fixture.close()
        #expect(try fixture.store().state.hasImportedTokens)
    }
}
