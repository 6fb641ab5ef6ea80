import Glibc
import LinuxIO
import Testing
import TokenWire

@testable import TokenServer

extension ServerTests {
    @Suite("Streams of events")
    struct TailTests {
        private let world: World

        init() throws {
            world = try World()
        }

        /// A connection with a stream on it.
        private final class Stream {
            let client: RawClient
            let id: UInt32

            init(_ client: RawClient, _ request: TailEventsRequest, _ metadata: [KeyValue], timeout: Int64 = 0) throws {
                self.client = client
                id = try client.begin(.tailEvents, request, metadata: metadata, timeoutNanoseconds: timeout)
            }

            /// The next frame: a message, the end of the stream, or a status.
            func next() throws -> (message: TailEventsResponse?, frame: (header: FrameHeader, body: [UInt8])) {
                guard let frame = try client.receiveFrame() else { throw ClientFailure(what: "the connection ended") }
                guard frame.header.type == .data, !frame.header.flags.contains(.noData) else { return (nil, frame) }
                return (try TailEventsResponse(copying: TailEventsResponse.View(frame.body.span)), frame)
            }

            func message() throws -> TailEventsResponse {
                guard let message = try next().message else { throw ClientFailure(what: "no message came") }
                return message
            }

            /// Messages up to the first that holds an event.
            func events() throws -> [AuditEvent] {
                while true {
                    let message = try message()
                    if !message.events.isEmpty { return message.events }
                }
            }

            func status() throws -> Status? {
                while true {
                    let (message, frame) = try next()
                    if message != nil { continue }
                    return try RawClient.reply(frame.header, frame.body).status
                }
            }
        }

        private func follow(
            _ request: TailEventsRequest = TailEventsRequest(), as name: String = "admin", timeout: Int64 = 0
        ) throws -> Stream {
            try Stream(world.fixture.client(), request, [.bearer(try world.secret(name))], timeout: timeout)
        }

        @Test func theFirstMessageComesAtOnceAndEventsAsTheyAreCommitted() throws {
            let stream = try follow()
            let first = try stream.message()
            #expect(first.events == [])
            #expect(first.lastSeq == (try world.headSequence()))
            for name in ["one", "two"] {
                try world.createToken(name, of: "bob", ["issues:read"])
                let events = try stream.events()
                #expect(events.map(\.action) == ["token.created"])
                #expect(events.first?.target == (try world.id(name)))
            }
        }

        @Test func aStreamGoesOnBehindANumberWithoutLossOrRepetition() throws {
            var seen: [UInt64] = []
            var last: UInt64 = 0
            for round in 0..<3 {
                for number in 0..<70 { try world.createToken("\(round)-\(number)", of: "bob", ["issues:read"]) }
                let head = try world.headSequence()
                let stream = try Stream(world.fixture.operatorClient(), TailEventsRequest(afterSeq: last), [])
                while last < head {
                    let message = try stream.message()
                    #expect(message.events.count <= 100)
                    seen += message.events.map(\.seq)
                    last = message.lastSeq
                }
            }
            #expect(seen == Array(1...last))
        }

        @Test func filtersAndTheCallersWorkspaceBoundWhatIsSent() throws {
            let request = TailEventsRequest(afterSeq: 0, action: "member.*")
            let events = try follow(request).events()
            #expect(events.map(\.action) == ["member.added", "member.added"])
            #expect(Set(events.map(\.workspaceID)) == ["ws_acme"])
            let ofOther = try follow(TailEventsRequest(afterSeq: 0), as: "eve").events()
            #expect(Set(ofOther.map(\.workspaceID)) == ["ws_other"])
            let ofHost = try Stream(world.fixture.operatorClient(), TailEventsRequest(afterSeq: 0), []).events()
            #expect(ofHost.first?.action == "store.created")
        }

        @Test func aNumberThatTheStoreNeverHadIsRefused() throws {
            let status = try follow(TailEventsRequest(afterSeq: 10_000)).status()
            #expect(status?.reason == .validationError)
            #expect(status?.badRequest?.fieldViolations.map(\.field) == ["after_seq"])
            #expect(try follow(as: "weak").status()?.reason == .forbidden)
        }

        @Test func theCallerIsJudgedBeforeEachMessage() throws {
            try world.createToken("reader", of: "ann", ["audit:read"])
            let stream = try follow(as: "reader")
            _ = try stream.message()
            _ = try world.call(.revokeToken, IDRequest(id: try world.id("reader")), .user("ann")).token()
            #expect(try stream.status()?.reason == .unauthorized)
            // The stream has ended, and the connection serves on.
            let reply = try stream.client.call(.verify, VerifyRequest(token: try world.secret("admin")))
            #expect(try reply.verified().outcome == .valid)
        }

        @Test func aStreamEndsWithItsCallersToken() throws {
            var timeouts = Timeouts()
            timeouts.tailSign = .milliseconds(50)
            let fixture = try ServerFixture(timeouts: timeouts)
            let expiresAt = Timestamp(microsecondsSince1970: SystemClock.realtimeMicroseconds() + 1_000_000)
            let made = try fixture.createToken("short", scopes: ["audit:read"], expiresAt: expiresAt)
            let stream = try Stream(fixture.client(), TailEventsRequest(), [.bearer(made.secret)])
            let start = SystemClock.monotonicNanoseconds()
            while try stream.next().message != nil {
                let elapsed = (SystemClock.monotonicNanoseconds() - start) / 1_000_000
                try #require(elapsed < 5_000, "the stream goes on")
            }
            let reply = try fixture.client().call(.whoAmI, EmptyMessage(), metadata: [.bearer(made.secret)])
            #expect(reply.status?.reason == .unauthorized)
        }

