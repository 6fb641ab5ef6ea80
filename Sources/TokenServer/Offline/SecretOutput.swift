import Glibc
import LinuxIO

/// Where a new secret goes, once: a new file that its owner alone can read, or the standard output. Opened before the secret
/// is made, and before the process becomes the store's owner: what could fail has failed by then.
struct SecretOutput: ~Copyable {
    private let path: String?
    private let file: FileDescriptor?

    init(file path: String?) throws(Daemon.Failure) {
        self.path = path
        guard let path else {
            file = nil
            return
        }
        let raw = open(path, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0o600)
        if raw < 0 {
            throw Daemon.Failure(description: "\(path): \(SystemError.last("open"))", exitCode: 73)  // EX_CANTCREAT
        }
        file = FileDescriptor(owning: raw)
    }

    /// Writes the secret and a line feed.
    borrowing func write(_ secret: NewSecret) throws(Daemon.Failure) {
        let raw = rawValue
        let isWritten = secret.withBytes { text in
            var line = text.withUnsafeBufferPointer { Array($0) } + [UInt8(ascii: "\n")]
            defer {
                line.withUnsafeMutableBytes { if let start = $0.baseAddress { explicit_bzero(start, $0.count) } }
            }
            return retryingInterrupted { Glibc.write(raw, line, line.count) } == line.count
        }
        let isKept = isWritten && (path == nil || fsync(raw) == 0)
        if isKept { return }
        throw Daemon.Failure(
            description:
                "the secret of the new token could not be written (\(SystemError.last("write"))); run it again",
            exitCode: 73)  // EX_CANTCREAT
    }

    private var rawValue: Int32 {
        switch file {
        case .some(let file): file.rawValue
        case .none: STDOUT_FILENO
        }
    }

    /// There is no secret: no file either.
    borrowing func discard() {
        if let path { unlink(path) }
    }
}
