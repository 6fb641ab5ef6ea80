import LinuxIO
import TokenCore
import TokenStore
import TokenWire

/// From the bytes of one read to the replies of one turn.
extension EventLoop {
    /// Reads what has come, behind what is left over, and answers it.
    func takeMore(_ connection: Connection, _ buffers: inout TurnBuffers) {
        let transfer =
            connection.input.isEmpty
            ? buffers.input.receive(from: connection.descriptor.rawValue)
            : connection.input.receive(from: connection.descriptor.rawValue)
        if noteEnd(of: transfer, connection) { return }
        answer(connection, &buffers)
    }

    /// Sees to a read that brought nothing; false when bytes have come.
    func noteEnd(of transfer: Transfer, _ connection: Connection) -> Bool {
        switch transfer {
        case .bytes(let count):
            if count == ServerLimits.readByteCountMax { connection.hasMoreToRead = true }
            return false
        case .wouldBlock: break
        case .ended: endInput(connection)
        case .failed: close(connection)
        }
        return true
    }

    func endInput(_ connection: Connection) {
        connection.hasInputEnded = true
        connection.input.removeAll()
        connection.deadlines.frameArrived()
        settle(connection)
    }

    /// The turn of a connection that is owed nothing and owes nothing, as most are, after its read: one write, and if
    /// nothing is left over it is as it was before.
    func answerPlainly(_ connection: Connection, _ buffers: inout TurnBuffers) {
        var turn = Turn(now: reader.now)
        metrics.beginTurn()
        let usedByteCount = answerFrames(
            buffers.input, connection, &turn, buffers.lookahead, queuedByteCount: 0,
            &buffers.output)
        metrics.endTurn(hitCount: turn.hitCount, userPlace: connection.userPlace)
        let unwritten = unwrittenByteCount(connection, buffers.output)
        if usedByteCount == buffers.input.count && unwritten == 0 && !turn.changesConnection
            && !connection.isClosing && !connection.isBroken && !connection.hasMoreToRead
        {
            buffers.empty()
            return
        }
        connection.isPlain = false
        if !connection.isClosing { connection.input.append(buffers.input, droppingFirst: usedByteCount) }
        connection.output.append(buffers.output, droppingFirst: buffers.output.count - unwritten)
        buffers.empty()
        conclude(turn, connection)
    }

    /// Answers the whole frames that are there, up to the turn's budget, and writes the replies.
    private func answer(_ connection: Connection, _ buffers: inout TurnBuffers) {
        connection.isPlain = false
        var turn = Turn(now: reader.now, hasWaited: connection.waitingSince != nil)
        metrics.beginTurn(readAt: connection.waitingSince)
        let queuedByteCount = connection.output.count
        let keptByteCount = connection.keptReplyByteCount
        if connection.input.isEmpty {
            let used = answerFrames(
                buffers.input, connection, &turn, buffers.lookahead,
                queuedByteCount: keptByteCount, &buffers.output)
            if !connection.isClosing { connection.input.append(buffers.input, droppingFirst: used) }
        } else {
            let used = answerFrames(
                connection.input, connection, &turn, buffers.lookahead,
                queuedByteCount: keptByteCount, &buffers.output)
            connection.input.consume(used)
            connection.input.shrink(toCapacity: 0)
        }
        metrics.endTurn(hitCount: turn.hitCount, userPlace: connection.userPlace)
        // What the socket did not take before goes first.
        let unwritten = queuedByteCount == 0 ? unwrittenByteCount(connection, buffers.output) : buffers.output.count
        connection.output.append(buffers.output, droppingFirst: buffers.output.count - unwritten)
        buffers.empty()
        conclude(turn, connection)
    }

    /// Writes what the turn answered, and returns how much of it the socket has not taken.
    private func unwrittenByteCount(_ connection: Connection, _ output: borrowing WireBuffer) -> Int {
        if output.isEmpty { return 0 }
        switch transmit(connection.descriptor.rawValue, output) {
        case .bytes(let count):
            return output.count - count
        case .wouldBlock:
            return output.count
        case .ended, .failed:
            connection.isBroken = true
            return 0
        }
    }

