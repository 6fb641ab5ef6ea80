import Glibc
import Testing
import TokenWire

extension ServerTests {
    @Suite("Answers that are owed when a connection ends")
    struct OwedAnswerTests {
        @Test func aHalfClosedConnectionHasTheCallsAnsweredThatHeldItBack() throws {
            let fixture = try ServerFixture()
            var bytes: [UInt8] = []
            for id in Frames.ids(128) { bytes += Frames.request(id, .verify, VerifyRequest(token: fixture.admin)) }
            for id in Frames.ids(198).dropFirst(128) {
                bytes += Frames.request(
                    id, .createToken, CreateTokenRequest(name: "t\(id)", scopes: ["issues:read"]),
                    metadata: [.bearer(fixture.admin)])
            }
            let replies = try fixture.client().exchange(bytes)
            #expect(Set(replies.map(\.streamID)) == Set(Frames.ids(198)))
        }

        @Test func aConnectionThatIsClosedForAFaultHasItsCallsInFlightAnswered() throws {
            let fixture = try ServerFixture()
            let hold = fixture.holdWriter()
            let client = try fixture.client()
            var bytes = Frames.request(
                1, .createToken, CreateTokenRequest(name: "owed", scopes: ["issues:read"]),
                metadata: [.bearer(fixture.admin)])
            let oversized = FrameHeader(
                byteCountOfBody: UInt32(WireLimits.requestBodyByteCountMax + 1), streamID: 3, type: .request)
            var frame = WireBuffer(capacity: 64)
            frame.append(oversized)
            bytes += [UInt8](copying: frame.span)
            try client.send(bytes)
            #expect(try client.receive()?.streamID == 3)
            hold.release()
            let owed = try #require(try client.receive())
            #expect(owed.streamID == 1)
            #expect(owed.code == .ok)
        }
    }
}
