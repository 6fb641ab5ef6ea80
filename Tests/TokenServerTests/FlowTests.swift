import Glibc
import LinuxIO
import Testing
import TokenServer
import TokenWire

extension ServerTests {
    @Suite("Peers that are slow, greedy or many")
    struct FlowTests {
        private func verify(_ fixture: ServerFixture) -> VerifyRequest { VerifyRequest(token: fixture.admin) }

        private func timeouts(_ change: (inout Timeouts) -> Void) -> Timeouts {
            var timeouts = Timeouts()
            change(&timeouts)
            return timeouts
        }

        /// How long until the server ends the connection.
        private func millisecondsUntilClosed(_ client: RawClient) throws -> Int64 {
            let start = SystemClock.monotonicNanoseconds()
            _ = try client.receiveAll()
            return (SystemClock.monotonicNanoseconds() - start) / 1_000_000
        }

        // MARK: Deadlines

        @Test func theFirstFrameMustComeInTime() throws {
            let fixture = try ServerFixture(timeouts: timeouts { $0.firstFrame = .milliseconds(300) })
            let silent = try fixture.client()
            let slow = try fixture.client()
            try slow.send([0, 0])
            let proven = try fixture.client()
            _ = try proven.call(.verify, verify(fixture))
            #expect((250...2_000).contains(try millisecondsUntilClosed(silent)))
            #expect(try slow.receiveAll().isEmpty)
            // Once it has sent a frame a connection may rest as long as it likes.
            usleep(400_000)
            #expect(try proven.call(.verify, verify(fixture)).verified().outcome == .valid)
        }

        @Test func aFrameMustBeWholeInTimeHoweverItTrickles() throws {
            let fixture = try ServerFixture(timeouts: timeouts { $0.frame = .milliseconds(300) })
            let client = try fixture.client()
            _ = try client.call(.verify, verify(fixture))
            let start = SystemClock.monotonicNanoseconds()
            var sentCount = 0
            for byte in Frames.request(3, .verify, verify(fixture)) {
                if (try? client.send([byte])) == nil { break }
                sentCount += 1
                usleep(50_000)
            }
            let milliseconds = (SystemClock.monotonicNanoseconds() - start) / 1_000_000
            #expect((250...2_000).contains(milliseconds))
            #expect(sentCount < 40)
            try fixture.expectHealthy()
        }

        @Test func theBodyOfASkippedFrameMustComeInTimeToo() throws {
            let fixture = try ServerFixture(timeouts: timeouts { $0.frame = .milliseconds(300) })
            let client = try fixture.client()
            _ = try client.call(.verify, verify(fixture))
            try client.send(Frames.header(1, 1_000, FrameType(rawValue: 9)) + [1])
            #expect((250...2_000).contains(try millisecondsUntilClosed(client)))
            // One that came whole leaves no deadline behind.
            let good = try fixture.client()
            try good.send(Frames.header(1, 1_000, FrameType(rawValue: 9)) + [1])
            usleep(30_000)
            try good.send([UInt8](repeating: 1, count: 999))
            usleep(700_000)
            #expect(try good.call(.verify, verify(fixture)).verified().outcome == .valid)
        }

