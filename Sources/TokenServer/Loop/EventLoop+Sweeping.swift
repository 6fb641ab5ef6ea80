import LinuxIO

/// What happens by the clock: deadlines of peers, sockets tried again, memory given back.
extension EventLoop {
    /// Looks, at intervals, at all that waits for a time to come.
    func sweepIfDue() {
        if !hasArmedDeadlines && ending == .running { return }
        let now = SystemClock.monotonicNanoseconds()
        if now < nextSweep { return }
        nextSweep = now + Int64(ServerLimits.sweepIntervalMilliseconds) * 1_000_000
        hasArmedDeadlines = false
        resumeListening()
        giveMemoryBack(now)
        for connection in connections.all {
            if connection.deadlines.earliest <= now || drainDeadline <= now {
                close(connection)
            } else if connection.deadlines.isArmed {
                hasArmedDeadlines = true
            }
        }
    }

    /// After many calls at once, or large buffers, the allocator keeps what was freed between what was not.
    func giveMemoryBack(_ now: Int64) {
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
