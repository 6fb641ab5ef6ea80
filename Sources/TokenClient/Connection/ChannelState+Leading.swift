internal import LinuxIO
internal import TokenWire

/// What the leader does: connect, read for all, and keep the time of suspending calls.
extension ChannelState {
    /// What the leader does next.
    mutating func lead(_ turn: consuming LeadTurn, now: Moment) -> LeadStep {
        for index in calls.records.indices where calls.suspendingCount > 0 {
            guard calls.records[index].isSuspending, calls.records[index].isLive else { continue }
            let key = calls.key(at: index)
            if now >= limit(of: key) { end(key, .failed(overdue(key))) }
        }
        settle(now: now)
        if turn.connection !== link.connection {
            turn.connection = link.connection
            turn.incoming.wipe()
        }
        guard leaderStays(now: now) else {
            leader = .nobody
            leadTurn = Optional(turn)
            settle(now: now)
            return .resign
        }
        if let writeTurn = link.takeWriteTurn() { return .write(turn, writeTurn) }
        leaderSleepsUntil = nextLimit()
        if link.connection != nil { return .read(turn, until: leaderSleepsUntil, wantsWrite: link.isBlocked) }
        if now >= backoff.notBefore { return .connect(turn) }
        return .sleep(turn, until: min(leaderSleepsUntil, backoff.notBefore))
    }

    /// A blocking caller leads until its own call needs it: to take the outcome, or to send its frame.
    private func leaderStays(now: Moment) -> Bool {
        switch leader {
        case .nobody: false
        case .call(let key): calls.records[key.index].isBeingWaitedFor && now < limit(of: key)
        case .background: calls.suspendingCount > 0
        }
    }

    /// When the leader has to look at the time again: for its own call, and for suspending ones.
    private func nextLimit() -> Moment {
        var next = Moment.distantFuture
        if case .call(let key) = leader { next = limit(of: key) }
        guard calls.suspendingCount > 0 else { return next }
        for index in calls.records.indices where calls.records[index].isLive && calls.records[index].isSuspending {
            next = min(next, limit(of: calls.key(at: index)))
        }
        return next
    }

    /// The leader has read, and blocked bytes may be able to go on.
    mutating func received(
        _ turn: consuming LeadTurn, _ transfer: Transfer, isWritable: Bool, now: Moment
    ) -> LeadStep {
        guard turn.connection === link.connection else { return lead(turn, now: now) }
        if isWritable { link.unblock() }
        switch transfer {
        case .bytes: dispatch(&turn.incoming, now: now)
        case .wouldBlock: break
        case .ended, .failed: lose(.connectionLost, mayRepeat: true, now: now)
        }
        return lead(turn, now: now)
    }

    /// Gives each whole frame to its call. Whatever is not the answer of a call that waits is dropped: frames of types
    /// that are for later versions, answers that came too late.
    private mutating func dispatch(_ bytes: inout WireBuffer, now: Moment) {
        while let header = FrameHeader(decoding: bytes.span) {
            guard header.byteCountOfBody <= UInt32(WireLimits.frameBodyByteCountMax) else {
                let problem = "a frame of \(header.byteCountOfBody) bytes, more than the protocol allows"
                lose(.protocolViolation(problem), mayRepeat: false, now: now)
                return
            }
            guard bytes.count >= header.byteCountOfFrame else { return }
            link.wasUseful = true
            backoff.heard()
            if header.type == .response, let key = link.close(header.streamID) {
                let body = AnswerBody(copying: bytes.span.extracting(FrameHeader.byteCount..<header.byteCountOfFrame))
                end(key, .answered(body, isOfRepetition: calls.records[key.index].wasRepeated))
            }
            bytes.consume(header.byteCountOfFrame)
        }
        guard bytes.isEmpty else { return }
        // Answers can hold secrets.
        bytes.wipe()
        bytes.shrink(toCapacity: Link.bufferByteCount)
    }

    /// The leader has tried to connect.
    mutating func connected(_ turn: consuming LeadTurn, _ result: ConnectResult, now: Moment) -> LeadStep {
        switch result {
        case .connected(let connection):
            backoff.attemptSucceeded()
            link.begin(connection, firstStreamID: firstStreamID)
        case .notNow(let problem):
            backoff.attemptFailed(problem, now: now)
            for key in queue where now >= limit(of: key) { end(key, .failed(overdue(key))) }
        case .refused(let error):
            for key in queue { end(key, .failed(error)) }
        }
        return lead(turn, now: now)
    }
}
