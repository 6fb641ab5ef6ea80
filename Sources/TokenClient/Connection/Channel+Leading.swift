internal import Glibc
internal import LinuxIO
internal import TokenWire

extension Channel {
    /// Leads until the turn is taken back.
    func lead(_ first: consuming LeadTurn) {
        var step = withState(first) { $0.lead($1, now: .now) }
        while true {
            switch consume step {
            case .resign:
                return
            case .connect(let turn):
                let result = Connector.connect(settings)
                step = withState(turn) { $0.connected($1, result, now: .now) }
            case .sleep(let turn, let moment):
                _ = wait(for: nil, until: moment, wantsWrite: false)
                step = withState(turn) { $0.lead($1, now: .now) }
            case .write(let turn, let writeTurn):
                write(writeTurn)
                step = withState(turn) { $0.lead($1, now: .now) }
            case .read(var turn, let moment, let wantsWrite):
                let (transfer, isWritable) = read(&turn, until: moment, wantsWrite: wantsWrite)
                step = withState(turn) { $0.received($1, transfer, isWritable: isWritable, now: .now) }
            }
        }
    }

    /// Reads once, as soon as there is something to read: asks for it again and again for a while, and then sleeps.
    private func read(
        _ turn: inout LeadTurn, until moment: Moment, wantsWrite: Bool
    ) -> (Transfer, isWritable: Bool) {
        guard let connection = turn.connection else { return (.wouldBlock, false) }
        if !wantsWrite && turn.polling.beginsNow() {
            let transfer = receiveSoon(connection, &turn.incoming, &turn.polling)
            if transfer != .wouldBlock { return (transfer, false) }
        }
        let ready = wait(for: connection, until: moment, wantsWrite: wantsWrite)
        return (ready.isReadable ? connection.receive(into: &turn.incoming) : .wouldBlock, ready.isWritable)
    }

    /// Asks for something to read as long as that may pay.
    private func receiveSoon(
        _ connection: Connection, _ incoming: inout WireBuffer, _ polling: inout AdaptivePolling
    ) -> Transfer {
        let begin = SystemClock.monotonicNanoseconds()
        var last = begin
        while true {
            let transfer = connection.receive(into: &incoming)
            if transfer != .wouldBlock {
                // What was there at the first look would have been there without it.
                if last > begin { polling.paid() }
                return transfer
            }
            sched_yield()
            let now = SystemClock.monotonicNanoseconds()
            guard polling.goesOn(after: now - begin, lastNanoseconds: now - last) else {
                polling.wasInVain()
                return .wouldBlock
            }
            last = now
        }
    }

    /// Sleeps until the connection is ready, the waker is woken, or the moment has come. See poll(2).
    private func wait(
        for connection: Connection?, until moment: Moment, wantsWrite: Bool
    ) -> (isReadable: Bool, isWritable: Bool) {
        let events = Int16(POLLIN) | (wantsWrite ? Int16(POLLOUT) : 0)
        var sources = (
            pollfd(fd: waker.rawValue, events: Int16(POLLIN), revents: 0),
            // poll(2) passes over a negative descriptor.
            pollfd(fd: connection?.rawValue ?? -1, events: events, revents: 0)
        )
        withUnsafeMutableBytes(of: &sources) { bytes in
            // EINTR, the one failure there can be, is a wake like any other: the caller looks at the time again.
            _ = poll(bytes.baseAddress?.assumingMemoryBound(to: pollfd.self), 2, moment.pollMilliseconds(from: .now))
        }
        if sources.0.revents != 0 { waker.clear() }
        let failed = Int16(POLLERR) | Int16(POLLHUP)
        return (sources.1.revents & (Int16(POLLIN) | failed) != 0, sources.1.revents & (Int16(POLLOUT) | failed) != 0)
    }
}

/// Keeps all signals from the calling thread.
func blockAllSignals() {
    var all = sigset_t()
    sigfillset(&all)
    // No failure is possible with these arguments: see pthread_sigmask(3).
    pthread_sigmask(SIG_SETMASK, &all, nil)
}