    private func conclude(_ turn: Turn, _ connection: Connection) {
        if turn.frameCount > 0 { connection.deadlines.frameArrived() }
        switch turn.progress {
        case .heldBack:
            // Nothing may be left that waits: what ended the input has filled the connection.
            if connection.input.isEmpty { connection.waitingSince = nil }
            resumeIfPossible(connection)
        case .more:
            connection.waitingSince = nil
        case .partial:
            connection.waitingSince = nil
            connection.deadlines.frameIsPartial(now: SystemClock.monotonicNanoseconds())
            // A read ends early behind descriptors or an urgent byte that came along.
            connection.hasMoreToRead = true
            hasArmedDeadlines = true
        case .budgetSpent:
            giveTurn(to: connection)
        }
        settle(connection)
    }

    /// What one connection's frames share that are answered together.
    struct Turn {
        /// Looked at once, after the read: no call in the turn can have been made later, so that none is judged by a time
        /// that lies before it.
        let now: Instant
        /// What is answered in it was read some time ago: deadlines may have passed.
        var hasWaited = false
        var frameCount = 0
        /// Of `ServerLimits.framesPerTurnMax`: a frame that takes as long as several counts for so many.
        var spentFrameCount = 0
        var progress = Progress.more
        /// Verifications answered from the loop's memory in the short way.
        var hitCount = 0
        /// Some frame was not answered at once, or was none to be answered.
        var changesConnection = false
    }

    enum Progress {
        /// Every byte is used.
        case more
        /// A frame has begun and is not whole.
        case partial
        /// Whole frames are left for the next turn.
        case budgetSpent
        /// Nothing is taken until a call ends or the peer reads.
        case heldBack
    }

    /// Returns how many bytes were used. The turn has the output to itself.
    func answerFrames(
        _ buffer: borrowing WireBuffer, _ connection: Connection, _ turn: inout Turn, _ lookahead: borrowing Lookahead,
        queuedByteCount: Int, _ output: inout WireBuffer
    ) -> Int {
        let bytes = buffer.span
        let isOwedTooMuch = queuedByteCount > ServerLimits.queuedReplyByteCountMax
        var position = 0
        while !connection.isClosing {
            if isOwedTooMuch || connection.machine.isFull || output.count > ServerLimits.queuedReplyByteCountMax {
                turn.progress = .heldBack
                return position
            }
            if let byteCount = connection.skippedByteCount {
                let arrived = min(byteCount, bytes.count - position)
                position += arrived
                if arrived < byteCount {
                    connection.skippedByteCount = byteCount - arrived
                    turn.progress = .partial
                    return position
                }
                connection.skippedByteCount = nil
                turn.frameCount += 1
                turn.spentFrameCount += 1
            }
            let rest = bytes.extracting(droppingFirst: position)
            guard let header = FrameHeader(decoding: rest) else {
                turn.progress = rest.isEmpty ? .more : .partial
                return position
            }
            guard connection.machine.isAcceptable(header) else {
                dispatcher.refuseOversized(header, connection.peer, &output)
                connection.isClosing = true
                return position
            }
            let isRequest = header.type == .request
            guard rest.count >= header.byteCountOfFrame || !isRequest else {
                turn.progress = .partial
                return position
            }
            if turn.spentFrameCount >= ServerLimits.framesPerTurnMax {
                turn.progress = .budgetSpent
                return position
            }
            if isRequest {
                let body = rest.extracting(FrameHeader.byteCount..<header.byteCountOfFrame)
                let digest = lookahead.digest(ofFrame: turn.frameCount, at: position)
                position += header.byteCountOfFrame
                turn.frameCount += 1
                turn.spentFrameCount += answerFrame(header, body, digest, connection, &turn, &output)
            } else {
                turn.changesConnection = true
                // Judged by its header alone: its body would be the largest thing a peer can have us keep.
                position += FrameHeader.byteCount
                connection.skippedByteCount = Int(header.byteCountOfBody)
                _ = answerFrame(header, Span(), nil, connection, &turn, &output)
            }
        }
        return position
    }

