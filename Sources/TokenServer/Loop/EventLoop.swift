import Glibc
import LinuxIO
import TokenCore
import TokenWire

/// One thread with its own epoll, its own connections and its own connection to the store.
///
/// A turn: wait, then for each ready connection read once, answer every whole frame that came, write once. No system call
/// but these, and no lock, lies between the read and the reply of a verification.
final class EventLoop {
    private let poller: Poller
    private let inbox: LoopInbox
    private let listeners: SocketPair
    private let admission: Admission
    private let dispatcher: Dispatcher
    private let timeouts: Timeouts
    private var connections: [UInt64: Connection] = [:]
    private var nextRegistration = Registration.firstConnection
    /// What one read brings when nothing is left over, and the replies of one turn.
    private var input = WireBuffer(capacity: ServerLimits.readByteCountMax)
    private var output = WireBuffer(capacity: ServerLimits.readByteCountMax)
    private var awaitingTurn: [Connection] = []
    private var reserve = ReserveDescriptor()
    /// Sockets that nothing is accepted from before the next sweep.
    private var pausedListeners: [SocketKind] = []
    private var ending = LoopInbox.Ending.running
    private var drainDeadline = Int64.max
    private var hasArmedDeadlines = false
    private var nextSweep: Int64 = 0
    /// Calls that wait for the writer, of all connections, those that are gone too.
    private var callInFlightCount = 0
    /// So much has been freed that the allocator is to give it back, as soon as nothing is in flight.
    private var owesMemory = false
    private var nextTrim: Int64 = 0

    private enum Registration {
        static let inbox: UInt64 = 0
        static let serviceListener: UInt64 = 1
        static let operatorListener: UInt64 = 2
        static let firstConnection: UInt64 = 16
    }

    init(
        inbox: LoopInbox, listeners: SocketPair, admission: Admission, dispatcher: Dispatcher, timeouts: Timeouts
    ) throws(SystemError) {
        poller = try Poller()
        self.inbox = inbox
        self.listeners = listeners
        self.admission = admission
        self.dispatcher = dispatcher
        self.timeouts = timeouts
        try poller.add(inbox.pollableDescriptor, .read, registration: Registration.inbox)
        try listen(on: .service)
        try listen(on: .operator)
    }

    /// Turns until it was asked to end and nothing is left to do.
    func run() throws(SystemError) {
        while !isDone {
            let count = try poller.wait(timeoutMilliseconds: timeout)
            // First those that waited, so that none of them has two turns before another has one.
            takeTurns()
            for index in 0..<count { handle(poller.event(index)) }
            sweepIfDue()
        }
        for connection in connections.values { close(connection) }
    }

    private var isDone: Bool {
        switch ending {
        case .running: false
        case .draining: connections.isEmpty
        case .stopping: true
        }
    }

    private var timeout: Int32 {
        if !awaitingTurn.isEmpty && ending == .running { return 0 }
        return hasArmedDeadlines || ending != .running ? ServerLimits.sweepIntervalMilliseconds : -1
    }

    private func handle(_ event: Poller.Event) {
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
                receive(connection)
            } else if event.isHungUp {
                close(connection)
            }
        }
    }
}

// MARK: - Accepting

extension EventLoop {
    private func listen(on kind: SocketKind) throws(SystemError) {
        let (descriptor, registration) =
            switch kind {
            case .service: (listeners.service.descriptor.rawValue, Registration.serviceListener)
            case .operator: (listeners.operator.descriptor.rawValue, Registration.operatorListener)
            }
        try poller.add(descriptor, [.read, .exclusive], registration: registration)
    }

    private func stopListening(on kind: SocketKind) {
        switch kind {
        case .service: poller.remove(listeners.service.descriptor.rawValue)
        case .operator: poller.remove(listeners.operator.descriptor.rawValue)
        }
    }

    private func accept(from kind: SocketKind) {
        // The event may have been fetched together with the wish to end.
        if ending != .running { return }
        let accepted =
            switch kind {
            case .service: listeners.service.accept(reserve: &reserve)
            case .operator: listeners.operator.accept(reserve: &reserve)
            }
        switch consume accepted {
        case .none: break
        case .turnedAway: admission.noteTurnedAway()
        case .failed(let error):
            // The peer still waits, so that the poller would report it at once, again and again.
            admission.noteFailure(error)
            stopListening(on: kind)
            pausedListeners.append(kind)
            hasArmedDeadlines = true
        case .connection(let descriptor): admit(descriptor, kind)
        }
    }

