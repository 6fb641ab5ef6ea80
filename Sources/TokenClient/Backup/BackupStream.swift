internal import TokenWire

/// A copy of the daemon's store, as it comes. In tasks:
///
///     for try await piece in try client.backup() { try file.write(piece.bytes) }
///
/// and on a thread that may block:
///
///     var copy = try client.backup().makeIterator()
///     while let piece = try copy.next() { try file.write(piece.bytes) }
///
/// The copy is whole when the iterator returned nil: by then its SHA-256 was compared with the daemon's. One that ended with
/// an error is none, and has to be asked for again from its beginning. The daemon makes one copy at a time.
///
/// An iterator has a connection of its own, which closes with it, and the `async` one has a thread while it waits. It is for
/// one thread or task at a time, and for the process that made it: a child of fork(2) makes another.
public struct BackupStream: AsyncSequence, Sendable {
    /// What the copy comes in.
    public typealias Element = BackupPiece
    /// What the iterators throw.
    public typealias Failure = TokenError

    let settings: ChannelSettings
    let timeout: Duration?

    /// A walk that suspends.
    public func makeAsyncIterator() -> AsyncIterator { AsyncIterator(self) }

    /// A walk that blocks its thread.
    public func makeIterator() -> Iterator { Iterator(self) }

    /// A walk along the pieces for one thread.
    public struct Iterator {
        private let source: BackupSource

        fileprivate init(_ stream: BackupStream) {
            source = BackupSource(stream)
        }

        /// The next piece. Blocks the thread until there is one; before the first, for as long as the daemon copies.
        ///
        /// - Returns: Nil when the copy is whole.
        /// - Throws: `permissionDenied` on another socket or as another user, `resourceExhausted` while another copy is
        ///   sent, `unavailable` when the daemon stops or has no room for a copy, `protocolViolation` when what came is not
        ///   what was sent, and the codes of connection and time. From then on it throws the same again.
        public mutating func next() throws(TokenError) -> BackupPiece? {
            while true {
                if let piece = source.take() { return piece }
                guard try source.fill() else { return nil }
            }
        }
    }

    /// A walk along the pieces for one task.
    public struct AsyncIterator: AsyncIteratorProtocol {
        private let worker: StreamWorker<BackupSource>

        fileprivate init(_ stream: BackupStream) {
            worker = StreamWorker(BackupSource(stream))
        }

        /// The next piece. Suspends until there is one, and never blocks a thread of the pool.
        ///
        /// - Returns: Nil when the copy is whole.
        /// - Throws: As the form that blocks, and `cancelled` when the task is.
        public mutating func next() async throws(TokenError) -> BackupPiece? {
            try await worker.next()
        }
    }
}

/// Bytes of a copy of the store, a SQLite database.
public struct BackupPiece: Hashable, Sendable {
    /// They follow those of the piece before.
    public let bytes: [UInt8]
    /// How many bytes have come with this piece and those before.
    public let receivedByteCount: UInt64
    /// How many the whole copy has.
    public let totalByteCount: UInt64
    /// What the whole copy is; on the last piece, else nil.
    public let summary: BackupSummary?
}

/// What tells a copy from every other. Kept elsewhere, it shows later that a copy is this one.
public struct BackupSummary: Hashable, Sendable {
    /// SHA-256 of all bytes, which has been compared with what came.
    public let digest: [UInt8]
    /// The newest event that the copy holds.
    public let head: ChainHead
}

/// Copying the store, on the socket ``Configuration/operatorSocketPath``; see PROTOCOL.md ("Backups").
extension TokenClient {
    /// A copy of the whole store as it is at one moment, which the daemon makes while it serves. Needs the grant `operate`.
    /// Connects when the first piece is asked for.
    ///
    /// A copy holds no secret, but every name and the whole audit: keep it as private as the store. `tokend restore` makes a
    /// store of it.
    ///
    /// - Parameter timeout: How long the whole copy may take; for ever if nil.
    /// - Returns: The copy's pieces. Each of its iterators asks for another copy.
    /// - Throws: `invalidArgument` for a configuration that names no socket.
    public func backup(timeout: Duration? = nil) throws(TokenError) -> BackupStream {
        BackupStream(settings: try ChannelSettings(configuration), timeout: timeout)
    }
}
