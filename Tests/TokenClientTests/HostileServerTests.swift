import Testing
import TokenWire

@testable import TokenClient

@Suite("Servers that break the protocol")
struct HostileServerTests {
    /// A server that sends bytes instead of an answer when it is asked about "bad".
    private static func server(
        _ place: Place, _ misbehave: @escaping @Sendable (FakeCall) -> Void
    ) throws -> FakeServer {
        try FakeServer(path: place.socketPath) { call in
            if call.presentedToken == "bad" { misbehave(call) } else { call.echo() }
        }
    }

    @Test(
        "an announced frame above the limit ends the connection; the next call makes another",
        arguments: [
            UInt32(4 << 20) + 1, 0x0100_0000, 0x8000_0000, .max,
        ])
    func oversizeFrame(_ byteCount: UInt32) async throws {
        let place = try Place()
        let server = try Self.server(place) { call in
            call.connection.send {
                $0.append(FrameHeader(byteCountOfBody: byteCount, streamID: call.stream, type: .response))
            }
        }
        let client = try place.client()
        let code = await thrownCode { () async throws(TokenError) in _ = try await client.verify("bad") }
        #expect(code == .protocolViolation)
        #expect(try await client.verify("good").isValid)
        #expect(server.connectionCount == 2)
        server.stop()
    }

    @Test(
        "an answer that can't be read fails its call alone",
        arguments: [
            [0x12, 0x05, 0x00],  // a payload longer than its frame
            [0x0a, 0x02, 0x08, 0xff],  // a status whose code has no end
            [0x12, 0x02, 0x12, 0x09],  // a response whose token id has no end
            [0x07],  // a wire type that there isn't
        ] as [[UInt8]])
    func unreadableAnswer(_ body: [UInt8]) async throws {
        let place = try Place()
        let server = try Self.server(place) { call in
            call.connection.send { bytes in
                let header = FrameHeader(
                    byteCountOfBody: UInt32(body.count), streamID: call.stream, type: .response)
                bytes.append(header)
                bytes.append(body.span)
            }
        }
        let client = try place.client()
        let code = await thrownCode { () async throws(TokenError) in _ = try await client.verify("bad") }
        #expect(code == .protocolViolation)
        #expect(try await client.verify("good").isValid)
        #expect(server.connectionCount == 1)
        server.stop()
    }

    @Test("frames of unknown types, for unknown streams and in any number are passed over")
    func strayFrames() async throws {
        let place = try Place()
        let server = try Self.server(place) { call in
            call.connection.send { bytes in
                for number in 0..<1000 {
                    bytes.appendAnswer(stream: 1_000_001 + UInt32(number))
                    bytes.append(
                        FrameHeader(byteCountOfBody: 0, streamID: call.stream, type: FrameType(rawValue: 200)))
                    bytes.append(FrameHeader(byteCountOfBody: 0, streamID: call.stream, type: .request))
                    bytes.appendDataEnd(stream: call.stream)
                }
            }
            call.echo()
        }
        let client = try place.client()
        #expect(try await client.verify("bad").tokenName == "bad")
        await onThreads { _ in #expect((try? client.verify("bad"))?.tokenName == "bad") }
        #expect(server.connectionCount == 1)
        server.stop()
    }

    @Test("an answer that trickles in byte by byte is one")
    func trickle() async throws {
        let place = try Place()
        let server = try Self.server(place) { call in
            var answer = WireBuffer()
            answer.appendAnswer(stream: call.stream)
            for index in 0..<answer.count {
                let byte = answer.span[index]
                call.connection.send { $0.append([byte].span) }
            }
        }
        let client = try place.client()
        #expect(try await client.verify("bad").isValid)
        server.stop()
    }

    @Test("a server that reads nothing stops no caller beyond its timeout, and loses nothing once it reads")
    func readsNothing() async throws {
        let place = try Place()
        let arrived = Collected<Void>()
        let gate = Collected<Void>()
        let server = try FakeServer(path: place.socketPath) { call in
            // Blocks this connection's reading, so that what comes behind fills the socket.
            if call.presentedToken == "bad" {
                arrived.add(())
                while gate.count == 0 { rest() }
            }
            call.echo()
        }
        let client = try place.client()
        let long = String(repeating: "l", count: 200_000)
        // Texts that fill the socket, of questions that are answered all the same.
        @Sendable func isAnswered() async -> Bool { (try? await client.verify("long", in: long).tokenName) == "long" }
        let answered = Collected<Bool>()
        await withTaskGroup { group in
            group.addTask { answered.add((try? await client.verify("bad").isValid) == true) }
            #expect(await eventually { arrived.count == 1 })
            for _ in 0..<12 {
                group.addTask { answered.add(await isAnswered()) }
            }
            group.addTask {
                await onThreads(2) { _ in answered.add((try? client.verify("long", in: long))?.tokenName == "long") }
            }
            let code = await thrownCode { () async throws(TokenError) in
                _ = try await client.verify("t", timeout: .milliseconds(200))
            }
            #expect(code == .deadlineExceeded)
            gate.add(())
        }
        #expect(answered.all == Array(repeating: true, count: 15))
        #expect(server.connectionCount == 1)
        server.stop()
    }

    @Test("a server that takes connections and drops them is not stormed")
    func dropsConnections() async throws {
        let place = try Place()
        let server = try FakeServer(path: place.socketPath) { $0.connection.cut() }
        let client = try place.client()
        let end = Moment.now.adding(.milliseconds(500))
        while Moment.now < end {
            _ = await thrownCode { () async throws(TokenError) in
                _ = try await client.verify("t", timeout: .milliseconds(100))
            }
        }
        #expect(server.connectionCount < 50)
        server.stop()
    }

    @Test("a server that never answers is left for another connection once no stream is left")
    func neverAnswers() async throws {
        let place = try Place()
        let held = Collected<FakeCall>()
        let server = try FakeServer(path: place.socketPath) { call in
            if call.presentedToken == "bad" { held.add(call) } else { call.echo() }
        }
        let client = try place.client { $0.streamCountMax = 3 }
        while held.count < 3 {
            _ = await thrownCode { () async throws(TokenError) in
                _ = try await client.verify("bad", timeout: .milliseconds(20))
            }
        }
        #expect(try await client.verify("good").isValid)
        #expect(server.connectionCount == 2)
        server.stop()
    }

    @Test("a request that would break the protocol is not sent")
    func largeRequest() async throws {
        let place = try Place()
        let server = try Self.server(place) { _ in }
        let client = try place.client()
        let large = String(repeating: "l", count: 256 << 10)
        let code = await thrownCode { () async throws(TokenError) in _ = try await client.verify("t", in: large) }
        #expect(code == .invalidArgument)
        #expect(try await client.verify("good").isValid)
        server.stop()
    }
}
