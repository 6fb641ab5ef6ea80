internal import LinuxIO
internal import TokenCore
internal import TokenWire

/// A point in time, UTC, to the microsecond, in the years 1 to 9999.
///
/// The same as `google.protobuf.Timestamp` in the protocol and as RFC 3339 in text. Leap seconds are not counted.
public struct Timestamp: Hashable, Comparable, Sendable {
    private let instant: Instant

    init(_ instant: Instant) { self.instant = instant }

    /// A time as Unix has it.
    ///
    /// - Parameters:
    ///   - seconds: Since 1970-01-01T00:00:00Z, negative before. Nil is returned outside the years 1 to 9999.
    ///   - nanoseconds: After `seconds`, 0 to 999,999,999 also before 1970, else nil is returned. Rounded down to
    ///     microseconds.
    public init?(seconds: Int64, nanoseconds: Int32 = 0) {
        guard let instant = Instant(seconds: seconds, nanoseconds: nanoseconds) else { return nil }
        self.instant = instant
    }

    /// The system's time now. It can step; use a `Clock` to measure how long something takes.
    public static var now: Timestamp { Timestamp(Instant(microseconds: SystemClock.realtimeMicroseconds())) }

    /// Seconds since 1970-01-01T00:00:00Z, rounded down.
    public var seconds: Int64 { instant.seconds }

    /// Nanoseconds after ``seconds``: 0 to 999,999,000, a multiple of 1,000.
    public var nanoseconds: Int32 { instant.nanoseconds }

    /// Whether the left one is earlier.
    public static func < (left: Timestamp, right: Timestamp) -> Bool { left.instant < right.instant }

    /// Later by `duration`, rounded down to microseconds; the end of the year 9999 or the start of the year 1 where
    /// the result would lie beyond.
    public func adding(_ duration: Duration) -> Timestamp {
        Timestamp(Swift.max(Instant.first, Swift.min(Instant.last, instant.adding(duration))))
    }

    /// How long after `earlier` this is; negative if it is before.
    public func duration(since earlier: Timestamp) -> Duration { instant.duration(since: earlier.instant) }
}

extension Timestamp: LosslessStringConvertible {
    /// The time that an RFC 3339 text says, with `Z` or an offset: `2026-11-23T18:10:00Z`. A fraction of up to nine
    /// digits is rounded down to microseconds. Nil for any other text, a date that isn't in the calendar or a leap
    /// second.
    public init?(_ rfc3339: String) {
        guard let instant = Instant(rfc3339: rfc3339) else { return nil }
        self.instant = instant
    }

    /// RFC 3339 in UTC: `2026-11-23T18:10:00.25Z`, with as many digits of the fraction as it takes, or none.
    public var description: String { instant.description }
}

extension Timestamp {
    /// A received time. One that no daemon sends becomes the nearest that can be said, and not nil: an `expires_at`
    /// that is nonsense must not turn into "never".
    init(_ wire: TokenWire.Timestamp) {
        let nanoseconds = Swift.max(0, Swift.min(wire.nanoseconds, 999_999_999))
        instant =
            Instant(seconds: wire.seconds, nanoseconds: nanoseconds)
            ?? (wire.seconds < 0 ? Instant.first : Instant.last)
    }

    var wire: TokenWire.Timestamp { TokenWire.Timestamp(microsecondsSince1970: instant.microseconds) }
}
