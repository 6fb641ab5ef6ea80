import Glibc

extension Problem {
    /// What the last system call that failed said of this file. To be made before another call is.
    static func system(_ path: String, _ exitCode: ExitCode = .cannotCreate) -> Problem {
        Problem(message: "\(path): \(String(cString: strerror(errno)))", exitCode: exitCode)
    }
}