        @Test func fiveHundredSlowPeersDelayNobody() throws {
            let fixture = try ServerFixture(timeouts: timeouts { $0.firstFrame = .milliseconds(1_500) })
            var peers: [RawClient] = []
            for _ in 0..<500 {
                let peer = try fixture.client()
                try peer.send([0])
                peers.append(peer)
            }
            for _ in 0..<5 {
                for peer in peers { _ = peer.sendWithoutWaiting([0]) }
                try fixture.expectHealthy()
            }
            for peer in peers { #expect(try peer.receiveAll().isEmpty) }
            try fixture.expectHealthy()
        }

        // MARK: Peers that don't read

        /// Sends verifications without reading until the socket takes no more for a while; returns how many bytes went.
        private func stuff(_ client: RawClient, _ fixture: ServerFixture, byteCountMax: Int = 64 << 20) -> Int {
            var sentCount = 0
            var id: UInt32 = 1
            var pending: ArraySlice<UInt8> = []
            var idleCount = 0
            while sentCount < byteCountMax && idleCount < 50 {
                if pending.isEmpty {
                    var batch: [UInt8] = []
                    for _ in 0..<200 {
                        batch += Frames.request(id, .verify, verify(fixture))
                        id += 2
                    }
                    pending = batch[...]
                }
                let count = client.sendWithoutWaiting(pending)
                pending = pending.dropFirst(count)
                sentCount += count
                idleCount = count > 0 ? 0 : idleCount + 1
                if count == 0 { usleep(2_000) }
            }
            return sentCount
        }

        @Test func aPeerThatNeverReadsIsReadNoMoreAndThenCut() throws {
            let fixture = try ServerFixture(timeouts: timeouts { $0.writeStall = .milliseconds(1_000) })
            let client = try fixture.client()
            let byteCount = stuff(client, fixture)
            // The kernel's buffers both ways, and the replies that wait: reading stopped long before the end.
            #expect(byteCount < 4 << 20)
            try fixture.expectHealthy()
            #expect(
                try eventually {
                    try fixture.operatorClient().call(.getStatus, EmptyMessage()).daemonStatus().connectionCount == 1
                })
        }

        @Test func aPeerThatGoesOnAskingAndReadsNothingIsCutAllTheSame() throws {
            let fixture = try ServerFixture(timeouts: timeouts { $0.writeStall = .milliseconds(600) })
            let client = try fixture.client()
            // Fill the kernel's buffer with replies, so that a few wait in the server, far below its limit.
            var bytes: [UInt8] = []
            for id in Frames.ids(14_000) { bytes += Frames.request(id, .verify, VerifyRequest(token: "x")) }
            try client.send(bytes)
            // Each further reply comes well before the deadline that the first waiting one set.
            let start = SystemClock.monotonicNanoseconds()
            while SystemClock.monotonicNanoseconds() - start < 5_000_000_000 {
                if (try? client.send(Frames.request(1, .verify, VerifyRequest(token: "x")))) == nil { break }
                usleep(100_000)
            }
            #expect(SystemClock.monotonicNanoseconds() - start < 3_000_000_000)
        }

        @Test func aPeerThatReadsNoAnswerOfTheWriterIsCut() throws {
            let fixture = try ServerFixture(timeouts: timeouts { $0.writeStall = .milliseconds(600) })
            let client = try fixture.client()
            // Once it has sent a frame there is no deadline, and the server sleeps until something comes.
            _ = try client.call(.verify, verify(fixture))
            usleep(600_000)
            // Every reply is one of the writer's, which come in no turn of the connection's own. The last request waits
            // for its answer, so that nothing more comes from the peer either.
            var bytes: [UInt8] = []
            for id in Frames.ids(3_000).dropFirst() {
                bytes += Frames.request(id, .revokeSelf, RevokeSelfRequest(token: Tokens.unknown))
            }
            var rest = bytes[...]
            for _ in 0..<200 where !rest.isEmpty {
                rest = rest.dropFirst(client.sendWithoutWaiting(rest))
                usleep(1_000)
            }
            // Nothing else goes on meanwhile that would make the server look at its deadlines.
            var poll = pollfd(fd: client.descriptor, events: 0, revents: 0)
            #expect(Glibc.poll(&poll, 1, 3_000) == 1)
            #expect(poll.revents & Int16(POLLHUP) != 0)
        }

        @Test func manyPeersThatNeverReadDelayNobodyAndHoldLittle() throws {
            let fixture = try ServerFixture()
            let before = try ProcessFigures.residentKibibytes()
            var peers: [RawClient] = []
            let peerCount = Load.amount(100, debug: 10)
            var bytes: [UInt8] = []
            for id in Frames.ids(1_000) { bytes += Frames.request(id, .verify, verify(fixture)) }
            for _ in 0..<peerCount {
                let peer = try fixture.client()
                _ = peer.sendWithoutWaiting(bytes[...])
                peers.append(peer)
            }
            try fixture.expectHealthy()
            let after = try ProcessFigures.residentKibibytes()
            // 256 KiB of replies and one read each, twice over for how buffers grow.
            #expect(after - before < peerCount * 2 * (256 + 64 + 64))
        }

