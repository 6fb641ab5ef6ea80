import Glibc

/// A file that is replaced as a whole: whoever reads it sees the old one or the new one, and never half of one.
enum MetricsFile {
    /// For the collectors of other users.
    private static let mode: mode_t = 0o644

    static func replace(_ path: String, with text: String) throws(Problem) {
        // Beside it, because rename(2) does not go from one file system to another; and not by a name that ends as the
        // collector looks for.
        var temporary = Array("\(path).XXXXXX".utf8CString)
        let descriptor = mkstemp(&temporary)
        if descriptor < 0 { throw .system(path) }
        let isWritten =
            Array(text.utf8).withUnsafeBytes { writeAll($0, to: descriptor) } == 0 && fchmod(descriptor, mode) == 0
        let isClosed = close(descriptor) == 0
        if !isWritten || !isClosed || rename(temporary, path) != 0 {
            let problem = Problem.system(path)
            unlink(temporary)
            throw problem
        }
    }
}
