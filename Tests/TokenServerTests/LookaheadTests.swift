import Glibc
import Testing
import TokenWire

@testable import TokenServer

extension ServerTests {
    @Suite("Looking ahead at frames that came together")
    struct LookaheadTests {
        /// What is looked up ahead for the frames of one read is of that frame and no other, whatever lies between them.
        @Test func framesThatComeTogetherAreAnsweredEachForItsOwnToken() throws {
            let fixture = try ServerFixture()
            let tokens = try (0..<8).map { number in
                let made = try fixture.createToken("token-\(number)")
                return (id: try #require(made.token).id, secret: made.secret)
            }
            let client = try fixture.client()
            var generator = SystemRandomNumberGenerator()
            var nextID: UInt32 = 1
            for _ in 0..<20 {
                var bytes: [UInt8] = []
                var expected: [(id: UInt32, outcome: VerifyOutcome?, tokenID: String)] = []
                for _ in 0..<100 {
                    let token = tokens[Int.random(in: 0..<tokens.count, using: &generator)]
                    switch Int.random(in: 0..<8, using: &generator) {
                    case 0:
                        bytes += Frames.request(nextID, .verify, VerifyRequest(token: Tokens.unknown))
                        expected.append((nextID, .unknown, ""))
                    case 1:
                        bytes += Frames.request(nextID, .verify, VerifyRequest(token: "x" + token.secret))
                        expected.append((nextID, .malformed, ""))
                    case 2:
                        bytes += Frames.request(nextID, .checkHealth, HealthCheckRequest())
                        expected.append((nextID, nil, ""))
                    default:
                        bytes += Frames.request(nextID, .verify, VerifyRequest(token: token.secret))
                        expected.append((nextID, .valid, token.id))
                    }
                    nextID += 2
                }
                let replies = try client.exchange(bytes, replyCount: expected.count)
                for (reply, expected) in zip(replies, expected) {
                    #expect(reply.streamID == expected.id)
                    guard let outcome = expected.outcome else { continue }
                    let answer = try reply.verified()
                    #expect(answer.outcome == outcome)
                    #expect(answer.tokenID == expected.tokenID)
                }
            }
        }

        /// Connections that are ready at once are read in pairs: each has the answers to its own requests, whatever the ones
        /// beside it do.
        @Test func connectionsThatAreReadyAtOnceAreAnsweredEachForItself() throws {
            let daemon = try DaemonProcess(DaemonProcess.Place())
            let admin = try daemon.bootstrap()
            let clients = try (0..<60).map { _ in try RawClient(daemon.place.socketPath) }
            let known = Frames.request(1, .verify, VerifyRequest(token: admin))
            for client in clients { #expect(try client.exchange(known, replyCount: 1)[0].verified().outcome == .valid) }
            daemon.kill(SIGSTOP)
            for (number, client) in clients.enumerated() {
                try client.send(Self.requests(of: number, admin))
                if number % 6 == 4 { client.endSending() }
            }
            daemon.kill(SIGCONT)
            for (number, client) in clients.enumerated() {
                if number % 6 == 3 { try client.send([UInt8](Self.verify(3, admin).dropFirst(30))) }
                let expected: [(id: UInt32, outcome: VerifyOutcome)] =
                    switch number % 6 {
                    case 0, 3, 4: [(3, .valid)]
                    case 1: [(3, .unknown), (5, .valid)]
                    case 2: [(7, .malformed)]
                    default: [(9, .valid)]
                    }
                let replies = try client.exchange([], replyCount: expected.count)
                #expect(replies.map(\.streamID) == expected.map(\.id))
                let outcomes = try replies.map { try $0.verified().outcome }
                #expect(outcomes == expected.map(\.outcome))
            }
        }

        private static func verify(_ id: UInt32, _ token: String) -> [UInt8] {
            Frames.request(id, .verify, VerifyRequest(token: token))
        }

        /// One request, two, one that is no token's, a part of one, one with the end behind it, and one on a later stream.
        private static func requests(of number: Int, _ token: String) -> [UInt8] {
            switch number % 6 {
            case 0, 4: verify(3, token)
            case 1: verify(3, Tokens.unknown) + verify(5, token)
            case 2: verify(7, "x" + token)
            case 3: [UInt8](verify(3, token).prefix(30))
            default: verify(9, token)
            }
        }
    }
}
