import Glibc
import Testing
import TokenWire

extension ServerTests {
    @Suite("Frames that break the rules")
    struct FaultyFrameTests {
        private let fixture: ServerFixture

        init() throws {
            fixture = try ServerFixture.shared
        }

        private var verify: VerifyRequest { VerifyRequest(token: fixture.admin) }

        /// What the connection then answers, up to its end.
        private func replies(to bytes: [UInt8]) throws -> [Reply] {
            let client = try fixture.client()
            try client.send(bytes)
            client.endSending()
            return try client.receiveAll()
        }

        // MARK: Frames that are not whole

        @Test func aConnectionWithoutAByteIsClosedInSilence() throws {
            #expect(try replies(to: []).isEmpty)
            try fixture.expectHealthy()
        }

        @Test(arguments: [1, 4, 9]) func partOfAHeaderHasNoAnswer(_ byteCount: Int) throws {
            #expect(try replies(to: Array(Frames.request(1, .verify, verify).prefix(byteCount))).isEmpty)
            try fixture.expectHealthy()
        }

        @Test func partOfABodyHasNoAnswerAndNoEffect() throws {
            let fixture = try ServerFixture()
            let frame = Frames.request(
                1, .createToken, CreateTokenRequest(name: "half", scopes: ["issues:read"]),
                metadata: [.bearer(fixture.admin)])
            let client = try fixture.client()
            try client.send(Array(frame.dropLast()))
            client.endSending()
            #expect(try client.receiveAll().isEmpty)
            let list = try fixture.client().call(
                .listTokens, ListTokensRequest(), metadata: [.bearer(fixture.admin)])
            #expect(try list.tokens().tokens.map(\.name) == ["bootstrap"])
            try fixture.expectHealthy()
        }

        // MARK: Sizes

        @Test(arguments: [(256 << 10) + 1, 4 << 20, (4 << 20) + 1, 0x0100_0000, 0x8000_0000, 0xffff_ffff])
        func aRequestTooLargeIsRefusedByItsHeaderAloneAndTheConnectionEnds(_ byteCount: Int) throws {
            let client = try fixture.client()
            // No byte of the body is sent, and the sending end stays open: the answer can't wait for either.
            try client.send(Frames.header(7, byteCount))
            let reply = try #require(try client.receive())
            #expect(reply.streamID == 7)
            #expect(reply.code == .resourceExhausted)
            #expect(reply.status?.reason == .rateLimited)
            #expect(reply.status?.message.contains("a request has at most 262144 bytes") == true)
            #expect(try client.receive() == nil)
            try fixture.expectHealthy()
        }

        @Test(arguments: [FrameType.response, .data, FrameType(rawValue: 9)])
        func anotherFrameTooLargeIsToldTheLimitOfItsKind(_ type: FrameType) throws {
            let client = try fixture.client()
            try client.send(Frames.header(7, (4 << 20) + 1, type))
            let reply = try #require(try client.receive())
            #expect(reply.status?.message.contains("a frame has at most 4194304 bytes") == true)
            #expect(try client.receive() == nil)
        }

        @Test func aRequestOfExactlyTheLimitIsRead() throws {
            // An unknown field fills the body up.
            let call = RequestEnvelope(
                service: "tokend.v1.VerificationService", method: "Verify", payload: verify.encoded()
            ).encoded()
            let filling = WireLimits.requestBodyByteCountMax - call.count - 4
            let body =
                call + [
                    15 << 3 | 2, UInt8(filling & 0x7f | 0x80), UInt8(filling >> 7 & 0x7f | 0x80), UInt8(filling >> 14),
                ]
                + [UInt8](repeating: 0xff, count: filling)
            #expect(body.count == WireLimits.requestBodyByteCountMax)
            let client = try fixture.client()
            try client.send(Frames.frame(1, .request, body))
            #expect(try #require(try client.receive()).verified().outcome == .valid)
        }

        @Test func anEmptyRequestIsAnswered() throws {
            let client = try fixture.client()
            try client.send(Frames.frame(1, .request, []))
            #expect(try client.receive()?.code == .unimplemented)
            #expect(try client.call(.verify, verify).code == .invalidArgument, "the id is used up")
            #expect(try client.call(.verify, verify).verified().outcome == .valid)
        }

        // MARK: Stream ids

        @Test(arguments: [0, 2, 4] as [UInt32])
        func anEvenIdIsRefusedOnItselfAndTheConnectionLives(_ id: UInt32) throws {
            let client = try fixture.client()
            try client.send(Frames.request(id, .verify, verify))
            let reply = try #require(try client.receive())
            #expect(reply.streamID == id)
            #expect(reply.status?.reason == .validationError)
            #expect(try client.call(.verify, verify).verified().outcome == .valid)
        }

        @Test func anIdThatDoesNotRiseIsRefusedAndTheConnectionLives() throws {
            let client = try fixture.client()
            try client.send(Frames.request(9, .verify, verify))
            #expect(try #require(try client.receive()).verified().outcome == .valid)
            for id: UInt32 in [9, 7, 1] {
                try client.send(Frames.request(id, .verify, verify))
                #expect(try client.receive()?.status?.reason == .validationError)
            }
            try client.send(Frames.request(11, .verify, verify))
            #expect(try #require(try client.receive()).verified().outcome == .valid)
        }

