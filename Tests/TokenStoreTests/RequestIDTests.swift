import Testing
import TokenCore

@testable import TokenStore

@Suite("A request asked again")
struct RequestIDTests {
    let fixture: StoreFixture
    let admin: TestSecret
    let request = "7d444840-9dc0-11d1-b245-5ffdce74fad2"

    init() throws {
        fixture = try StoreFixture()
        admin = try fixture.bootstrap()
    }

    @Test func aRepeatedCreationGetsAFreshSecretAndTheOneThatNeverArrivedIsDead() throws {
        let end = fixture.clock.now.adding(seconds: 3_600)
        let first = try fixture.create("ci", as: admin.claim, expiresAt: end, request: request)
        var second: MadeToken?
        let left = try fixture.eventsLeft {
            second = try fixture.create("ci", as: admin.claim, expiresAt: end, request: request)
        }
        let again = try #require(second)
        #expect(again.id == first.id)
        #expect(again.record.expiresAt == end)
        #expect(again.record.hint == again.secret.draft.hint)
        #expect(try fixture.outcome(first.secret) == .superseded)
        #expect(try fixture.outcome(again.secret) == .valid)
        #expect(left == ["token.rolled \(first.id)"])
        let metadata = try #require(try fixture.events().last).event.metadata
        #expect(metadata.contains(AuditEvent.Metadata("repeated_request", request)))
        // And a third time, from the fresh one.
        let third = try fixture.create("ci", as: admin.claim, expiresAt: end, request: request)
        #expect(third.id == first.id)
        #expect(try fixture.outcome(again.secret) == .superseded)
    }

    @Test func aRepeatedRollLeavesARunningOverlapAsItIs() throws {
        let made = try fixture.create("ci", as: admin.claim)
        let rolled = try fixture.roll(made.id, as: made.claim, overlap: 100, request: request)
        fixture.clock.advance(seconds: 50)
        let again = try fixture.roll(made.id, as: made.claim, overlap: 100, request: request)
        #expect(again.record.rolledAt == rolled.record.rolledAt)
        #expect(try fixture.outcome(made.secret) == .valid)
        #expect(try fixture.outcome(rolled.secret) == .superseded)
        #expect(try fixture.outcome(again.secret) == .valid)
        fixture.clock.advance(seconds: 51)
        #expect(try fixture.outcome(made.secret) == .superseded)
        #expect(try fixture.outcome(again.secret) == .valid)
    }

    @Test func anotherQuestionUnderTheSameIDIsAConflictThatNamesTheToken() throws {
        let made = try fixture.create("ci", as: admin.claim, request: request)
        try fixture.expectRefusal(.conflict, naming: made.id) {
            try fixture.create("other", as: admin.claim, request: request)
        }
        try fixture.expectRefusal(.conflict, naming: made.id) {
            try fixture.create("ci", as: admin.claim, scopes: "issues:write", request: request)
        }
        try fixture.expectRefusal(.conflict, naming: made.id) {
            try fixture.create(
                "ci", as: admin.claim, expiresAt: fixture.clock.now.adding(seconds: 60), request: request)
        }
        try fixture.expectRefusal(.conflict, naming: made.id) {
            try fixture.roll(made.id, as: admin.claim, request: request)
        }
        #expect(try fixture.outcome(made.secret) == .valid)
    }

    @Test func afterARollOrARevocationItRevivesNothing() throws {
        let made = try fixture.create("ci", as: admin.claim, request: request)
        let rolled = try fixture.roll(made.id, as: admin.claim)
        try fixture.expectRefusal(.conflict, naming: made.id) {
            try fixture.create("ci", as: admin.claim, request: request)
        }
        #expect(try fixture.outcome(rolled.secret) == .valid)
        try fixture.perform(RevokeToken(tokenID: made.id), as: admin.claim)
        try fixture.expectRefusal(.conflict, naming: made.id) {
            try fixture.create("ci", as: admin.claim, request: request)
        }
        #expect(try fixture.outcome(rolled.secret) == .revoked)
    }

