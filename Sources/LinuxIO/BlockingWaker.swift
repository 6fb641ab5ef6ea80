private import CLinux
import Glibc

/// An eventfd(2) that a thread with nothing else to do waits on.
package struct BlockingWaker: ~Copyable, Sendable {
    private let descriptor: FileDescriptor

    package init() throws(SystemError) {
        let raw = eventfd(0, Int32(EFD_CLOEXEC))
        if raw < 0 { throw .last("eventfd") }
        descriptor = FileDescriptor(owning: raw)
    }

    package borrowing func wake() {
        var one: UInt64 = 1
        _ = Glibc.write(descriptor.rawValue, &one, MemoryLayout<UInt64>.size)
    }

    /// Returns after the next wake, or at once when one came since the last wait.
    package borrowing func wait() {
        var count: UInt64 = 0
        let raw = descriptor.rawValue
        _ = retryingInterrupted { Glibc.read(raw, &count, MemoryLayout<UInt64>.size) }
    }

    /// The same, for at most so many milliseconds: false when no wake came by then.
    package borrowing func wait(atMostMilliseconds limit: Int32) -> Bool {
        var descriptor = pollfd(fd: descriptor.rawValue, events: Int16(POLLIN), revents: 0)
        // A signal ends the wait early, which a caller that looks at the clock does not mind.
        guard poll(&descriptor, 1, limit) > 0 else { return false }
        wait()
        return true
    }
}
