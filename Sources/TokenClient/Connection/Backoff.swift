/// When to try to connect again.
///
/// Full jitter: a random delay between nothing and a ceiling that doubles from 10 ms to 1 s. So clients that lost a
/// daemon together don't come back together.
struct Backoff {
    static let ceilingFirstNanoseconds: Int64 = 10_000_000
    static let ceilingLastNanoseconds: Int64 = 1_000_000_000
    /// After a loss, before anything else. A process that is killed closes its connections a moment before its listener,
    /// which meanwhile takes another connection that is lost too: 0.6 ms later, where it was measured.
    static let afterLossNanoseconds: Int64 = 2_000_000

    /// No attempt before this.
    private(set) var notBefore = Moment(nanoseconds: 0)
    /// What the last attempt found, until one succeeds.
    private(set) var problem: String?
    /// Attempts that failed, in all.
    private(set) var failedAttemptCount: UInt64 = 0
    /// Failures since the daemon last said anything.
    private var failuresInARow = 0
    private var random: SplitMix64

    init(seed: UInt64) {
        random = SplitMix64(state: seed)
    }

    mutating func attemptFailed(_ problem: String, now: Moment) {
        self.problem = problem
        failedAttemptCount += 1
        delay(now: now)
    }

    mutating func attemptSucceeded() {
        problem = nil
    }

    /// The daemon ended a connection. One on which it never said anything counts as a failure: perhaps it takes no more.
    mutating func lost(wasUseful: Bool, now: Moment) {
        if wasUseful { failuresInARow = 0 }
        delay(now: now.adding(nanoseconds: Self.afterLossNanoseconds))
    }

    /// The daemon said something.
    mutating func heard() {
        failuresInARow = 0
    }

    private mutating func delay(now: Moment) {
        // 10 ms doubled seven times is past a second.
        let ceiling = min(Self.ceilingFirstNanoseconds << min(failuresInARow, 7), Self.ceilingLastNanoseconds)
        failuresInARow += 1
        notBefore = now.adding(nanoseconds: Int64.random(in: 0...ceiling, using: &random))
    }
}

/// A generator of numbers that nobody has to be unable to guess (Steele, Lea and Flood, 2014): it needs no system call.
struct SplitMix64: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9e37_79b9_7f4a_7c15
        var z = state
        z = (z ^ (z >> 30)) &* 0xbf58_476d_1ce4_e5b9
        z = (z ^ (z >> 27)) &* 0x94d0_49bb_1331_11eb
        return z ^ (z >> 31)
    }
}
