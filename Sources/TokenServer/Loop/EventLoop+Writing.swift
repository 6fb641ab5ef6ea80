import LinuxIO
import TokenWire

/// Replies on their way to the peers, and what a connection waits for behind them.
extension EventLoop {
    /// Writes what waited for the peer.
    func flush(_ connection: Connection) {
        switch transmit(connection.descriptor.rawValue, connection.output) {
        case .bytes(let count):
            connection.output.consume(count)
            connection.deadlines.repliesWereTaken()
            if connection.output.isEmpty {
                // What goes is overwritten.
                connection.output = WireBuffer(capacity: 0)
                connection.backup?.queueIsEmpty()
                // Its streams wait for that if it was not so between two turns.
                if connection.interest.contains(.write) { hasTailsToServe = true }
            }
        case .wouldBlock:
            break
        case .ended, .failed:
            close(connection)
            return
        }
        joinRound(connection)
        resumeIfPossible(connection)
        settle(connection)
    }

    /// Frames that were held back get their turn when what held them back is gone.
    func resumeIfPossible(_ connection: Connection) {
        if connection.isAwaitingTurn || connection.isHeldBack || connection.isClosing || connection.input.isEmpty {
            return
        }
        giveTurn(to: connection)
    }

    /// Closes the connection if nothing is left to do for it, or if it keeps too much, else has the poller watch for what it
    /// waits for.
    func settle(_ connection: Connection) {
        let isDone = connection.isFinished || (ending == .draining && isIdle(connection))
        if isDone || !admission.mayKeep(connection) {
            close(connection)
            return
        }
        var interest = Poller.Interest.nothing
        if connection.isHeldBack || connection.hasInputEnded || connection.isClosing {
            connection.deadlines.readingIsHeldBack()
        } else if ending == .running {
            interest.insert(.read)
        }
        if !connection.output.isEmpty {
            interest.insert(.write)
            connection.deadlines.repliesWait(now: SystemClock.monotonicNanoseconds())
            hasArmedDeadlines = true
        }
        connection.isPlain = interest == .read && connection.isBetweenFrames
        // While replies wait, what has come is mostly left for later: then it is told at each wait until it is taken.
        if interest == .read { interest = .arrivals }
        if interest == connection.interest && (!connection.hasMoreToRead || connection.isAwaitingTurn) { return }
        connection.interest = interest
        // The poller looks at once whether there is more.
        connection.hasMoreToRead = false
        do throws(SystemError) {
            try poller.modify(
                connection.descriptor.rawValue, interest, registration: connection.registration)
        } catch {
            close(connection)
        }
    }

    func isIdle(_ connection: Connection) -> Bool {
        connection.output.isEmpty && !connection.machine.hasCallsInFlight && !connection.isAwaitingTurn
    }

    func close(_ connection: Connection) {
        guard connections.remove(connection) else { return }
        connection.isClosing = true
        connection.backup?.end(.peerIsGone)
        leaveRound(connection)
        // Its streams, if it has any, are dropped in the round that so begins.
        if connection.machine.hasCallsInFlight { hasTailsToServe = true }
        poller.remove(connection.descriptor.rawValue)
        admission.release(connection)
        if max(connection.input.capacity, connection.output.capacity) > ServerLimits.bufferByteCountWorthTrimming {
            owesMemory = true
            hasArmedDeadlines = true
        }
    }
}
