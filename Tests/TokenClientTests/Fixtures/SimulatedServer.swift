import TokenWire

@testable import TokenClient

/// A daemon in a simulation: it has read whole frames of some streams, and answers them when the simulation says so.
///
/// It echoes: the answer to a Verify has the presented token as its token name.
struct SimulatedServer {
    /// One direction each of a connection.
    struct Wire {
        let connection: Connection
        var toServer: [UInt8] = []
        var toClient: [UInt8] = []
        var isOpen = true
        /// Once false nothing can be sent to it any more, but answers still come.
        var isReading = true
        /// Bytes that the socket still takes.
        var room = 2000
        var unanswered: [(stream: UInt32, token: String)] = []
    }

    var wires: [Wire] = []
    /// How often each token was asked about.
    private(set) var requestCounts: [String: Int] = [:]

    func index(of connection: Connection?) -> Int? {
        wires.firstIndex { $0.connection === connection }
    }

    /// What send(2) would do with these bytes.
    mutating func send(_ turn: inout WriteTurn) -> WriteResult {
        guard let index = index(of: turn.connection), wires[index].isOpen, wires[index].isReading else {
            return .failed
        }
        let count = min(turn.bytes.count, wires[index].room)
        wires[index].toServer += [UInt8](copying: turn.bytes.span.extracting(first: count))
        turn.bytes.consume(count)
        wires[index].room -= count
        takeRequests(index)
        return turn.bytes.isEmpty ? .done : .blocked
    }

    private mutating func takeRequests(_ index: Int) {
        while let (stream, token, byteCount) = Self.request(in: wires[index].toServer) {
            wires[index].toServer.removeFirst(byteCount)
            wires[index].unanswered.append((stream, token))
            requestCounts[token, default: 0] += 1
        }
    }

    private static func request(in bytes: [UInt8]) -> (stream: UInt32, token: String, byteCount: Int)? {
        let span = bytes.span
        guard let header = FrameHeader(decoding: span), span.count >= header.byteCountOfFrame,
            let body = try? RequestEnvelope.View(span.extracting(FrameHeader.byteCount..<header.byteCountOfFrame)),
            let request = try? VerifyRequest.View(body.payload)
        else { return nil }
        return (header.streamID, String(copying: request.token), header.byteCountOfFrame)
    }

    /// Answers one request of those that wait on a connection, in any order.
    mutating func answer(_ index: Int, using random: inout SplitMix64) {
        let chosen = Int.random(in: wires[index].unanswered.indices, using: &random)
        let (stream, token) = wires[index].unanswered.remove(at: chosen)
        var bytes = WireBuffer()
        let answer = VerifyAnswer(outcome: .valid, tokenName: token)
        try? bytes.appendResponse(stream: stream, payloadBytes: answer.encoded().span)
        wires[index].toClient += [UInt8](copying: bytes.span)
    }
}
