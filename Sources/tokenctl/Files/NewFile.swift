import Glibc

/// A file in the making, which its owner alone can open. It goes again with this value unless it was given its name or was
/// kept: whatever fails on the way leaves no part of one.
struct NewFile: ~Copyable {
    let path: String
    /// -1 once it is closed.
    private(set) var descriptor: Int32
    private var isKept = false

    /// - Throws: When there is a file of this name, or a link: nothing is overwritten.
    init(path: String) throws(Problem) {
        let descriptor = open(path, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0o600)
        // Before there is a value, which would remove what is there.
        if descriptor < 0 { throw .system(path) }
        self.path = path
        self.descriptor = descriptor
    }

    /// Beside the file whose place it shall take, because rename(2) does not go from one file system to another. Its name is
    /// that one's with `mark`, six letters and `suffix` behind it: a name that no file has, also none that a process of the
    /// same number has left, as happens in containers.
    init(beside target: String, mark: String, suffix: String = "") throws(Problem) {
        var template = Array("\(target)\(mark)XXXXXX\(suffix)".utf8CString)
        let descriptor = mkstemps(&template, Int32(suffix.utf8.count))
        if descriptor < 0 { throw .system(target) }
        path = String(decoding: template.dropLast().map(UInt8.init(bitPattern:)), as: UTF8.self)
        self.descriptor = descriptor
        _ = fcntl(descriptor, F_SETFD, FD_CLOEXEC)
    }

    deinit {
        // Before it is closed: whoever has it locked still has it when its name goes.
        if !isKept { unlink(path) }
        if descriptor >= 0 { Glibc.close(descriptor) }
    }

    /// Whatever the umask is.
    func setMode(_ mode: mode_t) throws(Problem) {
        if fchmod(descriptor, mode) != 0 { throw .system(path) }
    }

    func append(_ bytes: RawSpan) throws(Problem) {
        let code = bytes.withUnsafeBytes { writeAll($0, to: descriptor) }
        if code != 0 { throw .system(path, code: code) }
    }

    /// Waits until the disk has what is in it.
    func synchronize() throws(Problem) {
        if fsync(descriptor) != 0 { throw .system(path) }
    }

    /// Some file systems tell only now that they had no room.
    mutating func close() throws(Problem) {
        let code = Glibc.close(descriptor) == 0 ? 0 : errno
        descriptor = -1
        if code != 0 { throw .system(path, code: code) }
    }

    /// Lets it stay under the name that it has.
    mutating func keep() {
        isKept = true
    }

    /// Lets it take the place of this file in one step, or its name if there is none.
    mutating func replace(_ target: String) throws(Problem) {
        if rename(path, target) != 0 { throw .system(target) }
        isKept = true
    }

    /// Gives it this name, unless something has it.
    mutating func take(_ name: String) throws(Problem) {
        // Unlike rename(2), link(2) replaces nothing that has come meanwhile. Some file systems have no links.
        if link(path, name) == 0 {
            unlink(path)
            isKept = true
        } else if errno == EPERM || errno == EOPNOTSUPP {
            try Self.checkIsFree(name)
            try replace(name)
        } else {
            throw .system(name)
        }
    }

    static func checkIsFree(_ path: String) throws(Problem) {
        var status = stat()
        if lstat(path, &status) != 0 { return }
        throw Problem(
            message: "\(path) exists, and no file is overwritten; name another one", exitCode: .cannotCreate)
    }
}
