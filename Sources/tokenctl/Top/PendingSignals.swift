import Glibc

/// Signals that wait until the terminal can be given back.
final class PendingSignals {
    private static let numbers = [SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGTSTP, SIGWINCH]
    /// Those of them that whoever started this process has not blocked for good.
    private let awaited: sigset_t
    private let earlier: sigset_t

    /// Blocks them, for this thread and those that it starts.
    init() {
        var signals = sigset_t()
        sigemptyset(&signals)
        for number in Self.numbers { sigaddset(&signals, number) }
        var earlier = sigset_t()
        pthread_sigmask(SIG_BLOCK, &signals, &earlier)
        for number in Self.numbers where sigismember(&earlier, number) == 1 { sigdelset(&signals, number) }
        awaited = signals
        self.earlier = earlier
    }

    /// The next that has come, if one has.
    func next() -> Int32? {
        var awaited = awaited
        var none = timespec()
        let number = sigtimedwait(&awaited, nil, &none)
        return number > 0 ? number : nil
    }

    /// Does what the signal does to every process: returns if it only stopped this one, and it goes on.
    func obey(_ number: Int32) {
        raise(number)
        var blocked = sigset_t()
        var earlier = self.earlier
        // It is delivered here.
        pthread_sigmask(SIG_SETMASK, &earlier, &blocked)
        pthread_sigmask(SIG_SETMASK, &blocked, nil)
    }
}
