import LinuxIO
import TokenWire

/// From the bytes of one read to the replies of one turn.
extension EventLoop {
    func receive(_ connection: Connection) {
        // What is left over from its last turn comes first. A call that comes after the wish to end is not begun.
        // The event may have been fetched before the turn that held the connection back.
        if connection.isAwaitingTurn || connection.isHeldBack || connection.isClosing || ending != .running { return }
        let descriptor = connection.descriptor.rawValue
        var transfer = Transfer.wouldBlock
        if connection.input.isEmpty {
            input.append(upTo: ServerLimits.readByteCountMax) { room in
                transfer = LinuxIO.receive(descriptor, into: room)
                return if case .bytes(let count) = transfer { count } else { 0 }
            }
        } else {
            connection.input.append(upTo: ServerLimits.readByteCountMax) { room in
                transfer = LinuxIO.receive(descriptor, into: room)
                return if case .bytes(let count) = transfer { count } else { 0 }
            }
        }
        switch transfer {
        case .bytes: answer(connection)
        case .wouldBlock: break
        case .ended: endInput(connection)
        case .failed: close(connection)
        }
    }

    func endInput(_ connection: Connection) {
        connection.hasInputEnded = true
        connection.input.removeAll()
        connection.deadlines.frameArrived()
        settle(connection)
    }

    /// Answers the whole frames that are there, up to the turn's budget, and writes the replies.
    func answer(_ connection: Connection) {
        var frameCount = 0
        var progress = Progress.more
        if connection.input.isEmpty {
            let used = answerFrames(input, connection, &frameCount, &progress)
            if !connection.isClosing { connection.input.append(input, droppingFirst: used) }
            input.removeAll()
        } else {
            let used = answerFrames(connection.input, connection, &frameCount, &progress)
            connection.input.consume(used)
            connection.input.shrink(toCapacity: 0)
        }
        if frameCount > 0 { connection.deadlines.frameArrived() }
        switch progress {
        case .more, .heldBack:
            break
        case .partial:
            connection.deadlines.frameIsPartial(now: SystemClock.monotonicNanoseconds())
            hasArmedDeadlines = true
        case .budgetSpent:
            connection.isAwaitingTurn = true
            awaitingTurn.append(connection)
        }
        writeReplies(connection)
        if progress == .heldBack { resumeIfPossible(connection) }
        settle(connection)
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

    /// Returns how many bytes were used.
    func answerFrames(
        _ buffer: borrowing WireBuffer, _ connection: Connection, _ frameCount: inout Int, _ progress: inout Progress
    ) -> Int {
        let bytes = buffer.span
        var position = 0
        while !connection.isClosing {
            if connection.isHeldBack || output.count > ServerLimits.queuedReplyByteCountMax {
                progress = .heldBack
                return position
            }
            if let byteCount = connection.skippedByteCount {
                let arrived = min(byteCount, bytes.count - position)
                position += arrived
                if arrived < byteCount {
                    connection.skippedByteCount = byteCount - arrived
                    progress = .partial
                    return position
                }
                connection.skippedByteCount = nil
                frameCount += 1
            }
            let rest = bytes.extracting(droppingFirst: position)
            guard let header = FrameHeader(decoding: rest) else {
                progress = rest.isEmpty ? .more : .partial
                return position
            }
            guard connection.machine.isAcceptable(header) else {
                dispatcher.refuseOversized(header, &output)
                connection.isClosing = true
                return position
            }
            let isRequest = header.type == .request
            guard rest.count >= header.byteCountOfFrame || !isRequest else {
                progress = .partial
                return position
            }
            if frameCount >= ServerLimits.framesPerTurnMax {
                progress = .budgetSpent
                return position
            }
            if isRequest {
                position += header.byteCountOfFrame
                frameCount += answerFrame(
                    header, rest.extracting(FrameHeader.byteCount..<header.byteCountOfFrame), connection)
            } else {
                // Judged by its header alone: its body would be the largest thing a peer can have us keep.
                position += FrameHeader.byteCount
                connection.skippedByteCount = Int(header.byteCountOfBody)
                _ = answerFrame(header, Span(), connection)
            }
        }
        return position
    }

    /// Returns how many frames of the turn's budget it has cost.
    func answerFrame(_ header: FrameHeader, _ body: Span<UInt8>, _ connection: Connection) -> Int {
        switch connection.machine.receive(header) {
        case .call:
            admission.judgeAgain(&connection.peer)
            let call = Call(registration: connection.registration, streamID: header.streamID)
            switch dispatcher.answer(call, body, from: connection.peer, into: &output) {
            case .answered: break
            case .answeredAtLength: return ServerLimits.framesPerTurnMax
            case .later:
                connection.machine.begin(header.streamID)
                callInFlightCount += 1
                if callInFlightCount >= ServerLimits.callCountWorthTrimming { owesMemory = true }
            case .copied(let backup):
                connection.machine.begin(header.streamID)
                connection.backup = backup
                callInFlightCount += 1
            case .followed(let tail):
                connection.machine.begin(header.streamID)
                follow(tail)
            }
        case .refuse(let problem):
            dispatcher.refuse(header, problem, &output)
        case .refuseAndClose(let problem):
            dispatcher.refuse(header, problem, &output)
            connection.isClosing = true
            connection.abandonsCalls = true
            connection.backup?.end(.peerIsGone)
        case .ignore:
            break
        case .close:
            connection.isClosing = true
        }
        return 1
    }

    /// Gives their turn to connections that had more frames than their last one allowed.
    func takeTurns() {
        if awaitingTurn.isEmpty || ending != .running { return }
        let connections = awaitingTurn
        awaitingTurn.removeAll(keepingCapacity: true)
        for connection in connections {
            connection.isAwaitingTurn = false
            if self.connections[connection.registration] != nil { answer(connection) }
        }
    }
}
