import Glibc

/// Signals taken one after another by a thread that waits for them, so that no code runs in a handler.
package struct Signals: Sendable {
    private var set = sigset_t()

    /// Blocks the signals in this thread and in all that it starts: call before any thread exists.
    package init(blocking numbers: [Int32]) {
        self.init(numbers)
        pthread_sigmask(SIG_BLOCK, &set, nil)
    }

    private init(_ numbers: [Int32]) {
        sigemptyset(&set)
        for number in numbers { sigaddset(&set, number) }
    }

    /// Lets the signals through to this thread and to all that it starts.
    static func unblock(_ numbers: [Int32]) {
        var signals = Signals(numbers)
        pthread_sigmask(SIG_UNBLOCK, &signals.set, nil)
    }

    /// Ends the process as the signal would that is blocked: whoever waits for it sees so.
    package static func end(by number: Int32) {
        signal(number, SIG_DFL)
        unblock([number])
        raise(number)
        // The kernel spares the first process of a PID namespace what its signals do by default. See pid_namespaces(7).
        _exit(128 + number)
    }

    /// Waits for the next of them, until a moment of CLOCK_MONOTONIC: none when none came by then. See sigtimedwait(2).
    package func next(until deadlineNanoseconds: Int64) -> Int32? {
        var set = self.set
        while true {
            let rest = max(deadlineNanoseconds - SystemClock.monotonicNanoseconds(), 0)
            var timeout = timespec(tv_sec: Int(rest / 1_000_000_000), tv_nsec: Int(rest % 1_000_000_000))
            let number = sigtimedwait(&set, nil, &timeout)
            if number > 0 { return number }
            if errno != EINTR { return nil }
        }
    }

    /// A write to a closed socket or pipe becomes EPIPE instead of the end of the process.
    package static func ignoreBrokenPipes() {
        signal(SIGPIPE, SIG_IGN)
    }
}
