import Glibc
import LinuxIO

/// Room on the disk that is kept for the day on which it is full: a file beside the store, which holds nothing.
///
/// Without room nothing could be revoked. So the writer gives the file back to the file system then, and until it could be
/// made again only `Operation.mayUseReserve` is done. Whoever fills the disk may take that room too; what is worth more is that
/// the store itself does not.
///
/// Where the file system has no fallocate(2), glibc writes zeros in its place (posix_fallocate(3)). One that compresses them, or
/// never writes in place, promises no room by that: there the reserve is worth as much as it happens to be.
///
/// It belongs to the writer's thread.
final class DiskReserve {
    /// A revocation alone writes some ten pages of 4 KiB to the WAL, which begins anew when it comes to the end of the room,
    /// and some hundred bytes to the database.
    static let byteCount: off_t = 1 << 20
    /// As much of it as may go to the database at once, for what was committed before.
    static let byteCountForDatabase = Int(byteCount) / 4 * 3
    private static let attemptIntervalNanoseconds: Int64 = 200_000_000

    private let path: String
    /// The room is ours.
    private(set) var isKept = false
    private var nextAttempt: Int64 = 0

    /// Made unless there is no room for it.
    init(path: String) throws(StoreFailure) {
        self.path = path
        do throws(SystemError) {
            try make()
        } catch {
            if !error.isForWantOfRoom { throw .system(path: path, error) }
        }
    }

    /// Gives the room back; false when it has been given already.
    func release() -> Bool {
        if !isKept { return false }
        isKept = false
        nextAttempt = SystemClock.monotonicNanoseconds() + Self.attemptIntervalNanoseconds
        // A file that somebody has removed takes no room either.
        truncate(path, 0)
        return true
    }

    /// Takes the room again if there is some, and it is not too soon to look.
    func regain() {
        if isKept { return }
        let now = SystemClock.monotonicNanoseconds()
        if now < nextAttempt { return }
        nextAttempt = now + Self.attemptIntervalNanoseconds
        // Whatever it is that fails: without the room there is none.
        try? make()
    }

    private func make() throws(SystemError) {
        let raw = open(path, O_WRONLY | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0o600)
        if raw < 0 { throw .last("open") }
        let file = FileDescriptor(owning: raw)
        var code = EINTR
        while code == EINTR { code = posix_fallocate(file.rawValue, 0, Self.byteCount) }
        if code != 0 {
            // Some of it may have been found.
            ftruncate(file.rawValue, 0)
            throw SystemError("posix_fallocate", code: code)
        }
        isKept = true
    }
}

extension StoreFailure {
    /// A write found no room. Not an fsync: one that failed is not tried again.
    var isForWantOfRoom: Bool {
        if case .system(_, let error) = self { return error.isForWantOfRoom && error.call != "fdatasync" }
        return false
    }
}
