import LinuxIO
import TokenCore
import TokenWire

/// What other threads have for the loop: answers of the writer, and the wish to end.
extension EventLoop {
    func takeInbox() {
        let taken = inbox.take()
        callInFlightCount -= taken.replies.count { $0.endsCall }
        if inbox.wantsCommits { hasTailsToServe = true }
        dispatcher.untakenUseTableCount -= taken.takenUseTableCount
        if taken.isAskedForUses { beginTellingUses() }
        for sign in taken.signs { sign() }
        if owesMemory { hasArmedDeadlines = true }
        var touched: [Connection] = []
        for reply in taken.replies {
            // A peer that is gone gets no answer; its change stands all the same.
            guard let connection = connections[reply.registration], !connection.abandonsCalls else { continue }
            reply.encode(&connection.output, reply.streamID)
            finish(reply, connection)
            if touched.last !== connection { touched.append(connection) }
        }
        // One that is here twice has nothing left to write the second time.
        for connection in touched where connections[connection.registration] != nil && !connection.output.isEmpty {
            flush(connection)
        }
        if taken.ending != ending { begin(taken.ending) }
    }

    private func finish(_ reply: LoopInbox.Reply, _ connection: Connection) {
        if !reply.endsCall {
            connection.backup?.pieceIsQueued()
            return
        }
        connection.machine.end(reply.streamID)
        if connection.backup?.streamID == reply.streamID { connection.backup = nil }
    }

    func begin(_ ending: LoopInbox.Ending) {
        if self.ending == .running {
            stopListening(on: .service)
            stopListening(on: .operator)
            pausedListeners = []
            // Frames that were not begun never are; a list that is not walked any more would keep their sockets open.
            awaitingTurn = []
            hasTurnsToGive = false
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
