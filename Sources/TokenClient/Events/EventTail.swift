internal import Glibc
internal import LinuxIO
internal import Synchronization
internal import TokenWire

/// A stream of events at the client's end: its connection, what has come of the next frame, and how far it is.
///
/// One thread at a time uses it; `interrupt` alone may be called by any.
final class EventTail: StreamSource {
    /// The daemon gives a sign of life at least every 15 seconds: a connection that is silent for longer is dead.
    private static let silenceSecondsMax: Int64 = 60
    private static let streamID: UInt32 = 1

    private let stream: EventStream
    private var connection: Connection?
    private var incoming = WireBuffer(capacity: Link.bufferByteCount)
    private var events: [AuditEvent] = []
    /// How many of `events` were taken.
    private var takenCount = 0
    /// All up to here has come. The stream is begun behind it, also after a loss.
    private var receivedSequence: UInt64?
    private var backoff: Backoff
    private var wasUseful = false
    private let interruption = Interruption()

    init(_ stream: EventStream) {
        self.stream = stream
        receivedSequence = stream.start
        backoff = Backoff(seed: Randomness.word())
    }

    deinit {
        connection?.shutDown()
    }

    /// Ends the wait of whoever is in `fill`, with `cancelled`, now and for ever.
    var interrupter: Interruption { interruption }

    var lastSequence: UInt64? {
        takenCount < events.count ? (takenCount == 0 ? nil : events[takenCount - 1].sequence) : receivedSequence
    }

    /// An event that is here already.
    func take() -> AuditEvent? {
        guard takenCount < events.count else { return nil }
        defer { takenCount += 1 }
        return events[takenCount]
    }

    /// Waits until at least one more event is here. A stream of them has no end.
    func fill() throws(TokenError) -> Bool {
        events.removeAll(keepingCapacity: true)
        takenCount = 0
        while events.isEmpty {
            let connection = try connected()
            switch try receive(connection) {
            case .more: break
            case .lost: lose()
            }
        }
        return true
    }

    private enum Progress {
        case more
        /// The connection is gone, or the daemon has ended the stream because it stops.
        case lost
    }

    private func lose() {
        connection?.shutDown()
        connection = nil
        incoming.removeAll()
        backoff.lost(wasUseful: wasUseful, now: .now)
        wasUseful = false
    }

    // MARK: Connecting

    private func connected() throws(TokenError) -> Connection {
        if let connection { return connection }
        let limit = Moment.now.adding(stream.settings.connectTimeout)
        while true {
            try wait(until: backoff.notBefore, for: nil)
            switch Connector.connect(stream.settings) {
            case .connected(let connection):
                backoff.attemptSucceeded()
                if try begin(connection) {
                    self.connection = connection
                    return connection
                }
                backoff.lost(wasUseful: false, now: .now)
            case .notNow(let problem):
                backoff.attemptFailed(problem, now: .now)
            case .refused(let error):
                throw error
            }
            if .now >= limit { throw .connectionFailed(backoff.problem ?? "the daemon closes the connection at once") }
        }
    }

    /// Sends the request. False when the peer has closed before all of it was sent.
    private func begin(_ connection: Connection) throws(TokenError) -> Bool {
        let filter = stream.filter
        let request = TailEventsRequest(
            afterSeq: receivedSequence, actor: filter.actor ?? "", action: filter.action ?? "",
            target: filter.target ?? "")
        var outgoing = WireBuffer(capacity: Link.bufferByteCount)
        // It holds the bearer's secret.
        defer { outgoing.wipe() }
        do throws(WireError) {
            try outgoing.appendCall(
                Exchange<TailEventsRequest, Nothing>(method: .tailEvents, request: request), as: stream.credential,
                stream: Self.streamID, timeoutNanoseconds: 0)
        } catch {
            throw .requestTooLarge
        }
        while true {
            switch connection.send(&outgoing) {
            case .done: return true
            case .failed: return false
            case .blocked: try wait(until: .distantFuture, for: connection, wantsWrite: true)
            }
        }
    }

    // MARK: Receiving

    private func receive(_ connection: Connection) throws(TokenError) -> Progress {
        let silenceEnd = Moment.now.adding(.seconds(Self.silenceSecondsMax))
        try wait(until: silenceEnd, for: connection)
        switch connection.receive(into: &incoming) {
        case .bytes: return try takeFrames()
        case .wouldBlock: return .now >= silenceEnd ? .lost : .more
        case .ended, .failed: return .lost
        }
    }

    private func takeFrames() throws(TokenError) -> Progress {
        while let header = FrameHeader(decoding: incoming.span) {
            guard header.byteCountOfBody <= UInt32(WireLimits.frameBodyByteCountMax) else {
                throw broken("the daemon announces a frame that is larger than the protocol allows")
            }
            if incoming.count < header.byteCountOfFrame { break }
            let result = take(header, incoming.span.extracting(FrameHeader.byteCount..<header.byteCountOfFrame))
            incoming.consume(header.byteCountOfFrame)
            switch result {
            case .success(let progress):
                if progress == .lost { return .lost }
            case .failure(let error):
                lose()
                throw error
            }
        }
        return .more
    }

    private func take(_ header: FrameHeader, _ body: Span<UInt8>) -> Result<Progress, TokenError> {
        guard header.streamID == Self.streamID else {
            return .failure(.protocolViolation("the daemon answers a stream that was not begun"))
        }
        do throws(WireError) {
            switch header.type {
            case .data where header.flags.contains(.noData):
                return .success(.lost)
            case .data:
                let message = try TailEventsResponse.View(body)
                events += message.events.map { AuditEvent($0) }
                receivedSequence = message.lastSeq
                wasUseful = true
                return .success(.more)
            case .response:
                let envelope = try ResponseEnvelope.View(body)
                if envelope.status.code == .ok {
                    return .failure(.protocolViolation("the daemon answers a stream as a call"))
                }
                return .failure(TokenError(Status(copying: envelope.status)))
            default:
                return .success(.more)
            }
        } catch {
            return .failure(
                .protocolViolation("the daemon's message can't be read: \(error.code) at byte \(error.byteOffset)"))
        }
    }

    private func broken(_ problem: String) -> TokenError {
        lose()
        return .protocolViolation(problem)
    }

    // MARK: Waiting

    /// Until the connection is ready or the moment has come.
    private func wait(
        until moment: Moment, for connection: Connection?, wantsWrite: Bool = false
    ) throws(TokenError) {
        if interruption.wait(until: moment, for: connection, wantsWrite: wantsWrite) { throw .cancelled }
    }
}

@available(*, unavailable, message: "one thread at a time has it")
extension EventTail: Sendable {}
