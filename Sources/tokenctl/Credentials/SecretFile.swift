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
        try makeRoom()
    }

    private func makeRoom() throws(Problem) {
        // Whatever the umask is.
        let code = fchmod(descriptor, 0o600) == 0 ? posix_fallocate(descriptor, 0, off_t(Self.byteCount)) : errno
        if code != 0 {
            discard()
            errno = code
            throw .system(path)
        }
    }

    /// A file of another name in the directory of this one, to take its place. The name is one that no file has, also
    /// none that a process of the same number has left, as happens in containers.
    init(beside target: String) throws(Problem) {
        var template = Array("\(target)\(Self.mark)XXXXXX\(Self.suffix)".utf8CString)
        descriptor = mkstemps(&template, Int32(Self.suffix.utf8.count))
        if descriptor < 0 { throw .system(target) }
        path = template.withUnsafeBufferPointer { $0.baseAddress.map { String(cString: $0) } } ?? ""
        _ = fcntl(descriptor, F_SETFD, FD_CLOEXEC)
        try makeRoom()
    }

    private static let mark = ".tokenctl-"
    private static let suffix = ".new"

    /// Removes what renewals of this file have left that broke off: it may hold a secret that verifies. To be called by
    /// who has the directory's lock, so that none is at work.
    static func removeLeftovers(beside target: String) {
        let slash = target.lastIndex(of: "/")
        let directory = slash.map { String(target[...$0]) } ?? "./"
        let beginning = slash.map { String(target[target.index(after: $0)...]) } ?? target
        guard let stream = opendir(directory) else { return }
        defer { closedir(stream) }
        while let entry = readdir(stream) {
            let name = withUnsafeBytes(of: entry.pointee.d_name) {
                String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self)
            }
            if name.hasPrefix(beginning + mark) && name.hasSuffix(suffix) { unlink(directory + name) }
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
        let (byteCount, failure) = secret.withUTF8 { text in
            text.withUnsafeBytes { ($0.count, writeAll($0, to: descriptor)) }
        }
        let isKept =
            failure == 0 && Glibc.write(descriptor, "\n", 1) == 1
            && ftruncate(descriptor, off_t(byteCount + 1)) == 0 && fsync(descriptor) == 0
        if isKept { return }
        let problem = Problem.system(path, code: failure == 0 ? errno : failure)
        unlink(path)
        throw problem
    }

    /// Removes it, when there will be no secret.
    func discard() {
        close(descriptor)
        unlink(path)
    }
}
