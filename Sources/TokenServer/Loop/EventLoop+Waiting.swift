import Glibc
import LinuxIO

/// From one turn to the next.
extension EventLoop {
    /// Waits until there are events or a deadline is due, and returns how many events there are.
    func wait() throws(SystemError) -> Int {
        let timeout = timeout
        if timeout == 0 || !polling.beginsNow() { return try poller.wait(timeoutMilliseconds: timeout) }
        let begin = SystemClock.monotonicNanoseconds()
        var last = begin
        while true {
            let count = try poller.wait(timeoutMilliseconds: 0)
            let now = SystemClock.monotonicNanoseconds()
            guard polling.goesOn(after: now - begin, lastNanoseconds: now - last) else {
                polling.wasInVain()
                return count > 0 ? count : try poller.wait(timeoutMilliseconds: timeout)
            }
            if count > 0 {
                // What was there at the first look would have been there without it.
                if last > begin { polling.paid() }
                return count
            }
            last = now
            // Whoever is to send the next request may need this core for it. See sched_yield(2).
            sched_yield()
        }
    }

    /// What the poller waits for at most: for ever if nothing happens by the clock.
    private var timeout: Int32 {
        if hasTurnsToGive || hasRepliesToGive { return 0 }
        if hasUsesToTell { return 0 }
        if hasSlices || hasTailsToServeNow { return 0 }
        if hasArmedDeadlines || ending != .running { return ServerLimits.sweepIntervalMilliseconds }
        return hasTails ? millisecondsToNextTail : -1
    }
}
