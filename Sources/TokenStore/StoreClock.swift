import LinuxIO
import Synchronization
package import TokenCore

/// What time it is, for the writer and every reader alike: never before the mark of `ClockMark`.
package final class StoreClock: Sendable {
    private let wall: @Sendable () -> Instant
    /// CLOCK_BOOTTIME in microseconds.
    private let boottime: @Sendable () -> Int64
    private let state: Mutex<ClockMark>
    /// The mark of `state` in microseconds, for readers: it is written by whoever holds the lock, and only rises.
    private let published: Atomic<Int64>

    init(mark: Instant, wall: @escaping @Sendable () -> Instant, boottime: @escaping @Sendable () -> Int64) {
        self.wall = wall
        self.boottime = boottime
        let initial = ClockMark(mark: mark, wall: wall(), boottime: boottime())
        state = Mutex(initial)
        published = Atomic(initial.mark.microseconds)
    }

    /// The instant by which expiry is judged: a load and a look at the wall clock, without a lock.
    package var now: Instant { max(mark, wall()) }

    /// The latest time that is believed. What may never be undone, such as pruning, goes by this.
    package var mark: Instant { Instant(microseconds: published.load(ordering: .relaxed)) }

    /// As `now`, and lets the mark follow the clocks. The writer does so at each change; a loop may from time to time, so
    /// that time passes without changes too.
    @discardableResult
    package func observe() -> Instant {
        state.withLock { state in
            let now = state.observe(wall: wall(), boottime: boottime())
            published.store(state.mark.microseconds, ordering: .relaxed)
            return now
        }
    }
}

extension Store {
    package static let systemClock: @Sendable () -> Instant = {
        Instant(microseconds: SystemClock.realtimeMicroseconds())
    }

    package static let systemBoottime: @Sendable () -> Int64 = { SystemClock.boottimeNanoseconds() / 1_000 }
}

extension SQLiteConnection {
    /// The clock's mark as the store has it.
    func keptClockMark() throws(SQLiteError) -> Instant {
        let statement = try statement("SELECT clock_mark FROM store")
        defer { statement.reset() }
        return try statement.step() ? statement.instant(0) : .epoch
    }
}
