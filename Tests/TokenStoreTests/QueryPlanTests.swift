import Testing
import TokenCore

@testable import TokenStore

@Suite("How SQLite carries out the statements")
struct QueryPlanTests {
    let fixture: StoreFixture

    init() throws {
        fixture = try StoreFixture()
    }

    private func plan(of sql: String, on connection: SQLiteConnection) throws(SQLiteError) -> [String] {
        let statement = try connection.prepare("EXPLAIN QUERY PLAN " + sql)
        defer { statement.finalize() }
        var steps: [String] = []
        while try statement.step() { steps.append(statement.text(3)) }
        return steps
    }

    /// What of the connection's statements reads a whole table or sorts; the row of `store`, the newest event, which
    /// ends at once, the figures, which end at a limit, and what a bounded subquery found are no such thing.
    private func slowSteps(_ connection: SQLiteConnection) throws(SQLiteError) -> [String] {
        var slow: [String] = []
        for sql in connection.statementTexts where !sql.hasSuffix("ORDER BY sequence DESC LIMIT 1") {
            for step in try plan(of: sql, on: connection) where step != "SCAN store" {
                if sql.contains("FROM workspace LIMIT ?1"), step.hasPrefix("SCAN") { continue }
                if step.hasPrefix("SCAN") && !step.hasPrefix("SCAN (subquery") || step.contains("TEMP B-TREE") {
                    slow.append("\(step) in \(sql)")
                }
            }
        }
        return slow
    }

    @Test func noReadScansATableOrSorts() throws {
        let admin = try fixture.bootstrap()
        let reader = try fixture.store().makeReader()
        let now = fixture.clock.now
        let caller = try reader.caller(admin.claim, now: now)
        _ = try reader.caller(.delegated(userID: "ann", workspaceID: "ws_acme"), now: now)
        _ = try reader.liveCredential(admin.draft.digest, now: now) { _ in }
        _ = try? reader.token(id: "tok_0", visibleTo: caller)
        _ = try reader.tokens(
            ofPrincipal: 1, matching: TokenFilter(), below: .max, pageSize: 25, now: now)
        _ = try reader.events(.host, matching: EventFilter(), below: .max, pageSize: 25)
        _ = try reader.events(.workspace(number: 1), matching: EventFilter(), below: .max, pageSize: 25)
        _ = try reader.events(.host, matching: EventFilter(), behind: 0)
        _ = try reader.events(.workspace(number: 1), matching: EventFilter(), behind: 0)
        _ = try reader.eventCount(.workspace(number: 1))
        _ = try reader.tokenCount(ofPrincipal: 1)
        _ = try? reader.account(id: "sa_0", visibleTo: caller)
        _ = try reader.accounts(visibleTo: caller, matching: AccountFilter(), below: .max, pageSize: 25)
        _ = try reader.accountCount(visibleTo: caller)
        _ = try reader.members(visibleTo: caller, matching: MemberFilter(), below: .max, pageSize: 25)
        var filter = MemberFilter()
        filter.userID = "ann"
        _ = try reader.members(visibleTo: caller, matching: filter, below: .max, pageSize: 25)
        _ = try reader.figures(tokenCountMax: 10)
        _ = try reader.workspaces(state: .active, below: .max, pageSize: 25)
        var check = ChainCheck(first: 2, mark: try fixture.store().state.current)
        try reader.advance(&check)
        check = ChainCheck(first: 2, last: 9, mark: try fixture.store().state.current)
        try reader.advance(&check)
        _ = try reader.finding(of: .init(sequence: 1, hash: .zero), outside: check)
        #expect(reader.connection.statementTexts.count == 25)
        #expect(try slowSteps(reader.connection) == [])
    }

    @Test func noChangeScansATableOrSorts() throws {
        let admin = try fixture.bootstrap()
        let request = "7d444840-9dc0-11d1-b245-5ffdce74fad2"
        let made = try fixture.create("ci", as: admin.claim, request: request)
        try fixture.create("ci", as: admin.claim, request: request)
        try fixture.roll(made.id, as: admin.claim, overlap: 60, request: "8d444840-9dc0-11d1-b245-5ffdce74fad2")
        try fixture.perform(RevokeToken(tokenID: made.id), as: admin.claim)
        let account = try fixture.createAccount("ci", as: admin.claim, request: request)
        try fixture.createAccount("ci", as: admin.claim, request: request)
        try fixture.issue("t", of: account, as: admin.claim)
        _ = try fixture.update(account, name: "cd", as: admin.claim)
        try fixture.perform(DeleteServiceAccount(accountID: account.id), as: admin.claim)
        try fixture.perform(PutMember(userID: "bob", role: "tenant_admin"), as: admin.claim)
        try fixture.perform(PutMember(userID: "bob", isSuspended: true), as: admin.claim)
        try fixture.perform(RemoveMember(userID: "bob"), as: admin.claim)
        try fixture.perform(
            ImportTokens(items: [
                ImportTokens.Item(
                    digest: TestSecret().draft.digest, name: "i", ownerID: "", scopes: ScopeSet(), expiresAt: nil,
                    hint: "")
            ]), as: admin.claim)
        try fixture.perform(SetWorkspaceState(workspaceID: "ws_acme", state: .suspended), as: .host)
        try fixture.perform(RecordUse(uses: [RecordUse.Use(tokenNumber: 1, at: fixture.clock.now)]))
        try fixture.perform(PruneEvents())
        let (count, slow) = try fixture.perform(
            Custom { transaction throws(ChangeFailure) in
                try sqlite { () throws(SQLiteError) in
                    (transaction.connection.statementTexts.count, try slowSteps(transaction.connection))
                }
            })
        #expect(count > 20)
        #expect(slow == [])
    }

    /// A token may have been rolled any number of times.
    @Test func whatARollAsksOfATokensSecretsReadsThoseThatLive() throws {
        let admin = try fixture.bootstrap()
        let made = try fixture.create("t", as: admin.claim)
        try fixture.roll(made.id, as: admin.claim)
        let plans = try fixture.perform(
            Custom { transaction throws(ChangeFailure) in
                try sqlite { () throws(SQLiteError) in
                    var plans: [String] = []
                    for sql in transaction.connection.statementTexts where sql.contains("token = ?1 AND dies_at >") {
                        plans += try plan(of: sql, on: transaction.connection).filter { $0.contains("SEARCH secret") }
                    }
                    return plans
                }
            })
        #expect(plans.count == 3)
        for plan in plans { #expect(plan.contains("secret_current") || plan.contains("(token=? AND dies_at>?)")) }
    }
}
