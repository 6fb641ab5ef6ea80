import Glibc
import Synchronization

/// Where output goes: results to standard output, remarks for the person beside it to standard error.
enum Terminal {
    /// What kept standard output from being written, as errno(3) has it.
    private static let outputFailure = Atomic<Int32>(0)

    static func printLine(_ text: String) {
        let code = write(text + "\n", to: STDOUT_FILENO)
        // That nobody reads any more, as after `head` has left, is no failure.
        if code != 0 && code != EPIPE { outputFailure.store(code, ordering: .relaxed) }
    }

    /// - Throws: When a result is lost.
    static func checkOutput() throws(Problem) {
        let code = outputFailure.load(ordering: .relaxed)
        if code == 0 { return }
        throw Problem(
            message: "standard output can't be written: \(String(cString: strerror(code)))", exitCode: .cannotCreate)
    }

    static func remark(_ text: String) {
        write(text + "\n", to: STDERR_FILENO)
    }

    /// Shows how far the work is, in one line that is written over again; only to a person.
    static func showProgress(_ text: String) {
        if isatty(STDERR_FILENO) == 1 { write("\r\u{1B}[K" + text, to: STDERR_FILENO) }
    }

    /// - Returns: 0, or what kept it from writing all, as errno(3) has it.
    @discardableResult
    private static func write(_ text: String, to descriptor: Int32) -> Int32 {
        var bytes = Array(text.utf8)[...]
        while !bytes.isEmpty {
            let count = bytes.withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
            let code = count < 0 ? errno : 0
            switch code {
            case 0: bytes = bytes.dropFirst(count)
            case EINTR: continue
            case EAGAIN:
                // A pipe that others share may be one that does not wait.
                var room = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
                poll(&room, 1, -1)
            default: return code
            }
        }
        return 0
    }
}
