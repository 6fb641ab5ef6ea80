import Glibc

/// The file of a backup, which has its name only when all of it is on the disk. Until then it is beside that, with
/// `.partial` behind its name.
struct BackupFile {
    let path: String
    private let temporary: String
    private let descriptor: Int32

    /// - Throws: When there is a file of this name: an older backup is not overwritten.
    init(creating path: String) throws(Problem) {
        self.path = path
        temporary = path + ".partial"
        try Self.checkIsFree(path)
        try Self.removeLeftover(temporary)
        // Whatever the umask is: it holds every name, and the audit.
        descriptor = open(temporary, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0o600)
        if descriptor < 0 { throw .system(temporary) }
        flock(descriptor, LOCK_EX | LOCK_NB)
    }

    private static func checkIsFree(_ path: String) throws(Problem) {
        var status = stat()
        if lstat(path, &status) != 0 { return }
        throw Problem(
            message: "\(path) exists, and no file is overwritten; name another one", exitCode: .cannotCreate)
    }

    /// What an earlier backup has left that was cut short. One that is still at work has it locked.
    private static func removeLeftover(_ path: String) throws(Problem) {
        let leftover = open(path, O_RDONLY | O_NOFOLLOW | O_CLOEXEC)
        if leftover < 0 { return }
        defer { close(leftover) }
        if flock(leftover, LOCK_EX | LOCK_NB) != 0 {
            throw Problem(message: "\(path) is being written by another tokenctl", exitCode: .temporaryFailure)
        }
        unlink(path)
    }

    func append(_ bytes: [UInt8]) throws(Problem) {
        let code = bytes.withUnsafeBytes { writeAll($0, to: descriptor) }
        if code != 0 { throw .system(temporary, code: code) }
    }

    /// Gives it its name, for good: when this returns a loss of power takes neither the bytes nor the name.
    func keep() throws(Problem) {
        if fsync(descriptor) != 0 { throw .system(temporary) }
        // Unlike rename(2), link(2) replaces nothing that has come meanwhile. Some file systems have no links.
        if link(temporary, path) == 0 {
            unlink(temporary)
        } else if errno == EPERM || errno == EOPNOTSUPP {
            try Self.checkIsFree(path)
            if rename(temporary, path) != 0 { throw .system(path) }
        } else {
            throw .system(path)
        }
        try synchronizeDirectory()
        close(descriptor)
    }

    /// Removes it, when it will not be whole.
    func discard() {
        unlink(temporary)
        close(descriptor)
    }

    private func synchronizeDirectory() throws(Problem) {
        let slash = path.utf8.lastIndex(of: UInt8(ascii: "/"))
        let name = slash.map { $0 == path.startIndex ? "/" : String(path[..<$0]) } ?? "."
        let directory = open(name, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        if directory < 0 { throw .system(name) }
        defer { close(directory) }
        // Some file systems have nothing to synchronize here, and say so.
        if fsync(directory) != 0 && errno != EINVAL { throw .system(name) }
    }
}
