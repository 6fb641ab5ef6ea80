import LinuxIO
import Testing
import TokenWire

extension ServerTests {
    @Suite("Mutations of valid frames")
    struct FuzzTests {
        /// xorshift64*: small, and the same on every machine.
        private struct Generator {
            var state: UInt64

            mutating func next(below bound: Int) -> Int {
                state ^= state >> 12
                state ^= state << 25
                state ^= state >> 27
                return Int((state &* 0x2545_f491_4f6c_dd1d) >> 33) % bound
            }
        }

        private func corpus(_ fixture: ServerFixture, _ id: UInt32) -> [[UInt8]] {
            let metadata = [KeyValue.bearer(fixture.admin)]
            return [
                Frames.request(id, .verify, VerifyRequest(token: fixture.admin, requiredScopes: ["issues:read"])),
                Frames.request(
                    id, .verifyBatch,
                    VerifyBatchRequest(requests: [VerifyRequest(token: fixture.admin), VerifyRequest()])),
                Frames.request(
                    id, .createToken,
                    CreateTokenRequest(
                        name: "fuzz-\(id)", scopes: ["issues:read"], expiresAt: Timestamp(seconds: 4_000_000_000),
                        requestID: "00000000-0000-4000-8000-000000000000"), metadata: metadata),
                Frames.request(
                    id, .listTokens, ListTokensRequest(pageSize: 3, pageToken: "AAAA", namePrefix: "b"),
                    metadata: metadata),
                Frames.request(
                    id, .listEvents,
                    ListEventsRequest(pageSize: 1, action: "token.*", startTime: Timestamp(seconds: 1)),
                    metadata: metadata),
                Frames.request(id, .whoAmI, EmptyMessage(), metadata: .delegated("ann", "ws_acme")),
                Frames.request(id, .revokeSelf, RevokeSelfRequest(token: Tokens.unknown), timeoutNanoseconds: 1 << 40),
                Frames.frame(id, .data, [1, 2, 3]), Frames.frame(id, .response, [1, 2, 3]),
                Frames.request(id, .bootstrap, BootstrapRequest(workspaceID: "ws_fuzz", userID: "x")),
            ]
        }

        private func mutate(_ bytes: [UInt8], _ random: inout Generator) -> [UInt8] {
            var bytes = bytes
            // Mostly inside the body, or hardly a frame would get past its header.
            let start = random.next(below: 4) == 0 ? 0 : min(FrameHeader.byteCount, bytes.count - 1)
            for _ in 0...random.next(below: 4) {
                let index = start + random.next(below: bytes.count - start)
                switch random.next(below: 6) {
                case 0: bytes[index] ^= 1 << random.next(below: 8)
                case 1: bytes[index] = UInt8(random.next(below: 256))
                case 2: bytes[index] = [0, 1, 0x7f, 0x80, 0xff][random.next(below: 5)]
                case 3: bytes.insert(contentsOf: bytes[index...].prefix(random.next(below: 16)), at: index)
                case 4 where bytes.count - index > 1: bytes.remove(at: index)
                default: bytes.swapAt(index, start + random.next(below: bytes.count - start))
                }
            }
            // Half of them with a length that fits, so that what follows is read as frames too.
            if random.next(below: 2) == 0 && bytes.count >= FrameHeader.byteCount {
                withUnsafeBytes(of: UInt32(bytes.count - FrameHeader.byteCount).bigEndian) { length in
                    for index in length.indices { bytes[index] = length[index] }
                }
            }
            return bytes
        }

        @Test func noneOfThemStopsTheServerOrChangesAnAnswerOfAnother() throws {
            let fixture = try ServerFixture()
            let seed = Randomness.word() | 1
            print("fuzz seed: \(seed)")
            var random = Generator(state: seed)
            let end = SystemClock.monotonicNanoseconds() + 2_000_000_000
            var caseCount = 0
            while SystemClock.monotonicNanoseconds() < end {
                let client = try RawClient(fixture.socketPath, timeoutSeconds: 2)
                var bytes: [UInt8] = []
                for id in Frames.ids(8) {
                    let frames = corpus(fixture, id)
                    bytes += mutate(frames[random.next(below: frames.count)], &random)
                    caseCount += 1
                }
                // The server may close before it has taken everything.
                try? client.send(bytes)
                client.endSending()
                do {
                    for reply in try client.receiveAll() { #expect(reply.type == .response) }
                } catch {
                    Issue.record("seed \(seed), case \(caseCount): \(error)")
                    break
                }
                if caseCount % 400 == 0 { try fixture.expectHealthy() }
            }
            try fixture.expectHealthy()
            print("fuzz cases: \(caseCount)")
        }
    }
}
