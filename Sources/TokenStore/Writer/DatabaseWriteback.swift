import Glibc
import LinuxIO
import Synchronization

/// Waits until what was written to the database's file is safe on the disk, on a thread of its own: fdatasync(2).
///
/// It has a descriptor of its own for that. To close one drops every lock that SQLite holds on the file in this process (see
/// sqlite.org/howtocorrupt.html, 2.2), so this one stays open until SQLite has closed the last of its own.
final class DatabaseWriteback: Sendable {
    private enum State {
        static let idle: Int32 = 0
        static let busy: Int32 = -1
        // Any other is the errno of what failed, for good: it is not tried again.
    }

    private let descriptor: FileDescriptor
    private let waker: BlockingWaker
    private let state = Atomic(State.idle)
    private let isEnding = Atomic(false)
    private let thread = Mutex<PosixThread?>(nil)

    init(path: String) throws(SystemError) {
        let raw = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW)
        if raw < 0 { throw .last("open") }
        descriptor = FileDescriptor(owning: raw)
        waker = try BlockingWaker()
        try thread.withLock { (thread) throws(SystemError) in
            thread = try PosixThread(name: "tokend-disk") { self.run() }
        }
    }

    /// Not all that was written before `begin` is safe yet.
    var isBusy: Bool { state.load(ordering: .acquiring) == State.busy }

    var failure: SystemError? {
        let code = state.load(ordering: .acquiring)
        return code > 0 ? SystemError("fdatasync", code: code) : nil
    }

    /// Begins with all that has been written. It must not be busy, nor have failed.
    func begin() {
        state.store(State.busy, ordering: .releasing)
        waker.wake()
    }

    /// Looks now and then: who has to wait for a disk this slow waits long.
    func waitUntilDone() {
        while isBusy { usleep(500) }
    }

    /// Lets the thread end with what it does. The descriptor stays open.
    func end() {
        isEnding.store(true, ordering: .releasing)
        waker.wake()
        thread.withLock { $0.take() }?.join()
    }

    private func run() {
        while true {
            waker.wait()
            if isBusy {
                let code = fdatasync(descriptor.rawValue) == 0 ? State.idle : errno
                state.store(code, ordering: .releasing)
            }
            if isEnding.load(ordering: .acquiring) { return }
        }
    }
}
