internal import Glibc

/// A value that one thread at a time may touch.
///
/// Not `Synchronization.Mutex`: Swift 6.3.1's keeps the number of the thread that locks in that thread, where it is
/// wrong after a fork(2), and the first wait for the lock in a child ends the process ("Unknown error occurred while
/// attempting to acquire a Mutex"). A pthread_mutex_t of the default kind doesn't know threads.
final class Locked<Value: ~Copyable & Sendable> {
    private let mutex: UnsafeMutablePointer<pthread_mutex_t>
    private let value: UnsafeMutablePointer<Value>

    init(_ initial: consuming Value) {
        mutex = .allocate(capacity: 1)
        // Doesn't fail on Linux with these arguments: see pthread_mutex_init(3). Nor do the calls below.
        pthread_mutex_init(mutex, nil)
        value = .allocate(capacity: 1)
        value.initialize(to: initial)
    }

    deinit {
        value.deinitialize(count: 1)
        value.deallocate()
        pthread_mutex_destroy(mutex)
        mutex.deallocate()
    }

    /// Lends the value. `body` must not lock again, nor call anything that waits.
    @inline(__always)
    func withLock<Result: ~Copyable>(_ body: (inout Value) -> Result) -> Result {
        pthread_mutex_lock(mutex)
        defer { pthread_mutex_unlock(mutex) }
        return body(&value.pointee)
    }
}

// Sound: the value is Sendable, it lives where only this class can reach it, and is only reached with the mutex held.
extension Locked: @unchecked Sendable where Value: ~Copyable {}