        @Test func anIdInFlightClosesTheConnectionAndItsChangeStandsOnce() throws {
            let fixture = try ServerFixture()
            let hold = fixture.holdWriter()
            let client = try fixture.client()
            let create = Frames.request(
                1, .createToken, CreateTokenRequest(name: "once", scopes: ["issues:read"]),
                metadata: [.bearer(fixture.admin)])
            try client.send(create + create)
            let reply = try #require(try client.receive())
            #expect(reply.streamID == 1)
            #expect(reply.code == .invalidArgument)
            #expect(try client.receiveAll().isEmpty)
            hold.release()
            let list = try fixture.operatorClient()
            #expect(
                try eventually {
                    let events = try list.call(.listEvents, ListEventsRequest(action: "token.created")).events().events
                    return events.count == 2
                })
            let tokens = try fixture.client().call(
                .listTokens, ListTokensRequest(), metadata: [.bearer(fixture.admin)])
            #expect(try tokens.tokens().tokens.map(\.name) == ["once", "bootstrap"])
        }

        @Test func afterTheHighestIdEveryOtherIsRefused() throws {
            let client = try fixture.client()
            try client.send(Frames.request(.max, .verify, verify))
            #expect(try #require(try client.receive()).verified().outcome == .valid)
            try client.send(Frames.request(1, .verify, verify))
            #expect(try client.receive()?.code == .invalidArgument)
        }

        // MARK: Types and flags

        @Test(arguments: [0, 2, 4, 0x7f, 0xff] as [UInt8])
        func framesNotForUsAreSkippedUpToALimit(_ type: UInt8) throws {
            let client = try fixture.client()
            let ignored = Frames.frame(1, FrameType(rawValue: type), [1, 2, 3])
            for _ in 0..<WireLimits.ignoredFrameCountMax { try client.send(ignored) }
            #expect(try client.call(.verify, verify).verified().outcome == .valid)
            try client.send(ignored)
            #expect(try client.receiveAll().isEmpty)
            try fixture.expectHealthy()
        }

        @Test func theBodyOfASkippedFrameIsSkippedHoweverItArrives() throws {
            let client = try fixture.client()
            let large = [UInt8](repeating: 0x55, count: WireLimits.frameBodyByteCountMax)
            let frames =
                Frames.frame(1, FrameType(rawValue: 9), large) + Frames.request(1, .verify, verify)
                + Frames.frame(1, FrameType(rawValue: 9), []) + Frames.frame(1, FrameType(rawValue: 9), [7])
                + Frames.request(3, .verify, verify)
            let replies = try client.exchange(frames, replyCount: 2)
            #expect(replies.map(\.streamID) == [1, 3])
            #expect(try replies.allSatisfy { try $0.verified().outcome == .valid })
        }

        @Test func dataIsForNoStream() throws {
            let client = try fixture.client()
            for _ in 0..<WireLimits.ignoredFrameCountMax {
                try client.send(Frames.frame(5, .data, [1], flags: [.remoteClosed, .noData]))
                let reply = try #require(try client.receive())
                #expect(reply.streamID == 5)
                #expect(reply.code == .invalidArgument)
            }
            try client.send(Frames.frame(5, .data, []))
            #expect(try client.receiveAll().isEmpty)
        }

