import Glibc
import Testing
import TokenWire

@testable import TokenServer

extension ServerTests {
    @Suite("Who has a turn first")
    struct OrderOfTurnsTests {
        private let fixture: ServerFixture

        init() throws {
            fixture = try ServerFixture()
        }

        private func answeredCount(_ clients: [RawClient]) -> Int {
            clients.count { client in
                var byte: UInt8 = 0
                return Glibc.recv(client.descriptor, &byte, 1, Int32(MSG_PEEK) | Int32(MSG_DONTWAIT)) == 1
            }
        }

        @Test func aVerificationGoesBeforeLongerCallsThatCameBeforeIt() throws {
            // Were it the last, it would be that each time; when it is the first, we may look too late.
            #expect(try (0..<4).contains { _ in try verificationIsAmongTheFirst() })
        }

        private func verificationIsAmongTheFirst() throws -> Bool {
            let callers = try (0..<60).map { _ in try fixture.client() }
            let verifier = try fixture.client()
            for client in callers + [verifier] { _ = try client.call(.checkHealth, EmptyMessage()) }
            try fixture.whileTheLoopIsHeld {
                for client in callers {
                    try client.begin(.listTokens, EmptyMessage(), metadata: [.bearer(fixture.admin)])
                }
                try verifier.begin(.verify, VerifyRequest(token: fixture.admin))
            }
            #expect(try verifier.receive()?.verified().outcome == .valid)
            // Some more had their turn before we looked.
            let isAmongTheFirst = answeredCount(callers) < 40
            for client in callers { #expect(try client.receive()?.status == nil) }
            return isAmongTheFirst
        }

        @Test func aDeadlineCountsForAVerificationThatWaitsBehindOtherCalls() throws {
            let client = try fixture.client()
            #expect(try client.call(.verify, VerifyRequest(token: fixture.admin)).verified().outcome == .valid)
            var bytes: [UInt8] = []
            // Each takes a turn of the loop.
            for id in Frames.ids(60).dropFirst() {
                bytes += Frames.request(id, .listTokens, EmptyMessage(), metadata: [.bearer(fixture.admin)])
            }
            bytes += Frames.request(
                201, .verify, VerifyRequest(token: fixture.admin), timeoutNanoseconds: 1_000_000)
            bytes += Frames.request(
                203, .verify, VerifyRequest(token: fixture.admin), timeoutNanoseconds: 60_000_000_000)
            try client.send(bytes)
            for _ in 0..<59 { #expect(try client.receive()?.status == nil) }
            #expect(try client.receive()?.status?.reason == .deadlineExceeded)
            #expect(try client.receive()?.verified().outcome == .valid)
        }

        @Test func aDeadlineCountsWhileACallWaitsForItsTurn() throws {
            let callers = try (0..<60).map { _ in try fixture.client() }
            let last = try fixture.client()
            for client in callers + [last] { _ = try client.call(.checkHealth, EmptyMessage()) }
            try fixture.whileTheLoopIsHeld {
                for client in callers {
                    try client.begin(.listTokens, EmptyMessage(), metadata: [.bearer(fixture.admin)])
                }
                // The others take longer than that, and come first.
                try last.begin(
                    .listTokens, EmptyMessage(), metadata: [.bearer(fixture.admin)], timeoutNanoseconds: 200_000)
            }
            #expect(try last.receive()?.status?.reason == .deadlineExceeded)
            for client in callers { #expect(try client.receive()?.status == nil) }
        }

        @Test func aCallThatCameAfterAFullConnectionHasWaitedForNothing() throws {
            let client = try fixture.client()
            let hold = fixture.holdWriter()
            let bearer = [KeyValue.bearer(fixture.admin)]
            // More than one turn of them, and the last one fills the connection.
            var bytes: [UInt8] = []
            for id in Frames.ids(WireLimits.streamCountMax) {
                bytes += Frames.request(
                    id, .createToken, CreateTokenRequest(name: "t\(id)", scopes: ["issues:read"]), metadata: bearer)
            }
            try client.send(bytes)
            #expect(eventually { fixture.waitingChangeCount >= WireLimits.streamCountMax })
            hold.release()
            for _ in 0..<WireLimits.streamCountMax { #expect(try client.receive()?.status == nil) }
            usleep(150_000)
            try client.send(
                Frames.request(
                    1_001, .listTokens, EmptyMessage(), metadata: bearer, timeoutNanoseconds: 100_000_000))
            #expect(try client.receive()?.code == .ok)
        }

        @Test func answersOfManyChangesReachAllThatWait() throws {
            let clients = try (0..<50).map { _ in try fixture.client() }
            for round in 0..<3 {
                try fixture.whileTheLoopIsHeld {
                    for (number, client) in clients.enumerated() {
                        for part in 0..<3 {
                            let name = "\(round) \(number) \(part)"
                            try client.begin(
                                .createToken, CreateTokenRequest(name: name, scopes: ["issues:read"]),
                                metadata: [.bearer(fixture.admin)])
                        }
                    }
                }
                for client in clients {
                    for _ in 0..<3 { #expect(try client.receive()?.status == nil) }
                }
            }
        }
    }
}
