internal import LinuxIO
internal import TokenWire

/// A stream of events at the client's end: its connection, what has come of the next frame, and how far it is.
///
/// One thread at a time uses it; `interrupter` alone may be used by any.
///
///     returned ≤ received: of what was received, `events` from `takenCount` on has not been returned yet
final class EventTail: StreamSource {
    let stream: EventStream
    var connection: Connection?
    var incoming = WireBuffer(capacity: Link.bufferByteCount)
    /// When the connection is dead, unless a message comes.
    var silentUntil = Moment.distantFuture
    var backoff = Backoff(seed: Randomness.word())
    private let interruption = Interruption()
    private let generation = ForkGeneration.current

    private var events: [AuditEvent] = []
    private var takenCount = 0
    /// Every event up to this number has come, or is not asked for. The stream is begun behind it, also after a loss.
    private(set) var receivedSequence: UInt64?
    /// Every event up to this number was returned, or is not asked for.
    private(set) var lastSequence: UInt64?
    /// Whether the daemon has ever sent a message.
    private var hasBegun = false
    /// Nil while it is reached.
    private var outage: EventOutage?
    /// What ended the stream behind the events that are still to be returned.
    private var failure: TokenError?

    init(_ stream: EventStream) {
        self.stream = stream
        receivedSequence = stream.start
        lastSequence = stream.start
    }

    deinit {
        // A forked child has a copy, and its parent's connection is not its own to end.
        if generation == ForkGeneration.current { connection?.shutDown() }
    }

    /// Ends the wait of whoever is in `fill`, with `cancelled`, now and for ever.
    var interrupter: Interruption { interruption }

    /// An event that is here already.
    func take() -> AuditEvent? {
        guard takenCount < events.count else { return nil }
        let event = events[takenCount]
        takenCount += 1
        lastSequence = takenCount == events.count ? receivedSequence : event.sequence
        return event
    }

    /// Waits until at least one more event is here; those that were must have been taken. A stream of them has no end.
    func fill() throws(TokenError) -> Bool {
        events.removeAll(keepingCapacity: true)
        takenCount = 0
        if let failure = failure.take() { throw failure }
        while events.isEmpty {
            switch try step() {
            case .goOn: break
            case .lost(let problem): try lose(problem)
            case .failed(let error):
                disconnect()
                if events.isEmpty { throw error }
                failure = error
            }
        }
        return true
    }

    private func step() throws(TokenError) -> Progress {
        if let connection { return try receive(connection) }
        return try connect()
    }

    /// How a step came out.
    enum Progress {
        case goOn
        /// The connection is gone, or there is none, which can change by itself.
        case lost(TokenError)
        /// Going on would come to the same.
        case failed(TokenError)
    }

    /// Takes a message of the daemon. Returns what is wrong with it, and then has taken nothing of it.
    func accept(_ message: TailEventsResponse.View) -> TokenError? {
        var last = receivedSequence ?? 0
        var isRising = true
        message.events.forEach { event in
            if event.seq <= last { isRising = false }
            last = event.seq
        }
        if !isRising || message.lastSeq < last {
            return .protocolViolation(
                "the daemon sends events out of order, behind number \(receivedSequence ?? 0); list them instead, and "
                    + "check the chain")
        }
        events += message.events.map { AuditEvent($0) }
        receivedSequence = message.lastSeq
        if events.isEmpty { lastSequence = receivedSequence }
        hasBegun = true
        outage = nil
        backoff.heard()
        return nil
    }

    /// Does without the connection. Throws when it is time to give up.
    private func lose(_ problem: TokenError) throws(TokenError) {
        disconnect()
        if !events.isEmpty { return }
        let now = Moment.now
        let wasReached = hasBegun && outage == nil
        if outage == nil { outage = EventOutage(isBeginning: !hasBegun, stream.patience, now: now) }
        // The end of a connection that was good is no failure: whether it begins an outage, the next attempt shows.
        if wasReached { return }
        switch outage?.attemptFailed(now: now) {
        case .tryAgain, nil: break
        case .tell: stream.onOutage?(problem)
        case .giveUp:
            outage = nil
            throw problem
        }
    }

    private func disconnect() {
        guard let connection else { return }
        connection.shutDown()
        self.connection = nil
        incoming.removeAll()
        backoff.lost(wasUseful: false, now: .now)
    }

    /// Until the connection is ready or the moment has come.
    func wait(until moment: Moment, for connection: Connection?, wantsWrite: Bool = false) throws(TokenError) {
        if interruption.wait(until: moment, for: connection, wantsWrite: wantsWrite) { throw .cancelled }
    }
}

@available(*, unavailable, message: "one thread at a time has it")
extension EventTail: Sendable {}
