internal import Glibc

/// Where one thread waits until another wakes it. A wake that comes first is kept; several are one.
final class Parker {
    private let mutex: UnsafeMutablePointer<pthread_mutex_t>
    private let condition: UnsafeMutablePointer<pthread_cond_t>
    /// Protected by `mutex`.
    private var hasPermit = false

    init() {
        mutex = .allocate(capacity: 1)
        condition = .allocate(capacity: 1)
        // Neither call fails on Linux with these arguments: see pthread_mutex_init(3) and pthread_cond_init(3).
        pthread_mutex_init(mutex, nil)
        var attributes = pthread_condattr_t()
        pthread_condattr_init(&attributes)
        pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC)
        pthread_cond_init(condition, &attributes)
        pthread_condattr_destroy(&attributes)
    }

    deinit {
        pthread_cond_destroy(condition)
        pthread_mutex_destroy(mutex)
        condition.deallocate()
        mutex.deallocate()
    }

    /// Returns after a wake, or when the moment has come.
    func park(until moment: Moment) {
        var time = timespec()
        time.tv_sec = Int(moment.nanoseconds / 1_000_000_000)
        time.tv_nsec = Int(moment.nanoseconds % 1_000_000_000)
        pthread_mutex_lock(mutex)
        while !hasPermit {
            if moment == .distantFuture {
                pthread_cond_wait(condition, mutex)
            } else if pthread_cond_timedwait(condition, mutex, &time) == ETIMEDOUT {
                break
            }
        }
        hasPermit = false
        pthread_mutex_unlock(mutex)
    }

    func wake() {
        pthread_mutex_lock(mutex)
        hasPermit = true
        pthread_cond_signal(condition)
        pthread_mutex_unlock(mutex)
    }
}

// Sound: the pointers never change, what they point to is made to be shared, and `hasPermit` is only touched with the
// mutex held.
extension Parker: @unchecked Sendable {}
