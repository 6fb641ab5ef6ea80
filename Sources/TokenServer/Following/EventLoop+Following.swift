import LinuxIO
import TokenStore
import TokenWire

/// Streams of events. In a round each has its turn: one message, and then the next stream's. A message may take a look
/// through many events, so that a round goes on in the loop's next turn when it has taken long enough.
extension EventLoop {
    /// Takes up a stream. Its first message comes in this round, or in the next.
    func follow(_ tail: Tail, of connection: Connection) {
        connection.tailByteCount += tail.heldByteCount
        tails.append(tail)
        hasTails = true
        hasTailsToServe = true
    }

    /// Whether a round goes on, or another is to begin at once.
    var hasTailsToServeNow: Bool { hasTails && (hasTailsToServe || servedTailCount > 0) }

    /// Sends what there is to the streams that are due. `hasTailsToServe` says that any may be.
    func serveTails(until deadline: Int64) {
        if !hasTails { return }
        let start = SystemClock.monotonicNanoseconds()
        if servedTailCount == 0 {
            if !hasTailsToServe && start < nextTailMoment { return }
            beginRound()
        }
        var now = start
        // What is appended meanwhile is none: nothing below takes a call.
        while servedTailCount < tails.count {
            if serve(&tails[servedTailCount], now) {
                servedTailCount += 1
            } else {
                tails.swapAt(servedTailCount, tails.count - 1)
                tails.removeLast()
            }
            now = SystemClock.monotonicNanoseconds()
            if now >= deadline && servedTailCount < tails.count { return }
        }
        endRound()
    }

    private func beginRound() {
        hasTailsToServe = false
        if !inbox.takeCommitNote() { return }
        for index in tails.indices { tails[index].isBehind = true }
    }

    private func endRound() {
        servedTailCount = 0
        hasTails = !tails.isEmpty
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
            return finish(tail, connection)
        }
        if now >= tail.context.deadlineNanoseconds ?? .max {
            let refusal = Refusal(.deadlineExceeded, "the time that the caller gave the stream has passed")
            connection.output.appendResponse(
                stream: streamID, status: dispatcher.status(of: refusal, tail.context))
            return finish(tail, connection)
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
            tail.context.now = dispatcher.reader.now
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
            return finish(tail, connection)
        }
    }

    private func finish(_ tail: Tail, _ connection: Connection) -> Bool {
        connection.machine.end(tail.context.call.streamID)
        connection.tailByteCount -= tail.heldByteCount
        flush(connection)
        return false
    }
}