    @Test func afterTheRevocationOfItsOwnTokenItIsAConflict() throws {
        let made = try fixture.create("ci", as: admin.claim, request: request)
        try fixture.perform(RevokeToken(tokenID: made.id), as: admin.claim)
        try fixture.expectRefusal(.conflict, naming: made.id) {
            try fixture.create("ci", as: admin.claim, request: request)
        }
        #expect(try fixture.outcome(made.secret) == .revoked)
    }

    @Test func theChecksAreMadeAgain() throws {
        let weak = try fixture.create("weak", as: admin.claim, scopes: "issues:read")
        try fixture.create("ci", as: admin.claim, scopes: "issues:write", request: request)
        try fixture.expectRefusal(.forbidden) {
            try fixture.create("ci", as: weak.claim, scopes: "issues:write", request: request)
        }
        try fixture.run("UPDATE principal SET role = 'read_only' WHERE id = 'ann'")
        try fixture.expectRefusal(.forbidden) {
            try fixture.create("ci", as: admin.claim, scopes: "issues:write", request: request)
        }
    }

    @Test func theSameIDOfAnotherCallerIsAnotherRequest() throws {
        let bob = try fixture.addMember("bob", role: "analyst")
        let other = try fixture.bootstrap(workspace: "ws_other")
        let tokens = try [admin.claim, bob, other.claim].map {
            try fixture.create("ci", as: $0, request: request)
        }
        #expect(Set(tokens.map(\.id)).count == 3)
        for token in tokens { #expect(try fixture.outcome(token.secret) == .valid) }
    }

    @Test func afterTenMinutesItIsAConflictAndAfterADayForgotten() throws {
        let made = try fixture.create("ci", as: admin.claim, request: request)
        fixture.clock.advance(seconds: 599)
        let again = try fixture.create("ci", as: admin.claim, request: request)
        // Ten minutes from the request, not from its last repetition.
        fixture.clock.advance(seconds: 2)
        try fixture.expectRefusal(.conflict, naming: made.id) {
            try fixture.create("ci", as: admin.claim, request: request)
        }
        fixture.clock.advance(seconds: 24 * 60 * 60 - 602)
        try fixture.expectRefusal(.conflict, naming: made.id) {
            try fixture.create("ci", as: admin.claim, request: request)
        }
        #expect(try fixture.outcome(again.secret) == .valid)
        fixture.clock.advance(seconds: 2)
        let anew = try fixture.create("new", as: admin.claim, request: request)
        #expect(anew.id != made.id)
    }

    @Test func whatIsForgottenGoesAFewRowsAtEachRequest() throws {
        for number in 10..<50 {
            try fixture.create("t\(number)", as: admin.claim, request: "7d444840-9dc0-11d1-b245-5ffdce74fa\(number)")
        }
        #expect(try fixture.count("request") == 40)
        fixture.clock.advance(seconds: 24 * 60 * 60 + 1)
        try fixture.create("last", as: admin.claim, request: request)
        #expect(try fixture.count("request") == 40 - 16 + 1)
    }

    @Test func aRefusedRequestIsNotRemembered() throws {
        let made = try fixture.create("ci", as: admin.claim)
        try fixture.expectRefusal(.conflict) { try fixture.create("ci", as: admin.claim, request: request) }
        try fixture.perform(RevokeToken(tokenID: made.id), as: admin.claim)
        try fixture.create("ci", as: admin.claim, request: request)
    }

    @Test(
        arguments: [
            ("7d444840-9dc0-11d1-b245-5ffdce74fad2", true), ("7D444840-9DC0-11D1-B245-5FFDCE74FAD2", true),
            ("", false), ("7d4448409dc011d1b2455ffdce74fad2", false), ("7d444840-9dc0-11d1-b245-5ffdce74fadg", false),
            ("{d444840-9dc0-11d1-b245-5ffdce74fad2", false), ("7d444840-9dc0-11d1-b245-5ffdce74fad22", false),
            ("7d444840-9dc0-11d1-b2455-ffdce74fad2", false), ("７d444840-9dc0-11d1-b245-5ffdce74fa", false),
        ]) func aRequestIDIsAUUID(text: String, isOne: Bool)
    {
        #expect((RequestID(text) != nil) == isOne)
    }
}
