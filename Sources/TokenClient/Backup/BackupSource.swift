internal import LinuxIO
internal import TokenCore
internal import TokenWire

/// A copy at the client's end: its connection, what has come of the next piece, and the digest of those before.
///
/// One thread at a time uses it; `interrupter` alone may be used by any.
final class BackupSource: StreamSource {
    private static let streamID: UInt32 = 1

    private enum Progress {
        case asked(Connection)
        case whole
        /// What came before is no copy, however often it is asked for the rest.
        case failed(TokenError)
    }

    private let stream: BackupStream
    private let deadline: Moment
    private var progress: Progress?
    private var incoming = WireBuffer(capacity: Link.bufferByteCount)
    private var piece: BackupPiece?
    private var receivedByteCount: UInt64 = 0
    private var hash = SHA256()
    private var isWhole = false
    let interrupter = Interruption()
    private let generation = ForkGeneration.current

    init(_ stream: BackupStream) {
        self.stream = stream
        deadline = stream.timeout.map { Moment.now.adding($0) } ?? .distantFuture
    }

    deinit {
        // A forked child has a copy, and its parent's connection is not its own to end.
        if generation == ForkGeneration.current { disconnect() }
    }

    func take() -> BackupPiece? {
        defer { piece = nil }
        return piece
    }

    func fill() throws(TokenError) -> Bool {
        do throws(TokenError) {
            while piece == nil {
                switch progress {
                case nil: progress = .asked(try ask())
                case .asked(let connection): try receive(connection)
                case .whole: return false
                case .failed(let error): throw error
                }
            }
            return true
        } catch {
            disconnect()
            progress = .failed(error)
            throw error
        }
    }

    private func disconnect() {
        if case .asked(let connection) = progress { connection.shutDown() }
    }

    // MARK: Asking

    private func ask() throws(TokenError) -> Connection {
        let connection = try connect()
        var outgoing = WireBuffer(capacity: Link.bufferByteCount)
        let left = deadline == .distantFuture ? 0 : max(1, deadline.nanosecondsLeft(at: .now))
        do throws(WireError) {
            try outgoing.appendCall(
                Exchange<EmptyMessage, Nothing>(method: .backup, request: EmptyMessage()), as: .anonymous,
                stream: Self.streamID, timeoutNanoseconds: left)
        } catch {
            throw .requestTooLarge
        }
        while true {
            switch connection.send(&outgoing) {
            case .done: return connection
            case .failed: throw .connectionLost
            case .blocked: try wait(for: connection, wantsWrite: true)
            }
        }
    }

    private func connect() throws(TokenError) -> Connection {
        let limit = min(deadline, Moment.now.adding(stream.settings.connectTimeout))
        var backoff = Backoff(seed: Randomness.word())
        while true {
            switch Connector.connect(stream.settings) {
            case .connected(let connection): return connection
            case .refused(let error): throw error
            case .notNow(let problem): backoff.attemptFailed(problem, now: .now)
            }
            if backoff.notBefore >= limit { throw .connectionFailed(backoff.problem ?? "no connection") }
            if interrupter.wait(until: backoff.notBefore, for: nil, wantsWrite: false) { throw .cancelled }
        }
    }

    // MARK: Receiving

    private func receive(_ connection: Connection) throws(TokenError) {
        if try takeFrame() { return }
        try wait(for: connection, wantsWrite: false)
        switch connection.receive(into: &incoming) {
        case .bytes, .wouldBlock: break
        case .ended, .failed: throw .connectionLost
        }
    }

    private func wait(for connection: Connection, wantsWrite: Bool) throws(TokenError) {
        if interrupter.wait(until: deadline, for: connection, wantsWrite: wantsWrite) { throw .cancelled }
        if Moment.now >= deadline { throw .deadlineExceeded }
    }

    /// False when the next frame is not whole yet.
    private func takeFrame() throws(TokenError) -> Bool {
        guard let header = FrameHeader(decoding: incoming.span) else { return false }
        guard header.byteCountOfBody <= UInt32(WireLimits.frameBodyByteCountMax) else {
            throw .protocolViolation("the daemon announces a frame that is larger than the protocol allows")
        }
        if incoming.count < header.byteCountOfFrame { return false }
        let result = take(header, incoming.span.extracting(FrameHeader.byteCount..<header.byteCountOfFrame))
        incoming.consume(header.byteCountOfFrame)
        try result.get()
        return true
    }

    private func take(_ header: FrameHeader, _ body: Span<UInt8>) -> Result<Void, TokenError> {
        guard header.streamID == Self.streamID else {
            return .failure(.protocolViolation("the daemon answers a stream that was not begun"))
        }
        do throws(WireError) {
            switch header.type {
            case .data where header.flags.contains(.noData):
                guard isWhole else { return .failure(.protocolViolation("the copy ended before its end")) }
                disconnect()
                progress = .whole
                return .success(())
            case .data:
                return add(try BackupResponse.View(body))
            case .response:
                let envelope = try ResponseEnvelope.View(body)
                if envelope.status.code == .ok {
                    return .failure(.protocolViolation("the daemon answers a stream as a call"))
                }
                return .failure(TokenError(Status(copying: envelope.status)))
            default:
                return .success(())
            }
        } catch {
            return .failure(
                .protocolViolation("the daemon's message can't be read: \(error.code) at byte \(error.byteOffset)"))
        }
    }

    private func add(_ view: borrowing BackupResponse.View) -> Result<Void, TokenError> {
        hash.update(view.chunk)
        receivedByteCount += UInt64(view.chunk.count)
        var summary: BackupSummary?
        if !view.digest.isEmpty {
            guard [UInt8](copying: view.digest) == hash.finalize().bytes, receivedByteCount == view.totalByteCount
            else {
                return .failure(
                    .protocolViolation("what came is not the copy that the daemon made; ask for another one"))
            }
            isWhole = true
            summary = BackupSummary(
                digest: [UInt8](copying: view.digest),
                head: ChainHead(sequence: view.headSeq, hash: [UInt8](copying: view.headHash)))
        }
        piece = BackupPiece(
            bytes: [UInt8](copying: view.chunk), receivedByteCount: receivedByteCount,
            totalByteCount: view.totalByteCount, summary: summary)
        return .success(())
    }
}

@available(*, unavailable, message: "one thread at a time has it")
extension BackupSource: Sendable {}
