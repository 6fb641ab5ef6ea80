internal import TokenWire

/// A stream that was opened and not yet answered.
struct OpenStream {
    let id: UInt32
    /// Nil when its caller gave up: the answer will be dropped, and until then the stream counts.
    var call: CallKey?
    /// Where its frame ends, counted in bytes since the connection began.
    let end: UInt64
}

/// What belongs to one connection: its streams and the bytes on their way out.
///
///     sentByteCount ≤ takenByteCount ≤ appendedByteCount
///
/// Bytes are appended to `outgoing` under the channel's lock and taken from there by whoever writes.
struct Link: ~Copyable {
    static let bufferByteCount = 4096

    private(set) var connection: Connection?
    /// In the order of their ids.
    private(set) var streams: [OpenStream] = []
    private(set) var liveStreamCount = 0
    /// False once ids are used up or the peer reads no more: what is in flight ends, then another connection is made.
    private(set) var acceptsStreams = false
    /// Whether the daemon has said anything yet.
    var wasUseful = false
    /// Whether the socket took no more when last tried. The leader waits until it does.
    private(set) var isBlocked = false

    private var nextStreamID: UInt32 = 1
    private var outgoing = WireBuffer(capacity: Self.bufferByteCount)
    private var spare: WireBuffer?
    private var isWriting = false
    private var appendedByteCount: UInt64 = 0
    private var takenByteCount: UInt64 = 0
    private var sentByteCount: UInt64 = 0

    init() {}

    /// Streams that may be opened now: not more than `streamCountMax` in flight, nor than there are ids.
    func room(streamCountMax: Int) -> Int {
        guard connection != nil, acceptsStreams else { return 0 }
        let idsLeft = Int(UInt32.max - nextStreamID) / 2 + 1
        return min(max(0, streamCountMax - streams.count), idsLeft)
    }

    mutating func begin(_ connection: Connection, firstStreamID: UInt32) {
        end()
        self.connection = connection
        acceptsStreams = true
        nextStreamID = firstStreamID
    }

    /// Forgets the connection with all that hangs on it. A thread that is writing notices when it comes back.
    mutating func end() {
        connection = nil
        streams.removeAll(keepingCapacity: true)
        liveStreamCount = 0
        acceptsStreams = false
        wasUseful = false
        isBlocked = false
        isWriting = false
        outgoing.wipe()
        appendedByteCount = 0
        takenByteCount = 0
        sentByteCount = 0
    }

    /// Opens a stream for a call with the frame that `encode` appends.
    mutating func open(
        _ call: CallKey, _ encode: (inout WireBuffer, UInt32) throws(WireError) -> Void
    ) throws(WireError) -> UInt32 {
        let before = outgoing.count
        let id = nextStreamID
        try encode(&outgoing, id)
        appendedByteCount += UInt64(outgoing.count - before)
        streams.append(OpenStream(id: id, call: call, end: appendedByteCount))
        liveStreamCount += 1
        // Ids are odd and rise: after the largest there is none.
        if id == .max { acceptsStreams = false } else { nextStreamID = id + 2 }
        return id
    }

    /// Closes an answered stream and returns its call; nil if there is no such stream or its caller gave up.
    mutating func close(_ id: UInt32) -> CallKey? {
        guard let index = streams.firstIndex(where: { $0.id == id }) else { return nil }
        let stream = streams.remove(at: index)
        if stream.call != nil { liveStreamCount -= 1 }
        return stream.call
    }

    /// Leaves a stream open that nobody waits for any more.
    mutating func abandon(_ id: UInt32) {
        guard let index = streams.firstIndex(where: { $0.id == id }) else { return }
        streams[index].call = nil
        liveStreamCount -= 1
    }

    /// Whether the peer may have got a stream's whole frame, and so may have done what it asks.
    func mayHaveSent(_ stream: OpenStream) -> Bool {
        stream.end <= (isWriting ? takenByteCount : sentByteCount)
    }
}

extension Link {
    /// The turn to write, if there is something to write and nobody does.
    mutating func takeWriteTurn() -> WriteTurn? {
        guard let connection, !isWriting, !isBlocked, !outgoing.isEmpty else { return nil }
        isWriting = true
        var bytes = spare.take() ?? WireBuffer(capacity: Self.bufferByteCount)
        swap(&bytes, &outgoing)
        takenByteCount = appendedByteCount
        return WriteTurn(connection: connection, bytes: bytes)
    }

    /// Takes a turn back, and gives another when more was appended meanwhile.
    mutating func wrote(_ turn: consuming WriteTurn, _ result: WriteResult) -> WriteTurn? {
        guard turn.connection === connection else {
            turn.bytes.wipe()
            return nil
        }
        isWriting = false
        sentByteCount = takenByteCount - UInt64(turn.bytes.count)
        switch result {
        case .done: break
        case .blocked:
            isBlocked = true
            // The rest goes first, and then what was appended meanwhile.
            turn.bytes.append(outgoing.span)
            swap(&turn.bytes, &outgoing)
        case .failed:
            acceptsStreams = false
            outgoing.wipe()
        }
        turn.bytes.wipe()
        turn.bytes.shrink(toCapacity: Self.bufferByteCount)
        spare = Optional(turn.bytes)
        return takeWriteTurn()
    }

    /// The socket may take bytes again.
    mutating func unblock() {
        isBlocked = false
    }
}
