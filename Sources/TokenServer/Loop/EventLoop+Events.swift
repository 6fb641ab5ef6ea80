import LinuxIO
import TokenCore

/// What happened while the loop waited, each thing seen to by whom it concerns.
extension EventLoop {
    /// Sees to the events of one wait.
    ///
    /// Of connections that are ready together the next is read before the one in front is answered: what its requests ask
    /// about is then on its way from memory while that answer is put together and written. What is no verification takes
    /// as long as some of them: it has its turn behind those that came with it.
    func handleEvents(_ count: Int, _ buffers: inout TurnBuffersPair) {
        if count == 1 { return handle(poller.event(0), &buffers.answered) }
        var waiting: Connection?
        for index in 0..<count {
            let event = poller.event(index)
            if let connection = connectionToRead(event), connection.isPlain, ending == .running {
                let transfer = buffers.read.input.receive(from: connection.descriptor.rawValue)
                if noteEnd(of: transfer, connection) { continue }
                buffers.read.lookahead.look(at: buffers.read.input, for: cache)
                if buffers.read.lookahead.beginsWithAnotherCall {
                    postpone(connection, &buffers.read)
                    continue
                }
                if let waiting { answerPlainly(waiting, &buffers.answered) }
                buffers.turn()
                buffers.answered.lookahead.fetchRecords(for: cache)
                waiting = connection
            } else {
                if let waiting { answerPlainly(waiting, &buffers.answered) }
                waiting = nil
                handle(event, &buffers.answered)
            }
        }
        if let waiting { answerPlainly(waiting, &buffers.answered) }
    }

    /// Keeps what a connection that owed nothing has sent until it has its turn.
    private func postpone(_ connection: Connection, _ buffers: inout TurnBuffers) {
        connection.isPlain = false
        connection.input.append(buffers.input, droppingFirst: 0)
        buffers.empty()
        if !admission.mayKeep(connection) { return close(connection) }
        giveTurn(to: connection)
    }

    private func handle(_ event: Poller.Event, _ buffers: inout TurnBuffers) {
        if let connection = connectionToRead(event) {
            take(connection, &buffers)
            return
        }
        switch event.registration {
        case Registration.inbox:
            takeInbox()
        case Registration.serviceListener:
            accept(from: .service)
        case Registration.operatorListener:
            accept(from: .operator)
        default:
            // An event fetched before its connection was closed names a registration that is no more.
            guard let connection = connections[event.registration] else { return }
            if event.isWritable { flush(connection) }
            if event.isReadable {
                if event.isAtEnd {
                    connection.hasMoreToRead = true
                    connection.isPlain = false
                }
                take(connection, &buffers)
            } else if event.isHungUp {
                close(connection)
            }
        }
    }

    /// The connection of an event that says nothing but that there is something to read.
    private func connectionToRead(_ event: Poller.Event) -> Connection? {
        event.isReadable && !event.isWritable && !event.isAtEnd ? connections[event.registration] : nil
    }

    /// Reads what has come and answers it.
    private func take(_ connection: Connection, _ buffers: inout TurnBuffers) {
        // What is left over from its last turn comes first. A call that comes after the wish to end is not begun. The event
        // may have been fetched before the turn that held the connection back.
        if connection.isAwaitingTurn || connection.isClosing || ending != .running {
            connection.hasMoreToRead = true
            return
        }
        if connection.isPlain {
            if noteEnd(of: buffers.input.receive(from: connection.descriptor.rawValue), connection) { return }
            if Lookahead.isWorthwhile(for: buffers.input) {
                buffers.lookahead.look(at: buffers.input, for: cache)
                buffers.lookahead.fetchRecords(for: cache)
            }
            answerPlainly(connection, &buffers)
        } else if !connection.isHeldBack {
            takeMore(connection, &buffers)
        }
    }
}