        @Test func aPeerThatReadsLateGetsEveryAnswer() throws {
            let fixture = try ServerFixture()
            let client = try fixture.client()
            var bytes: [UInt8] = []
            for id in Frames.ids(6_000) { bytes += Frames.request(id, .verify, verify(fixture)) }
            var rest = bytes[...]
            for _ in 0..<100 {
                rest = rest.dropFirst(client.sendWithoutWaiting(rest))
                usleep(1_000)
            }
            #expect(!rest.isEmpty, "the server took everything from a peer that reads nothing")
            let replies = try client.exchangeBytes(Array(rest), replyCount: 6_000)
            #expect(try Frames.idsOfEqualReplies(replies)?.ids == Frames.ids(6_000))
        }

        // MARK: Many calls, many connections

        @Test func pipelinedVerificationsAreAllAnsweredInOrder() throws {
            let fixture = try ServerFixture()
            let count = Load.amount(100_000, debug: 10_000)
            var bytes: [UInt8] = []
            let good = RequestEnvelope(
                service: "tokend.v1.VerificationService", method: "Verify", payload: verify(fixture).encoded())
            let body = good.encoded()
            for id in Frames.ids(count) { bytes += Frames.frame(id, .request, body) }
            let bytesOfReplies = try fixture.client().exchangeBytes(bytes, replyCount: count)
            let replies = try #require(try Frames.idsOfEqualReplies(bytesOfReplies))
            let header = FrameHeader(byteCountOfBody: 0, streamID: 1, type: .response)
            #expect(try RawClient.reply(header, replies.body).verified().outcome == .valid)
            #expect(replies.ids == Frames.ids(count))
        }

        /// A thread that keeps a connection flooded until it is told to stop.
        private func flood(_ fixture: ServerFixture, with frame: @escaping @Sendable (UInt32) -> [UInt8]) throws
            -> Flood
        {
            try Flood(path: fixture.socketPath, frame: frame)
        }

        @Test(arguments: [true, false])
        func aFloodOfShortCallsStarvesNobody(_ isMinimal: Bool) throws {
            let fixture = try ServerFixture()
            let request = verify(fixture)
            let floods = try (0..<Load.amount(4, debug: 1)).map { _ in
                try flood(fixture) { isMinimal ? Frames.header($0, 0) : Frames.request($0, .verify, request) }
            }
            usleep(50_000)
            for _ in 0..<5 { try fixture.expectHealthy() }
            for flood in floods { flood.stop() }
        }

        @Test func aFloodOfListsStarvesNobody() throws {
            let fixture = try ServerFixture()
            let hold = fixture.holdWriter()
            let creator = try fixture.client()
            let names = (0..<60).map { "token-\($0)" }
            for name in names {
                try creator.begin(
                    .createToken, CreateTokenRequest(name: name, scopes: ["issues:read"]),
                    metadata: [.bearer(fixture.admin)])
            }
            hold.release()
            for _ in names { _ = try creator.receive() }
            let admin = fixture.admin
            let floods = try (0..<2).map { _ in
                try flood(fixture) {
                    Frames.request($0, .listEvents, ListEventsRequest(pageSize: 100), metadata: [.bearer(admin)])
                }
            }
            usleep(50_000)
            for _ in 0..<5 { try fixture.expectHealthy() }
            for flood in floods { flood.stop() }
        }

