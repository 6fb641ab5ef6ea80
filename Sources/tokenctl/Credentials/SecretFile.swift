import Glibc
import TokenClient

/// A new file for a secret that there isn't yet: readable by its owner alone, with room on the disk.
///
/// It is made before the daemon is asked, because a secret that nothing can hold is lost: what could fail has failed
/// by then.
struct SecretFile {
    let path: String
    private let descriptor: Int32

    /// Longer than any token.
    private static let byteCount = 256

    /// - Throws: When there is a file of this name: another secret is not overwritten.
    init(creating path: String) throws(Problem) {
        self.path = path
        descriptor = open(path, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0o600)
        if descriptor < 0 { throw .system(path) }
        // Whatever the umask is.
        let code = fchmod(descriptor, 0o600) == 0 ? posix_fallocate(descriptor, 0, off_t(Self.byteCount)) : errno
        if code != 0 {
            discard()
            errno = code
            throw .system(path)
        }
    }

    /// Gives it the owner of another file, and what that lets its owner do.
    func takeOwner(of other: stat) throws(Problem) {
        if fchown(descriptor, other.st_uid, other.st_gid) != 0 || fchmod(descriptor, other.st_mode & 0o700) != 0 {
            throw .system(path)
        }
    }

    /// Puts the secret in, and waits until the disk has it. Half a secret is removed.
    func keep(_ secret: BearerToken) throws(Problem) {
        defer { close(descriptor) }
        let byteCount = secret.withUTF8 { text in
            text.withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) == $0.count ? $0.count : -2 }
        }
        if byteCount < 0 || Glibc.write(descriptor, "\n", 1) != 1 || ftruncate(descriptor, off_t(byteCount + 1)) != 0
            || fsync(descriptor) != 0
        {
            let problem = Problem.system(path)
            unlink(path)
            throw problem
        }
    }

    /// Removes it, when there will be no secret.
    func discard() {
        close(descriptor)
        unlink(path)
    }
}
