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
/// A call that was refused has changed nothing, and is given back to the principal: it counts for the token alone that
/// made it, as one change in a bucket of the token's own. So a token that leaked, whatever it tries, does not keep its
/// owner from changes that the owner makes by another. What ends tokens has a bucket for refusals of its own, so that no
/// other change holds it up.
///
/// A bucket is kept as the moment at which it will be full again, so that a full one need not be kept at all.
final class ChangeLimiter: Sendable {
    /// Buckets are looked through for full ones when there are more.
    private static let bucketCountMax = 4_096

    fileprivate enum Owner: Hashable {
        case principal(Int64)
        case refusals(token: Int64)
        case refusedEndings(token: Int64)
    }

    /// What a call has taken, to be given back if it is refused.
    struct Charge: Sendable {
        fileprivate let principal: Int64?
        fileprivate let token: Int64
        fileprivate let count: Int

        /// Who pays if it is refused.
        fileprivate var payer: Owner { principal == nil ? .refusedEndings(token: token) : .refusals(token: token) }
    }

    private struct State {
        var rate: ChangeRate
        /// When a bucket will be full, CLOCK_MONOTONIC in nanoseconds.
        var fullAt: [Owner: Int64] = [:]
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

    enum Outcome {
        /// None when there is no limit.
        case taken(Charge?)
        /// Nothing was taken, and nanoseconds from now there will be enough.
        case tooMany(Int64)
    }

    /// Takes `count` changes from the principal's bucket, or none of a change that ends tokens; but not for a token that has
    /// been refused too often.
    func take(_ count: Int, of principal: Int64?, by token: Int64, now: Int64) -> Outcome {
        state.withLock { state in
            let rate = state.rate
            if rate.perSecond <= 0 { return .taken(nil) }
            let interval = 1_000_000_000 / Int64(rate.perSecond)
            let charge = Charge(principal: principal, token: token, count: count)
            let owed = (state.fullAt[charge.payer] ?? now) + interval - now
            let owedMax = interval * Int64(max(rate.burst, 1))
            if owed > owedMax { return .tooMany(owed - owedMax) }
            if let principal {
                let capacity = interval * Int64(max(rate.burst, count))
                let fullAt = max(state.fullAt[.principal(principal)] ?? now, now) + interval * Int64(count)
                if fullAt - now > capacity { return .tooMany(fullAt - now - capacity) }
                Self.set(&state, .principal(principal), fullAt, now)
            }
            return .taken(charge)
        }
    }

    /// The call has changed nothing. Its token pays for it, unless it was the daemon that failed.
    func giveBack(_ charge: Charge, isCallersDoing: Bool, now: Int64) {
        state.withLock { state in
            if state.rate.perSecond <= 0 { return }
            let interval = 1_000_000_000 / Int64(state.rate.perSecond)
            if let principal = charge.principal, let fullAt = state.fullAt[.principal(principal)] {
                state.fullAt[.principal(principal)] = fullAt - interval * Int64(charge.count)
            }
            if !isCallersDoing { return }
            // However many are refused that were in flight together, the bucket is no more than empty.
            let emptyAt = now + interval * Int64(max(state.rate.burst, 1))
            let fullAt = max(state.fullAt[charge.payer] ?? now, now) + interval
            Self.set(&state, charge.payer, min(fullAt, emptyAt), now)
        }
    }

    private static func set(_ state: inout State, _ owner: Owner, _ fullAt: Int64, _ now: Int64) {
        state.fullAt[owner] = fullAt
        if state.fullAt.count > state.sweepCount { sweep(&state, now) }
    }

    /// Twice as many as are in use may come before the next sweep, so that sweeping costs each change little.
    private static func sweep(_ state: inout State, _ now: Int64) {
        state.fullAt = state.fullAt.filter { $0.value > now }
        state.sweepCount = max(bucketCountMax, 2 * state.fullAt.count)
    }
}
