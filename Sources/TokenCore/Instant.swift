/// A point in time: whole microseconds since 1970-01-01 00:00 UTC, leap seconds not counted.
///
/// TokenCore has no clock. Whoever calls says what time it is.
public struct Instant: Hashable, Comparable, Sendable {
    /// Since 1970, negative before.
    public var microseconds: Int64

    /// So many after the beginning of 1970.
    public init(microseconds: Int64) {
        self.microseconds = microseconds
    }

    package static let epoch = Instant(microseconds: 0)

    /// 0001-01-01 to 9999-12-31: what `google.protobuf.Timestamp` and RFC 3339 can say.
    package static let first = Instant(microseconds: -62_135_596_800_000_000)
    package static let last = Instant(microseconds: 253_402_300_799_999_999)

    /// Earlier is less.
    public static func < (left: Instant, right: Instant) -> Bool { left.microseconds < right.microseconds }

    /// The instant of a `google.protobuf.Timestamp`, nanoseconds rounded down.
    /// Nil outside the years 1 to 9999, or when the nanoseconds are not 0 to 999,999,999.
    package init?(seconds: Int64, nanoseconds: Int32) {
        guard (0..<1_000_000_000).contains(nanoseconds) else { return nil }
        let (scaled, isTooLarge) = seconds.multipliedReportingOverflow(by: 1_000_000)
        let (sum, isBeyond) = scaled.addingReportingOverflow(Int64(nanoseconds / 1_000))
        guard !isTooLarge, !isBeyond else { return nil }
        self.init(microseconds: sum)
        guard (Self.first...Self.last).contains(self) else { return nil }
    }

    /// Whole seconds since 1970, rounded down, so that `nanoseconds` is never negative.
    package var seconds: Int64 { Self.floor(microseconds, 1_000_000).quotient }

    /// What `seconds` leaves, 0 to 999,999,000.
    package var nanoseconds: Int32 { Int32(Self.floor(microseconds, 1_000_000).remainder) * 1_000 }

    /// Whole milliseconds since 1970, rounded down.
    package var milliseconds: Int64 { Self.floor(microseconds, 1_000).quotient }

    /// Later by so many microseconds; the first or last representable instant where that lies beyond.
    package func adding(microseconds difference: Int64) -> Instant {
        let (sum, overflow) = microseconds.addingReportingOverflow(difference)
        guard overflow else { return Instant(microseconds: sum) }
        return Instant(microseconds: difference < 0 ? .min : .max)
    }

    /// Later by so many seconds, at most the last representable instant.
    package func adding(seconds: Int64) -> Instant {
        let (difference, overflow) = seconds.multipliedReportingOverflow(by: 1_000_000)
        return adding(microseconds: overflow ? (seconds < 0 ? .min : .max) : difference)
    }

    /// Later by a duration, rounded down to microseconds, at most the last representable instant.
    package func adding(_ duration: Duration) -> Instant {
        let (seconds, attoseconds) = duration.components
        // Both parts have the sign of the duration.
        return adding(seconds: seconds).adding(microseconds: Self.floor(attoseconds, 1_000_000_000_000).quotient)
    }

    /// How long after `earlier` this is; negative if it is before.
    package func duration(since earlier: Instant) -> Duration {
        // Each is converted before they are subtracted: the difference of two Int64 may not fit one.
        .microseconds(microseconds) - .microseconds(earlier.microseconds)
    }

    /// Division that rounds down, where `/` rounds to zero. The divisor is positive.
    static func floor(_ number: Int64, _ divisor: Int64) -> (quotient: Int64, remainder: Int64) {
        let (quotient, remainder) = number.quotientAndRemainder(dividingBy: divisor)
        return remainder < 0 ? (quotient - 1, remainder + divisor) : (quotient, remainder)
    }
}
