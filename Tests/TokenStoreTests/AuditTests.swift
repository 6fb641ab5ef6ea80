import Testing
import TokenCore

@testable import TokenStore

@Suite("The audit")
struct AuditTests {
    let fixture: StoreFixture
    let admin: TestSecret

    init() throws {
        fixture = try StoreFixture()
        admin = try fixture.bootstrap()
    }

    @Test func everyChangeLeavesExactlyItsEventsAndTheChainVerifiesFromZero() throws {
        #expect(
            try fixture.events().map(\.event.action) == [
                "store.created", "workspace.created", "member.added", "token.created",
            ])
        var made: MadeToken?
        let left = try fixture.eventsLeft {
            let token = try fixture.create("ci", as: admin.claim)
            made = token
            try fixture.roll(token.id, as: admin.claim, overlap: 60)
            try fixture.perform(RevokeToken(tokenID: token.id), as: admin.claim)
        }
        let id = try #require(made).id
        #expect(left == ["token.created \(id)", "token.rolled \(id)", "token.revoked \(id)"])
        try fixture.expectWholeChain()
        fixture.close()
        try fixture.expectWholeChain()
        #expect(try fixture.store().state.current.sequence == 7)
    }

    @Test func anEventTellsWhoDidWhatForWhomAndThroughWhichPeer() throws {
        let bearer = try #require(try fixture.single("SELECT id FROM token WHERE name = 'bootstrap'"))
        let made = try fixture.create(
            "ci", as: admin.claim, expiresAt: Instant(seconds: 4_102_444_800, nanoseconds: 0))
        let event = try #require(try fixture.events().last).event
        #expect(event.actor == "ann")
        #expect(event.target == made.id)
        #expect(event.workspaceID == "ws_acme")
        #expect(event.peerUID == 0)
        #expect(event.peerPID == 1)
        #expect(event.traceID == "trace")
        #expect(
            event.metadata == [
                .init("name", "ci"), .init("scopes", "issues:read"), .init("expires_at", "2100-01-01T00:00:00Z"),
                .init("by_token", bearer),
            ])
    }

    @Test func nothingThatARefusedChangeWroteIsLeft() throws {
        let boxes = [OutcomeBox<Void>(), OutcomeBox<Void>(), OutcomeBox<Void>()]
        let sequence = try fixture.store().state.current.sequence
        try fixture.inOneBatch {
            for (index, box) in boxes.enumerated() {
                let change = Custom<Void> { transaction throws(ChangeFailure) in
                    let caller = try transaction.caller()
                    try transaction.record("test.change", target: "\(index)", by: caller)
                    try transaction.execute("INSERT INTO workspace (id, created_at) VALUES ('ws_\(index)', 0)")
                    if index == 1 { throw .refused(.notFound("luck")) }
                }
                try fixture.forward(change, as: admin.claim, to: box)
            }
        }
        #expect(throws: Never.self) { try boxes[0].wait().get() }
        try fixture.expectRefusal(.notFound) { try boxes[1].wait().get() }
        #expect(throws: Never.self) { try boxes[2].wait().get() }
        #expect(try fixture.events().suffix(2).map(\.event.target) == ["0", "2"])
        #expect(try fixture.store().state.current.sequence == sequence + 2)
        #expect(
            try fixture.single("SELECT group_concat(id) FROM (SELECT id FROM workspace ORDER BY number)")
                == "ws_acme,ws_0,ws_2")
        try fixture.expectWholeChain()
    }

    @Test func aChangeThatSQLiteRefusesIsUndoneAloneAndTheRestIsCommitted() throws {
        let failing = OutcomeBox<Void>()
        let good = OutcomeBox<TokenRecord>()
        try fixture.inOneBatch {
            let change = Custom<Void> { transaction throws(ChangeFailure) in
                let caller = try transaction.caller()
                try transaction.record("test.change", target: "x", by: caller)
                try transaction.execute("INSERT INTO workspace (id, created_at) VALUES ('ws_acme', 0)")
            }
            try fixture.forward(change, as: admin.claim, to: failing)
            try fixture.forward(try fixture.creation("ci"), as: admin.claim, to: good)
        }
        // It would be no better the next time: not "try again".
        try fixture.expectRefusal(.internalError) { try failing.wait().get() }
        _ = try good.wait().get()
        #expect(try fixture.events().filter { $0.event.action == "test.change" }.isEmpty)
        #expect(fixture.poisonings.all.isEmpty)
        try fixture.expectWholeChain()
    }

    @Test(arguments: [
        [], [("", "")], [("a", "b"), ("a", "b")], [("clé", "värde\n\u{0}\u{1F600}")],
        [("name", String(repeating: "x", count: 70_000)), ("", "y")],
    ])
    func metadataComesBackAsItWasWritten(pairs: [(String, String)]) throws {
        let metadata = pairs.map { AuditEvent.Metadata($0.0, $0.1) }
        #expect(MetadataCoding.decode(MetadataCoding.encode(metadata)) == metadata)
        try fixture.perform(
            Custom { transaction throws(ChangeFailure) in
                try transaction.record(
                    "test.change", target: "", actor: "", workspaceNumber: nil, workspaceID: nil, metadata)
            })
        #expect(try fixture.events().last?.event.metadata == metadata)
        try fixture.expectWholeChain()
    }

    @Test(arguments: [[1], [0, 0, 0, 1], [0, 0, 0, 1, 65], [255, 255, 255, 255, 65], [0, 0, 0, 1, 255, 0, 0, 0, 0]])
    func metadataThatWasEditedIsNotRead(bytes: [UInt8]) {
        #expect(MetadataCoding.decode(bytes) == nil)
    }

    @Test(arguments: [
        "UPDATE event SET target = 'other' WHERE sequence = 3", "UPDATE event SET workspace = NULL WHERE sequence = 3",
        "UPDATE event SET peer_uid = 7 WHERE sequence = 3", "UPDATE event SET metadata = x'' WHERE sequence = 3",
    ])
    func anEditedEventBreaksTheChain(edit: String) throws {
        try fixture.run(edit)
        #expect(try fixture.brokenEvent() == 3)
    }

    @Test func aWorkspaceSeesItsOwnEventsNewestFirstInPages() throws {
        _ = try fixture.bootstrap(workspace: "ws_other")
        let made = try (0..<5).map { try fixture.create("t\($0)", as: admin.claim) }
        let reader = try fixture.store().makeReader()
        let number = try reader.caller(admin.claim, now: fixture.clock.now).principal.workspaceNumber
        var filter = EventFilter()
        filter.action = "token.*"
        func list(_ scope: EventScope) throws -> [EventRecord] {
            try walk(pageSize: 2) {
                try reader.events(
                    scope, matching: filter, below: $0.below, pageSize: $0.elementCountMax, rowCountMax: $0.rowCountMax)
            }
        }
        let seen = try list(.workspace(number: number)).map(\.event.target)
        #expect(Array(seen.prefix(5)) == made.reversed().map(\.id))
        #expect(seen.count == 6)
        filter.action = "token.created"
        filter.target = made[0].id
        #expect(try list(.host).count == 1)
        filter.start = fixture.clock.now.adding(seconds: 1)
        #expect(try list(.host).isEmpty)
    }
}
