import Glibc
import LinuxIO

extension Daemon {
    /// Shows a text on standard output: all of it, or it is an error.
    package static func printLine(_ text: String) throws(Failure) {
        if writeAll(Array("\(text)\n".utf8), to: STDOUT_FILENO) { return }
        let error = SystemError.last("write")
        // That nobody reads any more, as after `head` has left, is no failure.
        if error.code == EPIPE { return }
        throw Failure(description: "standard output can't be written (\(error))", exitCode: .cannotCreate)
    }
}
