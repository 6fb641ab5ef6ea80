import Glibc

/// The file of a backup, which has its name only when all of it is on the disk. Until then it is beside that, with
/// `.partial` behind its name.
struct BackupFile: ~Copyable {
    private let path: String
    private var file: NewFile

    /// - Throws: When there is a file of this name: an older backup is not overwritten.
    init(creating path: String) throws(Problem) {
        self.path = path
        let temporary = path + ".partial"
        try NewFile.checkIsFree(path)
        try Self.removeLeftover(temporary)
        file = try NewFile(path: temporary)
        flock(file.descriptor, LOCK_EX | LOCK_NB)
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
        try file.append(bytes.span.bytes)
    }

    /// Gives it its name, for good: when this returns a loss of power takes neither the bytes nor the name.
    mutating func keep() throws(Problem) {
        try file.synchronize()
        try file.take(path)
        try Directory.synchronize(ofFile: path)
    }
}
