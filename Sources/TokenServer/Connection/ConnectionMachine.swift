import TokenWire

/// The rules of one connection's frames, without its bytes: given each header in turn, it says what to do.
///
/// PROTOCOL.md ("Streams") is the source of each rule. A value, so that it is tested without a socket.
struct ConnectionMachine {
    /// What to do with a frame whose body is there.
    enum Verdict: Equatable {
        /// Carry out the call in the body.
        case call
        /// Answer INVALID_ARGUMENT on the frame's stream and go on.
        case refuse(String)
        /// Answer INVALID_ARGUMENT on the frame's stream and close.
        case refuseAndClose(String)
        /// Not for us: skip the body.
        case ignore
        /// Too many frames that are not for us: close.
        case close
    }

    /// Highest id that opened a stream; 0 before the first.
    private var lastStreamID: UInt32 = 0
    /// Streams whose answer is not whole: a change, a call that takes long, a stream of messages.
    private var inFlight: [UInt32] = []
    private var ignoredFrameCount = 0

    /// Whether the body may be read at all.
    func isAcceptable(_ header: FrameHeader) -> Bool {
        let byteCountMax =
            header.type == .request ? WireLimits.requestBodyByteCountMax : WireLimits.frameBodyByteCountMax
        return Int(header.byteCountOfBody) <= byteCountMax
    }

    mutating func receive(_ header: FrameHeader) -> Verdict {
        // All that is asked of a client that keeps to the rules: an id above the last is in use by no call.
        if header.type == .request && header.streamID % 2 == 1 && header.streamID > lastStreamID
            && header.flags.rawValue & FrameFlags.remoteOpen.rawValue == 0
        {
            lastStreamID = header.streamID
            return .call
        }
        return receiveAnother(header)
    }

    private mutating func receiveAnother(_ header: FrameHeader) -> Verdict {
        switch header.type {
        case .request:
            return refuse(header)
        case .data:
            // No method takes a stream of messages. A call in flight is yet to have its one Response.
            if inFlight.contains(header.streamID) { return .refuseAndClose("the stream takes no more messages") }
            return isIgnoranceSpent ? .close : .refuse("the stream is no longer active")
        default:
            return isIgnoranceSpent ? .close : .ignore
        }
    }

    private mutating func refuse(_ header: FrameHeader) -> Verdict {
        let id = header.streamID
        if id % 2 == 0 { return .refuse("a client's stream id must be odd") }
        if inFlight.contains(id) { return .refuseAndClose("the stream id is in use") }
        if id <= lastStreamID { return .refuse("a stream id must increment") }
        lastStreamID = id
        return .refuse("the method takes one message, not a stream of them")
    }

    /// Counts one more frame that is not for us.
    private var isIgnoranceSpent: Bool {
        mutating get {
            ignoredFrameCount += 1
            return ignoredFrameCount > WireLimits.ignoredFrameCountMax
        }
    }

    /// The call on this stream is answered later.
    mutating func begin(_ streamID: UInt32) {
        inFlight.append(streamID)
    }

    /// The call on this stream has its answer.
    mutating func end(_ streamID: UInt32) {
        inFlight.removeAll { $0 == streamID }
    }

    var hasCallsInFlight: Bool { !inFlight.isEmpty }
    /// Nothing more is read until a stream ends.
    var isFull: Bool { inFlight.count >= WireLimits.streamCountMax }
}
