import LinuxIO
import TokenCore
import TokenWire

/// What other threads have for the loop: answers of the writer, and the wish to end.
extension EventLoop {
    func takeInbox() {
        let taken = inbox.take()
        if inbox.wantsCommits { hasTailsToServe = true }
        if taken.areUsesTaken { dispatcher.usesBeingTaken = [] }
        if taken.isAskedForUses { beginTellingUses() }
        for sign in taken.signs { sign() }
        if owesMemory { hasArmedDeadlines = true }
        if !taken.replies.isEmpty {
            replies.removeFirst(nextReply)
            nextReply = 0
            replies.append(contentsOf: taken.replies)
            hasRepliesToGive = true
        }
        if taken.ending != ending {
            giveReplies(to: .max)
            enter(taken.ending)
        }
    }

    /// Writes answers of the writer, to so many connections: whoever asks for a verification meanwhile need not wait for all.
    func giveReplies(to connectionCountMax: Int = ServerLimits.answeredConnectionsAtOnceMax) {
        if !hasRepliesToGive { return }
        var touched: [Connection] = []
        while nextReply < replies.count && touched.count < connectionCountMax {
            // Taken out, for it holds what it answers.
            let taken = replies[nextReply].take()
            nextReply += 1
            guard let reply = taken else { continue }
            if reply.endsCall { callInFlightCount -= 1 }
            // A peer that is gone gets no answer; its change stands all the same.
            guard let connection = connections[reply.registration], !connection.abandonsCalls else { continue }
            reply.encode(&connection.output, reply.streamID)
            finish(reply, connection)
            if touched.last !== connection { touched.append(connection) }
        }
        if nextReply == replies.count {
            replies.removeAll(keepingCapacity: replies.capacity <= ServerLimits.callCountWorthTrimming)
            nextReply = 0
            hasRepliesToGive = false
        }
        // One that is here twice has nothing left to write the second time.
        for connection in touched where connections[connection.registration] != nil && !connection.output.isEmpty {
            flush(connection)
        }
    }

    private func finish(_ reply: LoopInbox.Reply, _ connection: Connection) {
        if !reply.endsCall {
            connection.backup?.pieceIsQueued()
            return
        }
        connection.machine.end(reply.streamID)
        if connection.backup?.streamID == reply.streamID { connection.backup = nil }
    }

    private func enter(_ ending: LoopInbox.Ending) {
        if self.ending == .running {
            stopListening(on: .service)
            stopListening(on: .operator)
            pausedListeners = []
            drainDeadline = SystemClock.monotonicNanoseconds() + timeouts.drain.nanoseconds
        }
        self.ending = ending
        hasTailsToServe = true
        for connection in connections.all {
            connection.backup?.end(.daemonStops)
            settle(connection)
        }
    }
}
