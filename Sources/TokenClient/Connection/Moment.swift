internal import LinuxIO

/// A point of CLOCK_MONOTONIC, in nanoseconds: for deadlines.
struct Moment: Comparable {
    var nanoseconds: Int64

    static var now: Moment { Moment(nanoseconds: SystemClock.monotonicNanoseconds()) }
    static let distantFuture = Moment(nanoseconds: .max)

    static func < (left: Moment, right: Moment) -> Bool { left.nanoseconds < right.nanoseconds }

    /// Later by a duration, at most the distant future. A negative duration gives an earlier moment.
    func adding(_ duration: Duration) -> Moment {
        let (seconds, attoseconds) = duration.components
        let (scaled, overflow) = seconds.multipliedReportingOverflow(by: 1_000_000_000)
        if overflow { return Moment(nanoseconds: seconds < 0 ? .min : .max) }
        return adding(nanoseconds: scaled).adding(nanoseconds: attoseconds / 1_000_000_000)
    }

    func adding(nanoseconds difference: Int64) -> Moment {
        let (sum, overflow) = nanoseconds.addingReportingOverflow(difference)
        return Moment(nanoseconds: overflow ? (difference < 0 ? .min : .max) : sum)
    }

    /// How long it is from `now` until then; zero when it has passed.
    func nanosecondsLeft(at now: Moment) -> Int64 {
        // No clock is before zero, so that what overflows is a moment of long ago.
        let (left, overflow) = nanoseconds.subtractingReportingOverflow(now.nanoseconds)
        return overflow ? 0 : max(0, left)
    }

    /// What poll(2) takes: whole milliseconds from `now`, rounded up so that it doesn't wake early, -1 for ever.
    func pollMilliseconds(from now: Moment) -> Int32 {
        if self == .distantFuture { return -1 }
        let left = nanosecondsLeft(at: now)
        return Int32(clamping: left / 1_000_000 + (left % 1_000_000 == 0 ? 0 : 1))
    }
}
