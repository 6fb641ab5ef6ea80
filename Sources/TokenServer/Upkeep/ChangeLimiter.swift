import Synchronization

/// How many changes a bearer caller may make.
package struct ChangeRate: Sendable, Equatable {
    /// 0 for no limit.
    package var perSecond = 10
    /// How many at once, after a pause.
    package var burst = 100

    package init() {}

    package init(perSecond: Int, burst: Int) {
        self.perSecond = perSecond
        self.burst = burst
    }

    package static let unlimited = ChangeRate(perSecond: 0, burst: 0)
}

/// How many changes a caller may make: a bucket for each principal, filled at a rate up to a burst.
///
/// A bucket is kept as the moment at which it will be full again, so that a full one need not be kept at all.
final class ChangeLimiter: Sendable {
    /// Buckets are looked through for full ones when there are more.
    private static let bucketCountMax = 4_096

    private struct State {
        var rate: ChangeRate
        /// By principal: when its bucket will be full, CLOCK_MONOTONIC in nanoseconds.
        var fullAt: [Int64: Int64] = [:]
        var sweepCount = bucketCountMax
    }

    private let state: Mutex<State>

    init(_ rate: ChangeRate) {
        state = Mutex(State(rate: rate))
    }

    /// Buckets keep what they hold.
    var rate: ChangeRate {
        get { state.withLock { $0.rate } }
        set { state.withLock { $0.rate = newValue } }
    }

    /// Takes `count` changes from the principal's bucket. When it holds fewer, nothing is taken, and the answer is how many
    /// nanoseconds from now it will hold enough.
    func take(_ count: Int, of principal: Int64, now: Int64) -> Int64? {
        state.withLock { state in
            let rate = state.rate
            if rate.perSecond <= 0 { return nil }
            let interval = 1_000_000_000 / Int64(rate.perSecond)
            let capacity = interval * Int64(max(rate.burst, count))
            let fullAt = max(state.fullAt[principal] ?? now, now) + interval * Int64(count)
            if fullAt - now > capacity { return fullAt - now - capacity }
            state.fullAt[principal] = fullAt
            if state.fullAt.count > state.sweepCount { Self.sweep(&state, now) }
            return nil
        }
    }

    /// Twice as many as are in use may come before the next sweep, so that sweeping costs each change little.
    private static func sweep(_ state: inout State, _ now: Int64) {
        state.fullAt = state.fullAt.filter { $0.value > now }
        state.sweepCount = max(bucketCountMax, 2 * state.fullAt.count)
    }
}
