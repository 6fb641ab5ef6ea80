import Glibc

/// A terminal that does not show what is typed.
///
/// Signals that end or stop a process wait until it shows it again: a shell that got its terminal back without echo
/// would be as good as broken. The process that they end leaves the terminal as it was; one that they stop asks again
/// when it goes on.
enum SilentTerminal {
    private static let signalNumbers = [SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGTSTP]
    private static let waitMilliseconds: Int32 = 50

    /// Asks, and reads the answer when there is a line of it.
    static func withoutEcho<Value>(_ question: String, _ read: () throws -> Value) rethrows -> Value {
        var signals = sigset_t()
        sigemptyset(&signals)
        for number in signalNumbers { sigaddset(&signals, number) }
        while true {
            var earlier = sigset_t()
            pthread_sigmask(SIG_BLOCK, &signals, &earlier)
            // What waits is delivered here, when the terminal is as it was.
            defer { pthread_sigmask(SIG_SETMASK, &earlier, nil) }
            var settings = termios()
            // A terminal that has gone shows nothing, and what is read from it is its end.
            if tcgetattr(STDIN_FILENO, &settings) != 0 { return try read() }
            var silent = settings
            silent.c_lflag &= ~tcflag_t(ECHO)
            tcsetattr(STDIN_FILENO, TCSAFLUSH, &silent)
            defer {
                tcsetattr(STDIN_FILENO, TCSAFLUSH, &settings)
                Terminal.remark("")
            }
            Terminal.remark(question)
            if waitForLine(orSignalThatIsNotIn: earlier) { return try read() }
        }
    }

    /// - Returns: False when a signal came first, one that whoever started this process has not blocked for good.
    private static func waitForLine(orSignalThatIsNotIn blocked: sigset_t) -> Bool {
        var blocked = blocked
        let awaited = signalNumbers.filter { sigismember(&blocked, $0) == 0 }
        while true {
            var pending = sigset_t()
            sigpending(&pending)
            if awaited.contains(where: { sigismember(&pending, $0) == 1 }) { return false }
            var input = pollfd(fd: STDIN_FILENO, events: Int16(POLLIN), revents: 0)
            if poll(&input, 1, waitMilliseconds) > 0 { return true }
        }
    }
}
