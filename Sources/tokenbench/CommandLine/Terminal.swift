import Glibc

/// Where output goes: results to standard output, remarks for the person beside it to standard error.
enum Terminal {
    static func printLine(_ text: String) {
        write(text + "\n", to: STDOUT_FILENO)
    }

    static func remark(_ text: String) {
        write(text + "\n", to: STDERR_FILENO)
    }

    /// Shows how far the work is, in one line that is written over again; only to a person.
    static func showProgress(_ text: String) {
        if isatty(STDERR_FILENO) == 1 { write("\r\u{1B}[K" + text, to: STDERR_FILENO) }
    }

    private static func write(_ text: String, to descriptor: Int32) {
        var bytes = Array(text.utf8)[...]
        while !bytes.isEmpty {
            let count = bytes.withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
            // A reader that has left, as `head` does, is no failure.
            if count < 0 && errno != EINTR { return }
            bytes = bytes.dropFirst(max(0, count))
        }
    }
}
