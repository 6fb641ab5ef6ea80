/// An identifier that sorts by time: 48 bits of milliseconds since 1970, then 80 random bits, in base 32.
///
///     01ARZ3NDEKTSV4RRFFQ69G5FAV      https://github.com/ulid/spec
///     |         |
///     |         └ 16 digits, random
///     └ 10 digits, time
///
/// Only the spelling made here is read back: capitals, none of I, L, O and U. So an id has one text, and ids compared as
/// bytes compare as times.
package struct ULID: Hashable, Comparable, Sendable {
    package typealias Random = (UInt16, UInt64)

    package static let textByteCount = 26
    private static let millisecondsMax: Int64 = (1 << 48) - 1

    /// Time, and the first 16 random bits.
    fileprivate var high: UInt64
    fileprivate var low: UInt64

    fileprivate init(high: UInt64, low: UInt64) {
        self.high = high
        self.low = low
    }

    /// A time before 1970 counts as 1970, one after the year 10889 as that.
    package init(at instant: Instant, random: Random) {
        let milliseconds = UInt64(min(max(instant.milliseconds, 0), Self.millisecondsMax))
        self.init(high: milliseconds << 16 | UInt64(random.0), low: random.1)
    }

    /// The millisecond it was made for.
    package var instant: Instant { Instant(microseconds: Int64(high >> 16) * 1_000) }

    package static func < (left: ULID, right: ULID) -> Bool { (left.high, left.low) < (right.high, right.low) }

    /// The next greater one; nil after the last.
    fileprivate var successor: ULID? {
        let (nextLow, carry) = low.addingReportingOverflow(1)
        let (nextHigh, overflow) = high.addingReportingOverflow(carry ? 1 : 0)
        return overflow ? nil : ULID(high: nextHigh, low: nextLow)
    }
}

// Text: 26 digits of 5 bits, the first of 3.
extension ULID: CustomStringConvertible {
    private static let digits: StaticString = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"

    package var description: String {
        String(unsafeUninitializedCapacity: Self.textByteCount) { text in
            var rest = self
            for place in (0..<Self.textByteCount).reversed() {
                text[place] = Self.digits.withUTF8Buffer { $0[Int(rest.low & 31)] }
                rest = ULID(high: rest.high >> 5, low: rest.low >> 5 | rest.high << 59)
            }
            return Self.textByteCount
        }
    }

    package init?(text: Span<UInt8>) {
        guard text.count == Self.textByteCount, text[0] <= UInt8(ascii: "7") else { return nil }
        self.init(high: 0, low: 0)
        for index in 0..<Self.textByteCount {
            let digit = Self.digits.withUTF8Buffer { $0.firstIndex(of: text[index]) }
            guard let digit else { return nil }
            high = high << 5 | low >> 59
            low = low << 5 | UInt64(digit)
        }
    }
}

/// Makes identifiers each greater than the one before, whatever the clock does.
package struct ULIDGenerator: Sendable {
    private var last: ULID?

    package init() {}

    /// In the same or an earlier millisecond than the last one's, the last one's successor: when its random bits are all
    /// ones, that carries into the time.
    ///
    /// Traps when there is no greater one, in the year 10889.
    package mutating func next(at instant: Instant, random: ULID.Random) -> ULID {
        var next = ULID(at: instant, random: random)
        if let last, next.high >> 16 <= last.high >> 16 {
            guard let successor = last.successor else { preconditionFailure("no identifier is greater than the last") }
            next = successor
        }
        last = next
        return next
    }
}
