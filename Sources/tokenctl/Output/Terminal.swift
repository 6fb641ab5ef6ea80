import Glibc
import Synchronization

/// Where output goes: results to standard output, remarks for the person beside it to standard error. Colours only on a
/// terminal that has them, and never when NO_COLOR says something (no-color.org).
enum Terminal {
    enum Stream {
        case output, errors

        fileprivate var descriptor: Int32 { self == .output ? STDOUT_FILENO : STDERR_FILENO }
    }

    enum Style: String {
        case good = "32"
        case bad = "31"
        case faint = "2"
        case strong = "1"
    }

    /// Whether it understands codes that colour text and move the cursor.
    static let understandsCodes = value(of: "TERM") != "dumb"

    static let isColoured = isatty(STDOUT_FILENO) == 1 && understandsCodes && value(of: "NO_COLOR").isEmpty

    /// What kept standard output from being written, as errno(3) has it.
    private static let outputFailure = Atomic<Int32>(0)

    private static func value(of name: String) -> String { getenv(name).map { String(cString: $0) } ?? "" }

    static func styled(_ text: String, _ style: Style) -> String {
        isColoured ? "\u{1B}[\(style.rawValue)m\(text)\u{1B}[0m" : text
    }

    /// - Returns: False when it could not be written.
    @discardableResult
    static func printLine(_ text: String) -> Bool {
        write(text + "\n")
    }

    /// For the person, beside what a script reads.
    static func remark(_ text: String) {
        write(text + "\n", to: .errors)
    }

    /// - Returns: False when it could not be written. At the end `checkOutput` tells.
    @discardableResult
    static func write(_ text: String, to stream: Stream = .output) -> Bool {
        let code = Array(text.utf8).withUnsafeBytes { writeAll($0, to: stream.descriptor) }
        // That nobody reads any more, as after `head` has left, is no failure.
        if code != 0 && code != EPIPE && stream == .output { outputFailure.store(code, ordering: .relaxed) }
        return code == 0
    }

    /// - Throws: When something that was to be shown is lost.
    static func checkOutput() throws(Problem) {
        let code = outputFailure.load(ordering: .relaxed)
        if code == 0 { return }
        throw Problem(
            message: "standard output can't be written: \(String(cString: strerror(code)))", exitCode: .cannotCreate)
    }

    /// Lets nothing else have the number of a standard descriptor that this process was started without: what was to be
    /// shown would go to the daemon. Using one is still an error.
    static func holdDescriptors() {
        for number in [STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO] where fcntl(number, F_GETFD) < 0 {
            _ = open("/dev/null", number == STDIN_FILENO ? O_WRONLY : O_RDONLY)
        }
    }
}
