import LinuxIO
import Testing
import TokenCore

@testable import TokenStore

@Suite("What a secret that lives is good for, as one reader remembers it")
struct LiveCredentialTests {
    let fixture: StoreFixture
    let admin: TestSecret
    let bob: MadeToken
    let account: ServiceAccountRecord
    let robot: MadeToken
    /// It has met all of them before anything changes.
    let reader: StoreReader

    init() throws {
        fixture = try StoreFixture()
        admin = try fixture.bootstrap()
        try fixture.perform(PutMember(userID: "bob", role: "analyst"), as: admin.claim)
        bob = try fixture.create(
            "ci", as: .delegated(userID: "bob", workspaceID: "ws_acme"), scopes: "issues:read issues:write")
        account = try fixture.createAccount("bot", as: admin.claim)
        robot = try fixture.issue("t", of: account, as: admin.claim)
        reader = try fixture.store().makeReader()
        for secret in [admin, bob.secret, robot.secret] { #expect(try found(secret) != nil) }
    }

    /// What an answer would tell of the secret: none if it does not verify.
    private struct Found: Equatable {
        var kind: TokenKind
        var texts: [String]
        var diesAt: Instant?
    }

    private func found(_ secret: TestSecret) throws -> Found? {
        var found: Found?
        let search = try reader.liveCredential(secret.draft.digest, now: reader.now) { credential in
            let texts = [
                credential.tokenID, credential.tokenName, credential.workspaceID, credential.principalID,
                credential.scopes,
            ]
            found = Found(
                kind: credential.kind, texts: texts.map { String(decoding: $0, as: UTF8.self) },
                diesAt: credential.diesAt)
        }
        guard case .found = search else { return nil }
        return found
    }

    /// The same from one statement that remembers nothing.
    private func read(_ secret: TestSecret) throws -> Found? {
        let credential = try #require(try reader.credential(secret.draft.digest))
        let facts = credential.facts
        let outcome = facts.judge(requestedWorkspace: nil, now: reader.now) { _ in true }
        if outcome != .valid { return nil }
        return Found(
            kind: credential.kind,
            texts: [
                credential.tokenID, credential.tokenName, facts.workspaceID, facts.principalID, facts.scopes.text,
            ], diesAt: facts.diesAt)
    }

    /// Whether it verifies. Whatever is remembered, it is as it is read.
    private func verifies(_ secret: TestSecret) throws -> Bool {
        let found = try found(secret)
        #expect(try found == read(secret))
        return found != nil
    }

    private func scopes(_ secret: TestSecret) throws -> String? {
        #expect(try found(secret) == read(secret))
        return try found(secret)?.texts.last
    }

    @Test func aMembersRoleAndStatusAreFollowedAtOnce() throws {
        #expect(try scopes(bob.secret) == "issues:read issues:write")
        try fixture.perform(PutMember(userID: "bob", role: "viewer"), as: admin.claim)
        #expect(try scopes(bob.secret) == "issues:read")
        try fixture.perform(PutMember(userID: "bob", role: "analyst"), as: admin.claim)
        #expect(try scopes(bob.secret) == "issues:read issues:write")
        try fixture.perform(PutMember(userID: "bob", isSuspended: true), as: admin.claim)
        #expect(try !verifies(bob.secret))
        try fixture.perform(PutMember(userID: "bob", isSuspended: false), as: admin.claim)
        #expect(try verifies(bob.secret))
    }

    @Test func whoWasRemovedAndJoinsAgainHasNewTokensAlone() throws {
        try fixture.perform(RemoveMember(userID: "bob"), as: admin.claim)
        #expect(try !verifies(bob.secret))
        try fixture.perform(PutMember(userID: "bob", role: "viewer"), as: admin.claim)
        let new = try fixture.create("ci", as: .delegated(userID: "bob", workspaceID: "ws_acme"))
        #expect(try verifies(new.secret))
        #expect(try !verifies(bob.secret))
    }

    /// Enabling moves no epoch: that the account is disabled must not be remembered.
    @Test func anAccountIsFollowedAtOnce() throws {
        for isDisabled in [true, false, true, false] {
            _ = try fixture.update(account, isDisabled: isDisabled, as: admin.claim)
            #expect(try verifies(robot.secret) == !isDisabled)
        }
        try fixture.perform(DeleteServiceAccount(accountID: account.id), as: admin.claim)
        #expect(try !verifies(robot.secret))
    }

    @Test func aWorkspaceIsFollowedAtOnce() throws {
        for state in [WorkspaceState.suspended, .active, .ended] {
            try fixture.perform(SetWorkspaceState(workspaceID: "ws_acme", state: state), as: .host)
            for secret in [admin, bob.secret, robot.secret] { #expect(try verifies(secret) == (state == .active)) }
        }
    }

    @Test func otherRolesAreFollowedAtOnce() throws {
        let standard = AccessRules.builtIn
        let definitions = standard.roles.definitions.map { role in
            Roles.Definition(name: role.name, additions: role.name == "analyst" ? ScopeSet() : role.additions)
        }
        let narrow = AccessRules(
            catalogue: standard.catalogue, roles: try Roles(definitions, in: standard.catalogue))
        try fixture.perform(Reload(rules: narrow, changedSettings: []), as: .host)
        #expect(try scopes(bob.secret) == "issues:read")
        try fixture.perform(Reload(rules: standard, changedSettings: []), as: .host)
        #expect(try scopes(bob.secret) == "issues:read issues:write")
    }

    @Test func aTokensOwnEndIsSeenWhoeverIsRemembered() throws {
        let other = try fixture.create("other", as: admin.claim)
        #expect(try verifies(other.secret))
        let rolled = try fixture.roll(other.id, as: admin.claim)
        #expect(try !verifies(other.secret))
        #expect(try verifies(rolled.secret))
        try fixture.perform(RevokeToken(tokenID: other.id), as: admin.claim)
        #expect(try !verifies(rolled.secret))
        #expect(try verifies(admin))
    }

    /// One place for many: each is driven out by the others, and none is taken for another.
    @Test func moreAreFollowedThanAreRemembered() throws {
        try fixture.run(
            """
            INSERT INTO principal (workspace, kind, id, role, started_at)
            WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 1100)
            SELECT 1, 1, 'u' || i, 'viewer', 0 FROM n
            """)
        let made = try ["u1", "u513", "u1025"].map {
            try fixture.create("t", as: .delegated(userID: $0, workspaceID: "ws_acme"))
        }
        for _ in 0..<2 {
            for token in made { #expect(try verifies(token.secret)) }
        }
        try fixture.perform(PutMember(userID: "u513", isSuspended: true), as: admin.claim)
        #expect(try made.map { try verifies($0.secret) } == [true, false, true])
    }

    // MARK: - What is remembered

    private func row() throws -> SQLiteStatement {
        let statement = try reader.liveStatements.principal
        statement.bind(1, 1 as Int64)
        #expect(try statement.step())
        return statement
    }

    @Test func aRowIsFoundWhileItsEpochIsTheSameAndEven() throws {
        let page = try EpochPage.makePrivate()
        var principals = LivePrincipals(page.memory)
        let row = try row()
        defer { row.reset() }
        _ = principals.remember(row, of: 1, epoch: principals.epoch)
        #expect(principals.find(1) != nil)
        #expect(principals.find(513) == nil)
        page.begin(.all)
        #expect(principals.find(1) == nil)
        // Read while a change is being committed: with it or without.
        _ = principals.remember(row, of: 1, epoch: principals.epoch)
        #expect(principals.find(1) == nil)
        page.end(.all)
        #expect(principals.find(1) == nil)
    }

    @Test func aRowFromBeforeAChangeIsNotFoundBehindIt() throws {
        let page = try EpochPage.makePrivate()
        var principals = LivePrincipals(page.memory)
        let epoch = principals.epoch
        let row = try row()
        defer { row.reset() }
        page.begin(.all)
        page.end(.all)
        _ = principals.remember(row, of: 1, epoch: epoch)
        #expect(principals.find(1) == nil)
    }

    @Test func readingTwoTokensOfOneMemberReadsTheMemberOnce() throws {
        let number = try #require(try reader.credential(bob.secret.draft.digest)).principal.number
        #expect(reader.principals.find(number) != nil)
        try fixture.perform(PutMember(userID: "bob", role: "viewer"), as: admin.claim)
        #expect(reader.principals.find(number) == nil)
        #expect(try verifies(bob.secret))
        #expect(reader.principals.find(number) != nil)
    }
}