        @Test func aStreamEndsWithItsTime() throws {
            let stream = try follow(timeout: 150_000_000)
            let start = SystemClock.monotonicNanoseconds()
            #expect(try stream.status()?.reason == .deadlineExceeded)
            #expect((100..<1_000).contains((SystemClock.monotonicNanoseconds() - start) / 1_000_000))
        }

        @Test func anIdleStreamGivesSignsOfLife() throws {
            var timeouts = Timeouts()
            timeouts.tailSign = .milliseconds(50)
            let fixture = try ServerFixture(timeouts: timeouts)
            let stream = try Stream(fixture.client(), TailEventsRequest(), [.bearer(fixture.admin)])
            let start = SystemClock.monotonicNanoseconds()
            for _ in 0..<4 { #expect(try stream.message().events == []) }
            #expect((140..<1_500).contains((SystemClock.monotonicNanoseconds() - start) / 1_000_000))
        }

        @Test func aDrainEndsStreamsThatWentWell() throws {
            let stream = try follow()
            _ = try stream.message()
            world.fixture.server.drain()
            let (message, frame) = try stream.next()
            #expect(message == nil)
            #expect(frame.header.flags == [.remoteClosed, .noData])
            #expect(try stream.client.receiveFrame() == nil)
        }

        @Test func manyStreamsOfOneConnectionAndCallsBesideThemAreServed() throws {
            let client = try world.fixture.client()
            let metadata = [KeyValue.bearer(try world.secret("admin"))]
            var ids: Set<UInt32> = []
            for _ in 0..<63 { ids.insert(try client.begin(.tailEvents, TailEventsRequest(), metadata: metadata)) }
            var first: Set<UInt32> = []
            while first.count < 63 { first.insert(try #require(try client.receiveFrame()).header.streamID) }
            #expect(first == ids)
            try world.createToken("new", of: "bob", ["issues:read"])
            var second: Set<UInt32> = []
            while second.count < 63 { second.insert(try #require(try client.receiveFrame()).header.streamID) }
            #expect(second == ids)
            let reply = try client.call(.verify, VerifyRequest(token: try world.secret("admin")))
            #expect(try reply.verified().outcome == .valid)
        }

        @Test func aPeerThatDoesNotReadItsStreamHoldsUpNobody() throws {
            for number in 0..<300 { try world.createToken("\(number)", of: "bob", ["issues:read"]) }
            var stalled: [RawClient] = []
            for _ in 0..<20 {
                let client = try world.fixture.client()
                for _ in 0..<60 {
                    try client.begin(
                        .tailEvents, TailEventsRequest(afterSeq: 0),
                        metadata: [.bearer(try world.secret("admin"))])
                }
                stalled.append(client)
            }
            let stream = try follow()
            _ = try stream.message()
            let start = SystemClock.monotonicNanoseconds()
            try world.createToken("late", of: "bob", ["issues:read"])
            #expect(try stream.events().first?.target == (try world.id("late")))
            #expect((SystemClock.monotonicNanoseconds() - start) / 1_000_000 < 2_000)
            try world.fixture.expectHealthy()
            // None of them turns the loop round and round.
            let before = try ProcessFigures.processorMilliseconds(pid: getpid())
            usleep(500_000)
            #expect(try ProcessFigures.processorMilliseconds(pid: getpid()) - before < 250)
            // What they left unread is still there, in order.
            let frame = try #require(try stalled[0].receiveFrame())
            let message = try TailEventsResponse(copying: TailEventsResponse.View(frame.body.span))
            #expect(message.events.count == 100)
        }

        @Test func othersHaveTheirTurnWhileManyStreamsLookThroughTheEvents() throws {
            let writer = try world.fixture.client()
            for number in 0..<300 {
                try writer.begin(
                    .createToken, CreateTokenRequest(name: "\(number)", scopes: ["issues:read"]),
                    metadata: [.bearer(try world.secret("admin"))])
            }
            for _ in 0..<300 { #expect(try writer.receive()?.status == nil) }
            let client = try world.fixture.client()
            for _ in 0..<63 {
                try client.begin(
                    .tailEvents, TailEventsRequest(afterSeq: 0, action: "nothing"),
                    metadata: [.bearer(try world.secret("admin"))])
            }
            let messageByteCount = try #require(try client.receiveFrame()).body.count + FrameHeader.byteCount
            let other = try world.fixture.client()
            var answeredCount = 0
            // Each stream's first message is of one size.
            var unread = [UInt8](repeating: 0, count: 62 * messageByteCount)
            while Glibc.recv(client.descriptor, &unread, unread.count, Int32(MSG_PEEK) | Int32(MSG_DONTWAIT))
                < unread.count
            {
                let reply = try other.call(.verify, VerifyRequest(token: try world.secret("admin")))
                #expect(try reply.verified().outcome == .valid)
                answeredCount += 1
            }
            #expect(answeredCount > 5)
        }

        @Test func aStreamWhosePeerIsGoneIsForgotten() throws {
            let observer = try world.fixture.operatorClient()
            func connectionCount() throws -> UInt64 {
                try observer.call(.getStatus, EmptyMessage()).daemonStatus().connectionCount
            }
            let before = try connectionCount()
            var stream: Stream? = try follow()
            _ = try stream?.message()
            #expect(try connectionCount() == before + 1)
            stream?.client.close()
            stream = nil
            #expect(try eventually { try connectionCount() == before })
            // At once, and not when the peer is to hear the next sign of life.
            let inbox = try #require(world.fixture.server.inboxes.first)
            #expect(eventually(withinMilliseconds: 2_000) { !inbox.wantsCommits })
            try world.createToken("after", of: "bob", ["issues:read"])
            try world.fixture.expectHealthy()
        }
    }
}
