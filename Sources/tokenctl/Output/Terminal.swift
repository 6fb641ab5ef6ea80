import Glibc

/// Where output goes. Colours only on a terminal, and never when NO_COLOR is set (no-color.org).
enum Terminal {
    static let isColoured = isatty(STDOUT_FILENO) == 1 && getenv("NO_COLOR") == nil

    enum Style: String {
        case good = "32"
        case bad = "31"
        case faint = "2"
        case strong = "1"
    }

    static func styled(_ text: String, _ style: Style) -> String {
        isColoured ? "\u{1B}[\(style.rawValue)m\(text)\u{1B}[0m" : text
    }

    /// - Returns: False when nobody reads any more, as after `head` has left. That is no failure.
    @discardableResult
    static func printLine(_ text: String) -> Bool {
        write(text + "\n", to: STDOUT_FILENO)
    }

    /// A question, which the answer follows on the same line.
    static func prompt(_ text: String) {
        write(text, to: STDERR_FILENO)
    }

    /// For the person, beside what a script reads.
    static func remark(_ text: String) {
        write(text + "\n", to: STDERR_FILENO)
    }

    /// - Returns: False when it could not be written.
    @discardableResult
    static func write(_ text: String, to descriptor: Int32 = STDOUT_FILENO) -> Bool {
        var bytes = Array(text.utf8)[...]
        while !bytes.isEmpty {
            let count = bytes.withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
            if count < 0 && errno != EINTR { return false }
            bytes = bytes.dropFirst(max(0, count))
        }
        return true
    }
}