    private func admit(_ descriptor: consuming FileDescriptor, _ kind: SocketKind) {
        guard let peer = admission.admit(descriptor.rawValue, on: kind) else { return }
        let connection = Connection(
            registration: nextRegistration, descriptor: descriptor, peer: peer, timeouts,
            now: SystemClock.monotonicNanoseconds())
        nextRegistration += 1
        do throws(SystemError) {
            try poller.add(connection.descriptor.rawValue, .read, registration: connection.registration)
        } catch {
            admission.release(peer)
            admission.noteFailure(error)
            return
        }
        connections[connection.registration] = connection
        hasArmedDeadlines = true
    }
}

// MARK: - Reading and answering

extension EventLoop {
    private func receive(_ connection: Connection) {
        // What is left over from its last turn comes first. A call that comes after the wish to end is not begun.
        if connection.isAwaitingTurn || connection.isClosing || ending != .running { return }
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

    private func endInput(_ connection: Connection) {
        connection.hasInputEnded = true
        connection.input.removeAll()
        connection.deadlines.frameArrived()
        settle(connection)
    }

    /// Answers the whole frames that are there, up to the turn's budget, and writes the replies.
    private func answer(_ connection: Connection) {
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

    private enum Progress {
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
    private func answerFrames(
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
    private func answerFrame(_ header: FrameHeader, _ body: Span<UInt8>, _ connection: Connection) -> Int {
        switch connection.machine.receive(header) {
        case .call:
            let call = Call(registration: connection.registration, streamID: header.streamID)
            switch dispatcher.answer(call, body, from: connection.peer, into: &output) {
            case .answered: break
            case .answeredAtLength: return ServerLimits.framesPerTurnMax
            case .later:
                connection.machine.begin(header.streamID)
                callInFlightCount += 1
                if callInFlightCount >= ServerLimits.callCountWorthTrimming { owesMemory = true }
            }
        case .refuse(let problem):
            dispatcher.refuse(header, problem, &output)
        case .refuseAndClose(let problem):
            dispatcher.refuse(header, problem, &output)
            connection.isClosing = true
        case .ignore:
            break
        case .close:
            connection.isClosing = true
        }
        return 1
    }

    /// Gives their turn to connections that had more frames than their last one allowed.
    private func takeTurns() {
        if awaitingTurn.isEmpty || ending != .running { return }
        let connections = awaitingTurn
        awaitingTurn.removeAll(keepingCapacity: true)
        for connection in connections {
            connection.isAwaitingTurn = false
            if self.connections[connection.registration] != nil { answer(connection) }
        }
    }
}

// MARK: - Writing

extension EventLoop {
    /// Writes what the turn answered; what the socket does not take waits with the connection.
    private func writeReplies(_ connection: Connection) {
        if output.isEmpty { return }
        if connection.output.isEmpty {
            switch transmit(connection.descriptor.rawValue, output) {
            case .bytes(let count):
                connection.output.append(output, droppingFirst: count)
            case .wouldBlock:
                connection.output.append(output, droppingFirst: 0)
            case .ended, .failed:
                connection.isClosing = true
            }
        } else {
            connection.output.append(output, droppingFirst: 0)
        }
        output.removeAll()
        output.shrink(toCapacity: ServerLimits.bufferByteCountKept)
    }

    /// Writes what waited for the peer.
    private func flush(_ connection: Connection) {
        switch transmit(connection.descriptor.rawValue, connection.output) {
        case .bytes(let count):
            connection.output.consume(count)
            connection.deadlines.repliesWereTaken()
            if connection.output.isEmpty {
                connection.output.wipe()
                connection.output.shrink(toCapacity: 0)
            }
        case .wouldBlock:
            break
        case .ended, .failed:
            close(connection)
            return
        }
        resumeIfPossible(connection)
        settle(connection)
    }

    /// Frames that were held back get their turn when what held them back is gone.
    private func resumeIfPossible(_ connection: Connection) {
        if connection.isAwaitingTurn || connection.isHeldBack || connection.isClosing || connection.input.isEmpty {
            return
        }
        connection.isAwaitingTurn = true
        awaitingTurn.append(connection)
    }

    /// Closes the connection if nothing is left to do for it, else has the poller watch for what it waits for.
    private func settle(_ connection: Connection) {
        if connection.isFinished || (ending == .draining && isIdle(connection)) {
            close(connection)
            return
        }
        var interest: Poller.Interest = []
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
        if interest == connection.interest { return }
        connection.interest = interest
        do throws(SystemError) {
            try poller.modify(
                connection.descriptor.rawValue, interest, registration: connection.registration)
        } catch {
            close(connection)
        }
    }

    private func isIdle(_ connection: Connection) -> Bool {
        connection.output.isEmpty && !connection.machine.hasCallsInFlight
    }

    private func close(_ connection: Connection) {
        guard connections.removeValue(forKey: connection.registration) != nil else { return }
        connection.isClosing = true
        poller.remove(connection.descriptor.rawValue)
        admission.release(connection.peer)
        if max(connection.input.capacity, connection.output.capacity) > ServerLimits.bufferByteCountWorthTrimming {
            owesMemory = true
            hasArmedDeadlines = true
        }
    }
}

// MARK: - Replies of the writer, deadlines, ending

extension EventLoop {
    private func takeInbox() {
        let (replies, ending) = inbox.take()
        callInFlightCount -= replies.count
        if owesMemory { hasArmedDeadlines = true }
        var touched: [Connection] = []
        for reply in replies {
            // A peer that is gone gets no answer; its change stands all the same.
            guard let connection = connections[reply.registration] else { continue }
            reply.encode(&connection.output, reply.streamID)
            connection.machine.end(reply.streamID)
            if touched.last !== connection { touched.append(connection) }
        }
        // One that is here twice has nothing left to write the second time.
        for connection in touched where connections[connection.registration] != nil && !connection.output.isEmpty {
            flush(connection)
        }
        if ending != self.ending { begin(ending) }
    }

    private func begin(_ ending: LoopInbox.Ending) {
        if self.ending == .running {
            stopListening(on: .service)
            stopListening(on: .operator)
            pausedListeners = []
            // Frames that were not begun never are; a list that is not walked any more would keep their sockets open.
            awaitingTurn = []
            drainDeadline = SystemClock.monotonicNanoseconds() + timeouts.drain.nanoseconds
        }
        self.ending = ending
        for connection in connections.values { settle(connection) }
    }

    private func sweepIfDue() {
        if !hasArmedDeadlines && ending == .running { return }
        let now = SystemClock.monotonicNanoseconds()
        if now < nextSweep { return }
        nextSweep = now + Int64(ServerLimits.sweepIntervalMilliseconds) * 1_000_000
        hasArmedDeadlines = false
        resumeListening()
        giveMemoryBack(now)
        for connection in connections.values {
            if connection.deadlines.earliest <= now || drainDeadline <= now {
                close(connection)
            } else if connection.deadlines.isArmed {
                hasArmedDeadlines = true
            }
        }
    }
}

extension EventLoop {
    /// Tries the sockets again from which no connection could be taken.
    private func resumeListening() {
        let paused = pausedListeners
        pausedListeners = []
        for kind in paused {
            do throws(SystemError) {
                try listen(on: kind)
            } catch {
                admission.noteFailure(error)
                pausedListeners.append(kind)
                hasArmedDeadlines = true
            }
        }
    }
}

extension EventLoop {
    /// After many calls at once, or large buffers, the allocator keeps what was freed between what was not.
    private func giveMemoryBack(_ now: Int64) {
        if !owesMemory { return }
        if callInFlightCount > 0 || now < nextTrim {
            hasArmedDeadlines = true
            return
        }
        owesMemory = false
        nextTrim = now + Int64(ServerLimits.trimIntervalSeconds) * 1_000_000_000
        FreeMemory.giveBack()
    }
}

/// One send(2) of all that the buffer holds.
private func transmit(_ descriptor: Int32, _ buffer: borrowing WireBuffer) -> Transfer {
    buffer.span.withUnsafeBytes { transmit(descriptor, $0) }
}

extension WireBuffer {
    /// Appends what another buffer holds behind its first `byteCount` bytes.
    fileprivate mutating func append(_ other: borrowing WireBuffer, droppingFirst byteCount: Int) {
        if byteCount < other.count { append(other.span.extracting(droppingFirst: byteCount)) }
    }
}