    /// Returns how many frames of the turn's budget it has cost.
    func answerFrame(
        _ header: FrameHeader, _ body: Span<UInt8>, _ digest: Digest?, _ connection: Connection, _ turn: inout Turn,
        _ output: inout WireBuffer
    ) -> Int {
        switch connection.machine.receive(header) {
        case .call:
            admission.judgeAgain(connection)
            guard connection.peer.verifiesEverywhere, !(turn.hasWaited && PlainVerify.hasTimeout(body)),
                let request = PlainVerify(body), let digest = digest ?? Dispatcher.digest(ofKept: request)
            else { return carryOut(header, body, nil, connection, &turn, &output) }
            if dispatcher.answerFromMemory(header.streamID, request, digest, now: turn.now, into: &output) {
                turn.hitCount += 1
                return 1
            }
            return carryOut(header, body, digest, connection, &turn, &output)
        case .refuse(let problem):
            dispatcher.refuse(header, problem, connection.peer, &output)
        case .refuseAndClose(let problem):
            dispatcher.refuse(header, problem, connection.peer, &output)
            connection.isClosing = true
            connection.abandonsCalls = true
            leaveRound(connection)
            connection.backup?.end(.peerIsGone)
        case .ignore:
            break
        case .close:
            connection.isClosing = true
        }
        return 1
    }

    /// A call that is not answered in the short way.
    private func carryOut(
        _ header: FrameHeader, _ body: Span<UInt8>, _ digest: Digest?, _ connection: Connection, _ turn: inout Turn,
        _ output: inout WireBuffer
    ) -> Int {
        let call = Call(
            registration: connection.registration, streamID: header.streamID, readAt: connection.waitingSince)
        switch dispatcher.answer(call, body, digest, from: connection.peer, into: &output) {
        case .answered:
            break
        case .answeredAtLength:
            return ServerLimits.framesPerTurnMax
        case .later:
            turn.changesConnection = true
            metrics.noteIsAnsweredLater()
            connection.machine.begin(header.streamID)
            callInFlightCount += 1
            if callInFlightCount >= ServerLimits.callCountWorthTrimming { owesMemory = true }
            return ServerLimits.framesPerTurnMax / ServerLimits.changesPerTurnMax
        case .continued(let work):
            turn.changesConnection = true
            metrics.noteIsAnsweredLater()
            connection.machine.begin(header.streamID)
            takeUp(work, of: connection)
            return ServerLimits.framesPerTurnMax
        case .copied(let backup):
            turn.changesConnection = true
            metrics.noteIsAnsweredLater()
            connection.machine.begin(header.streamID)
            connection.backup = backup
            callInFlightCount += 1
            // It may have been received before the wish to end, and have its turn in the drain.
            if ending != .running { backup.end(.daemonStops) }
        case .followed(let tail):
            turn.changesConnection = true
            metrics.noteIsAnsweredLater()
            connection.machine.begin(header.streamID)
            follow(tail, of: connection)
        }
        return 1
    }

    /// Gives their turn to connections that wait for it, the first of them: whoever asks for a verification meanwhile need
    /// not wait for all.
    func takeTurns(_ buffers: inout TurnBuffers) {
        // Also in a drain: what has been received is answered.
        if !hasTurnsToGive || ending == .stopping { return }
        let connections = Array(awaitingTurn.prefix(ServerLimits.turnsAtOnceMax))
        awaitingTurn.removeFirst(connections.count)
        hasTurnsToGive = !awaitingTurn.isEmpty
        for connection in connections {
            connection.isAwaitingTurn = false
            if self.connections[connection.registration] != nil { answer(connection, &buffers) }
        }
    }

    func giveTurn(to connection: Connection) {
        connection.isAwaitingTurn = true
        if connection.waitingSince == nil { connection.waitingSince = SystemClock.monotonicNanoseconds() }
        awaitingTurn.append(connection)
        hasTurnsToGive = true
    }
}
