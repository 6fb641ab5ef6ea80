import Glibc
import LinuxIO

/// The lock that makes this process the only one with the store, held until the process ends, and the mark it keeps.
///
/// flock(2), not fcntl: closing any other descriptor of the file would drop an fcntl lock. The kernel releases it with
/// the process, however that ends.
struct StoreLock: ~Copyable, Sendable {
    let path: String
    private let descriptor: FileDescriptor

    deinit {
        // Closing alone would leave the lock with a child that has a copy of the descriptor until its exec.
        flock(descriptor.rawValue, LOCK_UN)
    }

    /// Makes the file, locked, with `mark` in it and on the disk.
    static func create(path: String, mark: RollbackMark) throws(StoreFailure) -> StoreLock {
        let raw = open(path, O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0o600)
        if raw < 0 {
            let code = errno
            throw code == EEXIST ? .exists(path: path) : .system(path: path, SystemError("open", code: code))
        }
        let lock = StoreLock(path: path, descriptor: FileDescriptor(owning: raw))
        let code = posix_fallocate(raw, 0, off_t(MarkPage.byteCount))
        if code != 0 { throw .system(path: path, SystemError("posix_fallocate", code: code)) }
        try lock.lock()
        try lock.write(MarkPage(mark: mark, generation: 0), synchronously: true)
        return lock
    }

    /// Locks the file that `create` made. A process that holds it is named.
    static func acquire(path: String) throws(StoreFailure) -> StoreLock {
        let raw = open(path, O_RDWR | O_NOFOLLOW | O_CLOEXEC)
        if raw < 0 {
            let code = errno
            throw code == ENOENT
                ? .markUnusable(path: path, problem: "is missing")
                : .system(path: path, SystemError("open", code: code))
        }
        let lock = StoreLock(path: path, descriptor: FileDescriptor(owning: raw))
        try lock.lock()
        try lock.checkIdentity()
        try lock.recordHolder()
        return lock
    }

    private borrowing func lock() throws(StoreFailure) {
        if flock(descriptor.rawValue, LOCK_EX | LOCK_NB) == 0 { return }
        let code = errno
        if code == EWOULDBLOCK { throw .held(path: path, holder: recordedHolder()) }
        throw .system(path: path, SystemError("flock", code: code))
    }

    /// Between open and flock the file may have been replaced; then the lock is on a file that nobody else will see.
    private borrowing func checkIdentity() throws(StoreFailure) {
        var opened = stat()
        var named = stat()
        guard fstat(descriptor.rawValue, &opened) == 0, lstat(path, &named) == 0 else {
            throw .system(path: path, .last("stat"))
        }
        if opened.st_ino != named.st_ino || opened.st_dev != named.st_dev {
            throw .markUnusable(path: path, problem: "was replaced while it was being locked")
        }
        if opened.st_size < MarkPage.byteCount {
            throw .markUnusable(path: path, problem: "is shorter than it was made")
        }
    }

    borrowing func newestSlot() throws(StoreFailure) -> MarkPage {
        guard let slot = MarkPage.newest(in: try read(offset: 0, byteCount: MarkPage.byteCount)) else {
            throw .markUnusable(path: path, problem: "holds no whole mark")
        }
        return slot
    }

    /// Writes one slot. With `synchronously` it is on the disk when this returns.
    borrowing func write(_ slot: MarkPage, synchronously: Bool) throws(StoreFailure) {
        try write(slot.encoded(), offset: slot.offset)
        if synchronously && fdatasync(descriptor.rawValue) != 0 { throw .system(path: path, .last("fdatasync")) }
    }

    private borrowing func recordHolder() throws(StoreFailure) {
        var text = Array("\(getpid())\n".utf8)
        text += [UInt8](repeating: 0, count: MarkPage.holderByteCount - text.count)
        try write(text, offset: MarkPage.holderOffset)
    }

    /// The pid that the holder wrote; for a message only.
    private borrowing func recordedHolder() -> Int32? {
        guard let bytes = try? read(offset: MarkPage.holderOffset, byteCount: MarkPage.holderByteCount) else {
            return nil
        }
        return Int32(String(decoding: bytes.prefix { $0 != UInt8(ascii: "\n") }, as: UTF8.self))
    }

    private borrowing func write(_ bytes: [UInt8], offset: Int) throws(StoreFailure) {
        let raw = descriptor.rawValue
        let count = bytes.withUnsafeBytes { buffer in
            retryingInterrupted { pwrite(raw, buffer.baseAddress, buffer.count, off_t(offset)) }
        }
        if count < 0 { throw .system(path: path, .last("pwrite")) }
        // The page was allocated when it was made, so a short write is a fault of the disk.
        if count != bytes.count { throw .system(path: path, SystemError("pwrite", code: EIO)) }
    }

    private borrowing func read(offset: Int, byteCount: Int) throws(StoreFailure) -> [UInt8] {
        var bytes = [UInt8](repeating: 0, count: byteCount)
        let raw = descriptor.rawValue
        let count = bytes.withUnsafeMutableBytes { buffer in
            retryingInterrupted { pread(raw, buffer.baseAddress, buffer.count, off_t(offset)) }
        }
        if count < 0 { throw .system(path: path, .last("pread")) }
        return Array(bytes.prefix(count))
    }
}
