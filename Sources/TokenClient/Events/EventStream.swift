internal import TokenWire

/// The audit's events as they are committed. In tasks:
///
///     for try await event in try client.tailEvents(after: 0) { … }
///
/// and on a thread that may block:
///
///     var events = try client.tailEvents(after: 0).makeIterator()
///     while let event = try events.next() { … }
///
/// A stream has no end of its own: when the daemon restarts, falls silent or the connection is lost, it connects again and
/// goes on behind what it has had, so that no event is lost and none comes twice. How long it tries is said when it is made.
/// Keep an iterator's `lastSequence` to go on another time.
///
/// An iterator has a connection of its own, which closes with it, and the `async` one has a thread while it waits. It is for
/// one thread or task at a time, and for the process that made it: a child of fork(2) makes another.
public struct EventStream: AsyncSequence, Sendable {
    /// What is followed.
    public typealias Element = AuditEvent
    /// What the iterators throw.
    public typealias Failure = TokenError

    let settings: ChannelSettings
    let credential: Credential
    let filter: EventFilter
    let start: UInt64?
    var patience: EventPatience
    let onOutage: (@Sendable (TokenError) -> Void)?

    /// A walk that suspends.
    public func makeAsyncIterator() -> AsyncIterator { AsyncIterator(self) }

    /// A walk that blocks its thread.
    public func makeIterator() -> Iterator { Iterator(self) }

    /// A walk along the events for one thread.
    public struct Iterator {
        private let tail: EventTail

        fileprivate init(_ stream: EventStream) {
            tail = EventTail(stream)
        }

        /// Every event up to this number has been returned, or was not asked for; nil before anything is known.
        public var lastSequence: UInt64? { tail.lastSequence }

        /// The next event. Blocks the thread until there is one.
        ///
        /// - Returns: Never nil.
        /// - Throws: `unauthenticated` or `permissionDenied` when the caller may not read the audit, or no longer;
        ///   `invalidArgument` for a start above the newest event; `connectionFailed`, or `unavailable` if that is what the
        ///   daemon said, when it was not reached for as long as the stream tries; `protocolViolation` for events that are
        ///   out of order or can't be read. After any of them it can be asked for again, and goes on where it was.
        public mutating func next() throws(TokenError) -> AuditEvent? {
            while true {
                if let event = tail.take() { return event }
                guard try tail.fill() else { return nil }
            }
        }
    }

    /// A walk along the events for one task.
    public struct AsyncIterator: AsyncIteratorProtocol {
        private let worker: StreamWorker<EventTail>

        fileprivate init(_ stream: EventStream) {
            worker = StreamWorker(EventTail(stream))
        }

        /// Every event up to this number has been returned, or was not asked for; nil before anything is known.
        public var lastSequence: UInt64? { worker.source.lastSequence }

        /// The next event. Suspends until there is one, and never blocks a thread of the pool.
        ///
        /// - Returns: Never nil.
        /// - Throws: As the form that blocks, and `cancelled` when the task is: from then on it throws nothing else.
        public mutating func next() async throws(TokenError) -> AuditEvent? {
            try await worker.next()
        }
    }
}
