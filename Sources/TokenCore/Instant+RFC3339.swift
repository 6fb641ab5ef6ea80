// The text of an instant (RFC 3339), by hand: Foundation's formatters cost more memory than the whole daemon uses.

extension Instant: CustomStringConvertible {
    /// `2026-11-23T18:10:00.123456Z`, without zeroes at the end of the fraction and without the point if none is left.
    /// Nil outside the years 1 to 9999, which RFC 3339 can't say.
    package var rfc3339: String? {
        guard (Self.first...Self.last).contains(self) else { return nil }
        let (days, time) = Self.floor(seconds, 86_400)
        let date = CivilDate(daysSince1970: days)
        var text = "\(Self.digits(date.year, 4))-\(Self.digits(date.month, 2))-\(Self.digits(date.day, 2))T"
        text += "\(Self.digits(time / 3_600, 2)):\(Self.digits(time / 60 % 60, 2)):\(Self.digits(time % 60, 2))"
        var fraction = Int64(nanoseconds / 1_000)
        if fraction > 0 {
            var width = 6
            while fraction % 10 == 0 {
                fraction /= 10
                width -= 1
            }
            text += ".\(Self.digits(fraction, width))"
        }
        return text + "Z"
    }

    /// As RFC 3339 writes it.
    public var description: String { rfc3339 ?? "\(microseconds) µs after 1970" }

    private static func digits(_ number: Int64, _ width: Int) -> String {
        let digits = String(number)
        return String(repeating: "0", count: max(0, width - digits.utf8.count)) + digits
    }

    /// The instant an RFC 3339 text says, with `Z` or an offset; a fraction of up to nine digits is rounded down to
    /// microseconds. Nil for any other text, for a date that isn't in the calendar, for a leap second and outside the
    /// years 1 to 9999.
    package init?(rfc3339 text: String) {
        var bytes = ByteReader(Array(text.utf8))
        guard let year = bytes.number(4), bytes.skip("-"), let month = bytes.number(2), bytes.skip("-"),
            let day = bytes.number(2), bytes.skip("T") || bytes.skip("t"),
            let hour = bytes.number(2), bytes.skip(":"), let minute = bytes.number(2), bytes.skip(":"),
            let second = bytes.number(2), hour < 24, minute < 60, second < 60,
            let date = CivilDate(year: year, month: month, day: day),
            let nanoseconds = bytes.fraction(), let offset = bytes.offset(), bytes.isAtEnd
        else { return nil }
        let time = hour * 3_600 + minute * 60 + second - offset
        self.init(seconds: date.daysSince1970 * 86_400 + time, nanoseconds: nanoseconds)
    }
}

/// A day of the proleptic Gregorian calendar.
///
/// Years are counted from March here, so that the leap day ends one, and 400 of them are 146,097 days.
struct CivilDate: Equatable {
    let year, month, day: Int64

    private static let daysIn400Years: Int64 = 146_097
    /// From 0000-03-01, where a cycle of 400 years starts, to 1970-01-01.
    private static let daysTo1970: Int64 = 719_468

    init(daysSince1970: Int64) {
        let (cycle, dayOfCycle) = Instant.floor(daysSince1970 + Self.daysTo1970, Self.daysIn400Years)
        // Leap days gone by: one in 4 years (1,460 days and it), but not in 100, but in 400.
        let yearOfCycle = (dayOfCycle - dayOfCycle / 1_460 + dayOfCycle / 36_524 - dayOfCycle / 146_096) / 365
        let dayOfYear = dayOfCycle - Self.daysBefore(yearOfCycle: yearOfCycle)
        // Five months from March or August have 153 days.
        let monthFromMarch = (5 * dayOfYear + 2) / 153
        day = dayOfYear - Self.daysBefore(monthFromMarch: monthFromMarch) + 1
        month = monthFromMarch < 10 ? monthFromMarch + 3 : monthFromMarch - 9
        year = cycle * 400 + yearOfCycle + (month <= 2 ? 1 : 0)
    }

    /// Nil for a day that isn't in the calendar, and for years but 1 to 9999.
    init?(year: Int64, month: Int64, day: Int64) {
        guard (1...9999).contains(year), (1...12).contains(month), (1...31).contains(day) else { return nil }
        self.year = year
        self.month = month
        self.day = day
        // A day past the end of its month is the same day as one of the next month, which says so of itself.
        guard CivilDate(daysSince1970: daysSince1970) == self else { return nil }
    }

    var daysSince1970: Int64 {
        let yearFromMarch = month <= 2 ? year - 1 : year
        let (cycle, yearOfCycle) = Instant.floor(yearFromMarch, 400)
        let monthFromMarch = month <= 2 ? month + 9 : month - 3
        let dayOfYear = Self.daysBefore(monthFromMarch: monthFromMarch) + day - 1
        return cycle * Self.daysIn400Years + Self.daysBefore(yearOfCycle: yearOfCycle) + dayOfYear - Self.daysTo1970
    }

    private static func daysBefore(yearOfCycle year: Int64) -> Int64 { 365 * year + year / 4 - year / 100 }
    private static func daysBefore(monthFromMarch month: Int64) -> Int64 { (153 * month + 2) / 5 }
}

/// The parts of an RFC 3339 text, from left to right.
private struct ByteReader {
    private let bytes: [UInt8]
    private var position = 0

    init(_ bytes: [UInt8]) { self.bytes = bytes }

    var isAtEnd: Bool { position == bytes.count }

    mutating func skip(_ byte: Unicode.Scalar) -> Bool {
        guard position < bytes.count, bytes[position] == UInt8(ascii: byte) else { return false }
        position += 1
        return true
    }

    private mutating func digit() -> Int64? {
        guard position < bytes.count, bytes[position] &- UInt8(ascii: "0") < 10 else { return nil }
        position += 1
        return Int64(bytes[position - 1] - UInt8(ascii: "0"))
    }

    mutating func number(_ digitCount: Int) -> Int64? {
        var number: Int64 = 0
        for _ in 0..<digitCount {
            guard let digit = digit() else { return nil }
            number = number * 10 + digit
        }
        return number
    }

    /// Nanoseconds after the point, 0 if there is no point.
    mutating func fraction() -> Int32? {
        guard skip(".") else { return 0 }
        guard var fraction = digit() else { return nil }
        for _ in 1..<9 { fraction = fraction * 10 + (digit() ?? 0) }
        return Int32(fraction)
    }

    /// Seconds east of UTC.
    mutating func offset() -> Int64? {
        if skip("Z") || skip("z") { return 0 }
        let isWest = skip("-")
        guard isWest || skip("+"), let hours = number(2), skip(":"), let minutes = number(2), hours < 24, minutes < 60
        else { return nil }
        let offset = hours * 3_600 + minutes * 60
        return isWest ? -offset : offset
    }
}
