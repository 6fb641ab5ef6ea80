internal import TokenWire

/// A request together with what its answer means: all that a call is, but for whom it is made and how long it may take.
struct Exchange<Request: WireMessage & Sendable, Response: Answer>: Sendable {
    let method: Method
    let request: Request
}

/// What an answer's payload is decoded to.
protocol Answer: Sendable {
    /// Nil when the payload is a message of the protocol, but lacks a field that the answer must have.
    init?(decoding payload: Span<UInt8>) throws(WireError)
}

/// The answer of a method that has nothing to say but that it is done.
struct Nothing: Answer {
    init?(decoding payload: Span<UInt8>) throws(WireError) {
        _ = try EmptyMessage.View(payload)
    }
}
