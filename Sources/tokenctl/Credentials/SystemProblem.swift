import Glibc

extension Problem {
    /// What the last system call that failed said of this file, or this code says. To be made before another call is.
    static func system(_ path: String, _ exitCode: ExitCode = .cannotCreate, code: Int32 = errno) -> Problem {
        Problem(message: "\(path): \(String(cString: strerror(code)))", exitCode: exitCode)
    }
}
