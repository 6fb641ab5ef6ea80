import Glibc

/// Signals taken one after another by a thread that waits for them, so that no code runs in a handler.
package struct Signals: ~Copyable {
    private var set = sigset_t()

    /// Blocks the signals in this thread and in all that it starts: call before any thread exists.
    package init(blocking numbers: [Int32]) {
        sigemptyset(&set)
        for number in numbers { sigaddset(&set, number) }
        pthread_sigmask(SIG_BLOCK, &set, nil)
    }

    /// Waits for the next of them. See sigwait(3).
    package mutating func next() -> Int32 {
        var number: Int32 = 0
        while sigwait(&set, &number) != 0 {}
        return number
    }

    /// A write to a closed socket or pipe becomes EPIPE instead of the end of the process.
    package static func ignoreBrokenPipes() {
        signal(SIGPIPE, SIG_IGN)
    }
}