        @Test func aCallThatDataComesForHasOneAnswerAndTheConnectionEnds() throws {
            let fixture = try ServerFixture()
            let client = try fixture.client()
            let hold = fixture.holdWriter()
            try client.begin(
                .createToken, CreateTokenRequest(name: "once", scopes: ["issues:read"]),
                metadata: [.bearer(fixture.admin)])
            #expect(eventually { fixture.waitingChangeCount == 1 })
            try client.send(Frames.frame(1, .data, [1]))
            let reply = try #require(try client.receive())
            #expect(reply.streamID == 1)
            #expect(reply.code == .invalidArgument)
            hold.release()
            #expect(try client.receiveAll().isEmpty)
            // What was asked for before was done.
            let list = ListTokensRequest()
            let other = try fixture.client()
            #expect(
                try eventually {
                    try other.call(.listTokens, list, metadata: [.bearer(fixture.admin)]).tokens().tokens.count == 2
                })
        }

        @Test func aRequestThatAnnouncesMoreMessagesIsRefused() throws {
            let client = try fixture.client()
            var frame = Frames.request(1, .verify, verify)
            frame[9] = FrameFlags.remoteOpen.rawValue
            try client.send(frame)
            #expect(try client.receive()?.code == .invalidArgument)
        }

        @Test(arguments: [0x01, 0x08, 0x10, 0x20, 0x40, 0x80, 0xf9] as [UInt8])
        func otherFlagsChangeNothing(_ flags: UInt8) throws {
            let client = try fixture.client()
            var frame = Frames.request(1, .verify, verify)
            frame[9] = flags
            try client.send(frame)
            #expect(try #require(try client.receive()).verified().outcome == .valid)
        }

        // MARK: How bytes arrive

        /// Frames with every kind of answer that does not differ from time to time.
        private var mixture: [UInt8] {
            Frames.request(1, .verify, verify) + Frames.request(2, .verify, verify)
                + Frames.frame(3, FrameType(rawValue: 9), [1, 2, 3, 4, 5])
                + Frames.request(5, .verify, VerifyRequest(token: "nonsense"))
                + Frames.frame(7, .request, [0xff, 0xff])
                + Frames.request(9, .checkHealth, HealthCheckRequest()) + Frames.frame(11, .data, [1])
                + Frames.request(3, .verify, verify)
        }

        private func summary(_ replies: [Reply]) -> [String] {
            replies.map { "\($0.streamID) \($0.code.rawValue) \($0.status?.message ?? "") \($0.payload)" }
        }

        @Test func framesSplitAtEveryByteHaveTheSameAnswers() throws {
            let bytes = mixture
            let whole = summary(try replies(to: bytes))
            #expect(whole.count == 7)
            for split in 1..<bytes.count {
                let client = try fixture.client()
                try client.send(Array(bytes[..<split]))
                sched_yield()
                try client.send(Array(bytes[split...]))
                client.endSending()
                #expect(summary(try client.receiveAll()) == whole, "split before byte \(split)")
            }
        }

        @Test func framesSentByteByByteHaveTheSameAnswers() throws {
            let client = try fixture.client()
            for byte in mixture {
                try client.send([byte])
                usleep(50)
            }
            client.endSending()
            #expect(summary(try client.receiveAll()) == summary(try replies(to: mixture)))
        }

        @Test func veryManyMinimalFramesAtOnceAreAllAnswered() throws {
            var bytes: [UInt8] = []
            let count = Load.amount(100_000, debug: 20_000)
            for id in Frames.ids(count) { bytes += Frames.header(id, 0) }
            let replies = try fixture.client().exchangeBytes(bytes, replyCount: count)
            var ids: [UInt32] = []
            var areRight = true
            try Frames.forEach(in: replies) { header, body in
                ids.append(header.streamID)
                areRight = areRight && Frames.code(ofBody: body) == 12
            }
            #expect(areRight)
            #expect(ids == Frames.ids(count))
            try fixture.expectHealthy()
        }

        @Test func aHalfClosedConnectionGetsTheWholeAnswerThenItsEnd() throws {
            let hold = fixture.holdWriter()
            let client = try fixture.client()
            try client.begin(
                .createToken, CreateTokenRequest(name: "half", scopes: ["issues:read"]),
                metadata: [.bearer(fixture.admin)])
            client.endSending()
            usleep(20_000)
            hold.release()
            let replies = try client.receiveAll()
            #expect(try replies.first?.secretToken().token?.name == "half")
            #expect(replies.count == 1)
        }

        @Test func aHalfClosedConnectionHasAllItSentAnswered() throws {
            let count: UInt32 = 3_000
            var bytes: [UInt8] = []
            for number in 0..<count { bytes += Frames.request(number * 2 + 1, .verify, verify) }
            let replies = try fixture.client().exchange(bytes)
            #expect(replies.map(\.streamID) == Frames.ids(Int(count)))
        }

        @Test func aPeerThatLeavesWhileItsChangeIsMadeHasItMadeOnce() throws {
            let fixture = try ServerFixture()
            let hold = fixture.holdWriter()
            for name in ["left", "right"] {
                let client = try fixture.client()
                try client.begin(
                    .createToken, CreateTokenRequest(name: name, scopes: ["issues:read"]),
                    metadata: [.bearer(fixture.admin)])
                usleep(20_000)
                client.close()
            }
            hold.release()
            let client = try fixture.client()
            #expect(
                try eventually {
                    try client.call(.listTokens, ListTokensRequest(), metadata: [.bearer(fixture.admin)]).tokens()
                        .totalSize == 3
                })
            try fixture.expectHealthy()
        }

        @Test func aPeerThatLeavesItsAnswersUnreadDisturbsNobody() throws {
            for _ in 0..<50 {
                let client = try fixture.client()
                for _ in 0..<20 { try client.begin(.verify, verify) }
                client.close()
            }
            try fixture.expectHealthy()
        }

        @Test func manyCreatesOnOneConnectionAreAnsweredOnTheirOwnIds() throws {
            let client = try fixture.client()
            var names: [UInt32: String] = [:]
            for number in 0..<64 {
                let name = "token-\(number)"
                let id = try client.begin(
                    .createToken, CreateTokenRequest(name: name, scopes: ["issues:read"]),
                    metadata: [.bearer(fixture.admin)])
                names[id] = name
                // Between them calls that overtake.
                if number % 8 == 0 { names[try client.begin(.verify, verify)] = "" }
            }
            for _ in 0..<names.count {
                let reply = try #require(try client.receive())
                let found = names.removeValue(forKey: reply.streamID)
                let name = try #require(found, "answered twice")
                if name.isEmpty {
                    #expect(try reply.verified().outcome == .valid)
                } else {
                    #expect(try reply.secretToken().token?.name == name)
                }
            }
            #expect(names.isEmpty)
        }
    }
}
