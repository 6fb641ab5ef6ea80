import LinuxIO
import TokenStore
import TokenWire

/// Streams of events. Each has its turn with the others: one message, and then the next stream's.
extension EventLoop {
    /// Takes up a stream. Its first message comes in this turn.
    func follow(_ tail: Tail) {
        tails.append(tail)
        hasTails = true
        hasTailsToServe = true
    }

    /// Sends what there is to the streams that are due. `hasTailsToServe` says that any may be.
    func serveTails() {
        if !hasTails { return }
        let now = SystemClock.monotonicNanoseconds()
        if !hasTailsToServe && now < nextTailMoment { return }
        let hasNewEvents = inbox.takeCommitNote()
        hasTailsToServe = false
        var remaining: [Tail] = []
        // What is appended meanwhile is none: nothing below takes a call.
        for var tail in tails {
            if hasNewEvents { tail.isBehind = true }
            if serve(&tail, now) { remaining.append(tail) }
        }
        tails = remaining
        hasTails = !remaining.isEmpty
        nextTailMoment = tails.reduce(.max) { min($0, $1.dueAt) }
        if !hasTails { inbox.wantsCommits = false }
    }

    /// Rounded up, so that the loop does not turn before the moment has come.
    var millisecondsToNextTail: Int32 {
        let wait = nextTailMoment - SystemClock.monotonicNanoseconds()
        return Int32(clamping: max(0, wait) / 1_000_000 + 1)
    }

    /// False when the stream has ended, or its connection has.
    private func serve(_ tail: inout Tail, _ now: Int64) -> Bool {
        guard let connection = connections[tail.context.call.registration], !connection.abandonsCalls else {
            return false
        }
        let streamID = tail.context.call.streamID
        if connection.isClosing || ending != .running {
            connection.output.appendDataEnd(stream: streamID)
            return finish(streamID, connection)
        }
        if now >= tail.context.deadlineNanoseconds ?? .max {
            let refusal = Refusal(.deadlineExceeded, "the time that the caller gave the stream has passed")
            connection.output.appendResponse(
                stream: streamID, status: refusal.status(traceID: tail.context.traceID))
            return finish(streamID, connection)
        }
        if !tail.isBehind && now < tail.nextSign { return true }
        if !connection.output.isEmpty {
            // A peer that does not read is not written for: what it takes brings its streams a turn again.
            tail.nextSign = max(tail.nextSign, now + timeouts.tailSign.nanoseconds)
            return true
        }
        return send(&tail, connection, now)
    }

    private func send(_ tail: inout Tail, _ connection: Connection, _ now: Int64) -> Bool {
        let streamID = tail.context.call.streamID
        do {
            admission.judgeAgain(connection)
            tail.context.peer = connection.peer
            let message = try dispatcher.message(&tail)
            let isWorthSending = !message.events.isEmpty || now >= tail.nextSign
            if tail.isBehind { hasTailsToServe = true }
            if !isWorthSending { return true }
            try connection.output.appendData(stream: streamID, payload: message)
            tail.nextSign = now + timeouts.tailSign.nanoseconds
            flush(connection)
            return true
        } catch {
            connection.output.appendResponse(
                stream: streamID, status: dispatcher.status(of: error, tail.context))
            return finish(streamID, connection)
        }
    }

    private func finish(_ streamID: UInt32, _ connection: Connection) -> Bool {
        connection.machine.end(streamID)
        flush(connection)
        return false
    }
}
