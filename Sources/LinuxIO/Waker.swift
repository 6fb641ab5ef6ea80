private import CLinux
import Glibc

/// An eventfd(2): wakes a loop from any thread. Wakes that come before the loop looks are one.
package struct Waker: ~Copyable, Sendable {
    private let descriptor: FileDescriptor

    package init() throws(SystemError) {
        let raw = eventfd(0, Int32(EFD_CLOEXEC | EFD_NONBLOCK))
        if raw < 0 { throw .last("eventfd") }
        descriptor = FileDescriptor(owning: raw)
    }

    /// What the loop registers for reading.
    package var rawValue: Int32 { descriptor.rawValue }

    package borrowing func wake() {
        var one: UInt64 = 1
        // The only failure is EAGAIN at 2^64 - 2 unread wakes: then the loop is awake anyway.
        _ = Glibc.write(descriptor.rawValue, &one, MemoryLayout<UInt64>.size)
    }

    package borrowing func clear() {
        var count: UInt64 = 0
        _ = Glibc.read(descriptor.rawValue, &count, MemoryLayout<UInt64>.size)
    }
}
