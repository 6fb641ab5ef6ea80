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

    static func printLine(_ text: String) {
        write(text + "\n", to: STDOUT_FILENO)
    }

    /// For the person, beside what a script reads.
    static func remark(_ text: String) {
        write(text + "\n", to: STDERR_FILENO)
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
