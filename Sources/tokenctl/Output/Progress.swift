import Glibc

/// One line on a person's terminal that tells how far a long work has come. Scripts and pipes see nothing of it.
struct Progress {
    private let isShown: Bool

    init(of invocation: Invocation) {
        isShown = !invocation.isQuiet && isatty(STDERR_FILENO) == 1 && Terminal.understandsCodes
    }

    /// In place of what was shown.
    func show(_ text: String) {
        if isShown { Terminal.write("\r\u{1B}[K\(text)", to: .errors) }
    }

    /// Before something else is shown.
    func clear() {
        if isShown { Terminal.write("\r\u{1B}[K", to: .errors) }
    }
}
