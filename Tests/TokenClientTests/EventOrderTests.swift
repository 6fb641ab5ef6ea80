import Testing
import TokenWire

@testable import TokenClient

@Suite("Servers of events that break the protocol")
struct EventOrderTests {
    private let place: Place
    private let stream: EventStream

    init() throws {
        place = try Place()
        stream = try place.client().tailEvents(after: 2)
    }

    @Test(
        "events out of order are refused with all of their message; what came before stays",
        arguments: [
            ([5, 4], 5), ([4, 4], 4), ([3], 3), ([4, 6], 5), ([], 2),
        ] as [([UInt64], UInt64)])
    func outOfOrder(_ sequences: [UInt64], _ last: UInt64) async throws {
        let events = sequences.map { TokenWire.AuditEvent(seq: $0) }
        let server = try TailServer(
            place,
            { following in
                following.call.connection.send { bytes in
                    let good = TailEventsResponse(events: [.init(seq: 3)], lastSeq: 3)
                    try bytes.appendData(stream: 1, payload: good)
                    try bytes.appendData(stream: 1, payload: TailEventsResponse(events: events, lastSeq: last))
                }
            }, { $0.send(4) })
        let stream = stream
        await onThreads { _ in
            var events = stream.makeIterator()
            #expect((try? events.sequences(1)) == [3])
            let failure = events.failure()
            #expect(failure?.code == .protocolViolation)
            #expect(failure?.message.contains("out of order, behind number 3") == true)
            #expect(events.lastSequence == 3)
            #expect((try? events.sequences(1)) == [4])
        }
        #expect(server.starts.all == [2, 3])
        server.server.stop()
    }

    @Test("events that came with a refusal are returned before it") func refusedAfterEvents() async throws {
        let server = try TailServer(place) { following in
            following.call.connection.send { bytes in
                let message = TailEventsResponse(events: [.init(seq: 3), .init(seq: 4)], lastSeq: 9)
                try bytes.appendData(stream: 1, payload: message)
                bytes.appendResponse(stream: 1, status: Status(code: .permissionDenied, message: "no more"))
            }
        }
        let stream = stream
        await onThreads { _ in
            var events = stream.makeIterator()
            #expect((try? events.sequences(1)) == [3])
            #expect(events.lastSequence == 3)
            #expect((try? events.sequences(1)) == [4])
            #expect(events.lastSequence == 9)
            #expect(events.failure()?.code == .permissionDenied)
        }
        server.server.stop()
    }

    @Test(
        "frames that the protocol doesn't allow end the connection, and the next one is begun where it was",
        arguments: [
            (FrameHeader(byteCountOfBody: (4 << 20) + 1, streamID: 1, type: .data), []),
            (FrameHeader(byteCountOfBody: 0, streamID: 3, type: .data), []),
            (FrameHeader(byteCountOfBody: 2, streamID: 1, type: .data), [0x0a, 0x05]),
            (FrameHeader(byteCountOfBody: 0, streamID: 1, type: .response), []),
        ] as [(FrameHeader, [UInt8])])
    func badFrame(_ header: FrameHeader, _ body: [UInt8]) async throws {
        let server = try TailServer(
            place,
            { following in
                following.call.connection.send { bytes in
                    bytes.append(header)
                    bytes.append(body.span)
                }
            }, { $0.send(3) })
        let stream = stream
        await onThreads { _ in
            var events = stream.makeIterator()
            #expect(events.failure()?.code == .protocolViolation)
            #expect((try? events.sequences(1)) == [3])
        }
        #expect(server.starts.all == [2, 2])
        server.server.stop()
    }
}