        @Test func theSixtyFifthCallIsTakenWhenAnotherHasEnded() throws {
            let fixture = try ServerFixture()
            let hold = fixture.holdWriter()
            let client = try fixture.client()
            for number in 0..<65 {
                try client.begin(
                    .createToken, CreateTokenRequest(name: "token-\(number)", scopes: ["issues:read"]),
                    metadata: [.bearer(fixture.admin)])
            }
            let last = try client.begin(.verify, verify(fixture))
            #expect(eventually { fixture.waitingChangeCount == 64 })
            usleep(50_000)
            #expect(fixture.waitingChangeCount == 64)
            hold.release()
            var ids: [UInt32] = []
            for _ in 0..<66 { ids.append(try #require(try client.receive()).streamID) }
            #expect(Set(ids).count == 66)
            // The verification needs no writer, and yet two calls had to end first: for the one before it, and for itself.
            #expect((ids.firstIndex(of: last) ?? 0) >= 2)
        }

        @Test func aConnectionTooManyOfOneUserIsClosed() throws {
            let fixture = try ServerFixture()
            var clients: [RawClient] = []
            let kept = WireLimits.operatorConnectionCountKept
            for _ in kept..<WireLimits.connectionCountPerUIDMax { clients.append(try fixture.client()) }
            #expect(try clients.last?.call(.verify, verify(fixture)).verified().outcome == .valid)
            let surplus = try fixture.client()
            #expect(try surplus.receiveAll().isEmpty)
            // Nobody so keeps root from the operator's socket, who may be root in a container.
            let operators = try (0..<kept).map { _ in try fixture.operatorClient() }
            for client in operators { #expect(try client.call(.checkHealth, EmptyMessage()).status == nil) }
            // Both together are as many as a uid may have.
            #expect(try fixture.operatorClient().receiveAll().isEmpty)
            clients.removeLast()
            #expect(eventually { (try? fixture.client().call(.verify, verify(fixture)).verified().outcome) == .valid })
        }

        @Test func manyConnectionsWith64CallsInFlightEachAreAllAnswered() throws {
            let fixture = try ServerFixture()
            Privileges.raiseOpenFileLimit()
            let connectionCount = Load.amount(900, debug: 300)
            let leaked = try fixture.createToken("leaked").secret
            let hold = fixture.holdWriter()
            var clients: [RawClient] = []
            let calls = Frames.ids(WireLimits.streamCountMax).reduce(into: [UInt8]()) { bytes, id in
                bytes += Frames.request(id, .revokeSelf, RevokeSelfRequest(token: leaked))
            }
            for _ in 0..<connectionCount {
                let client = try fixture.client()
                try client.send(calls)
                clients.append(client)
            }
            let inFlightCount = connectionCount * WireLimits.streamCountMax
            #expect(eventually(withinMilliseconds: 20_000) { fixture.waitingChangeCount == inFlightCount })
            // Everything waits for the writer, and still others are answered.
            try fixture.expectHealthy()
            hold.release()
            var areRight = true
            for client in clients {
                let replies = try client.exchangeBytes([])
                var ids: [UInt32] = []
                try Frames.forEach(in: replies) { header, body in
                    ids.append(header.streamID)
                    areRight = areRight && Frames.code(ofBody: body) == 0
                }
                areRight = areRight && ids == Frames.ids(WireLimits.streamCountMax)
            }
            #expect(areRight, "each call went well, on its own stream, in order")
            try fixture.expectHealthy()
        }
    }
}

/// Keeps one connection full of requests, and reads what comes.
final class Flood: @unchecked Sendable {
    // The thread reads `isStopped` and the test writes it once; `thread` is touched by the test alone.
    private let client: RawClient
    private let isStopped = Semaphore()
    private let hasEnded = Semaphore()

    init(path: String, frame: @escaping @Sendable (UInt32) -> [UInt8]) throws {
        client = try RawClient(path)
        let thread = try PosixThread(name: "flood") { [self] in
            var id: UInt32 = 1
            var pending: ArraySlice<UInt8> = []
            var chunk = [UInt8](repeating: 0, count: 256 << 10)
            while !isStopped.tryWait() {
                if pending.isEmpty {
                    var batch: [UInt8] = []
                    for _ in 0..<500 {
                        batch += frame(id)
                        id += 2
                    }
                    pending = batch[...]
                }
                pending = pending.dropFirst(client.sendWithoutWaiting(pending))
                var poll = pollfd(fd: client.descriptor, events: Int16(POLLIN | POLLOUT), revents: 0)
                _ = Glibc.poll(&poll, 1, 10)
                let raw = client.descriptor
                _ = chunk.withUnsafeMutableBytes { recv(raw, $0.baseAddress, $0.count, Int32(MSG_DONTWAIT)) }
            }
            hasEnded.signal()
        }
        _ = consume thread
    }

    func stop() {
        isStopped.signal()
        hasEnded.wait()
        client.close()
    }
}
