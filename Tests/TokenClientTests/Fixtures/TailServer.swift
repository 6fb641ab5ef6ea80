import Testing
import TokenWire

@testable import TokenClient

/// A server of events that does on each connection what the test says: the first, the second, and the last from then on.
struct TailServer: Sendable {
    let server: FakeServer
    /// Behind which number the streams were begun.
    let starts = Collected<UInt64?>()

    typealias Behaviour = @Sendable (Following) -> Void

    init(_ place: Place, _ connections: Behaviour...) throws {
        let starts = starts
        server = try FakeServer(path: place.socketPath) { call in
            guard call.method == .tailEvents, let view = try? TailEventsRequest.View(call.request.payload.span) else {
                return call.connection.cut()
            }
            starts.add(view.afterSeq)
            connections[min(starts.count, connections.count) - 1](Following(call: call))
        }
    }

    /// A stream that a client has begun.
    struct Following: Sendable {
        let call: FakeCall

        /// Sends one message with events of these numbers.
        func send(_ sequences: UInt64..., last: UInt64? = nil) {
            let events = sequences.map { TokenWire.AuditEvent(seq: $0, action: "token.created") }
            let message = TailEventsResponse(events: events, lastSeq: last ?? sequences.last ?? 0)
            call.connection.send { try $0.appendData(stream: call.stream, payload: message) }
        }

        func cut() { call.connection.cut() }
    }
}

/// The numbers of the next events, up to an error.
extension EventStream.Iterator {
    mutating func sequences(_ count: Int) throws(TokenError) -> [UInt64] {
        var sequences: [UInt64] = []
        while sequences.count < count, let event = try next() { sequences.append(event.sequence) }
        return sequences
    }

    /// The error that comes instead of the next event.
    mutating func failure() -> TokenError? {
        do throws(TokenError) {
            _ = try next()
            return nil
        } catch {
            return error
        }
    }
}
