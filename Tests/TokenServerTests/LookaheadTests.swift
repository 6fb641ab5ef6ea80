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
    }
}
