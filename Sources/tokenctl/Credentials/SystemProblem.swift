import Glibc

extension Problem {
    /// What the last system call that failed said of this file, or this code says. To be made before another call is.
    static func system(_ path: String, _ exitCode: ExitCode = .cannotCreate, code: Int32 = errno) -> Problem {
        Problem(message: "\(path): \(String(cString: strerror(code)))", exitCode: exitCode)
    }

    /// The same of a file that was to be read.
    static func unreadable(_ path: String, code: Int32 = errno) -> Problem {
        switch code {
        case ENOENT: .system(path, .notFound, code: code)
        case EACCES, EPERM: .system(path, .notPermitted, code: code)
        default: .system(path, .invalidData, code: code)
        }
    }
}
