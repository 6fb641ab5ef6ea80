import Testing

@testable import TokenCore

@Suite("Instant")
struct InstantTests {
    static let texts: [(microseconds: Int64, text: String)] = [
        (0, "1970-01-01T00:00:00Z"),
        (1, "1970-01-01T00:00:00.000001Z"),
        (-1, "1969-12-31T23:59:59.999999Z"),
        (1_795_457_400_123_456, "2026-11-23T18:10:00.123456Z"),
        (1_795_457_400_120_000, "2026-11-23T18:10:00.12Z"),
        (951_782_400_000_000, "2000-02-29T00:00:00Z"),
        (4_107_542_400_000_000, "2100-03-01T00:00:00Z"),
        (-62_135_596_800_000_000, "0001-01-01T00:00:00Z"),
        (253_402_300_799_999_999, "9999-12-31T23:59:59.999999Z"),
    ]

    @Test("is written as RFC 3339 and read back", arguments: texts)
    func text(microseconds: Int64, text: String) {
        let instant = Instant(microseconds: microseconds)
        #expect(instant.rfc3339 == text)
        #expect(Instant(rfc3339: text) == instant)
    }

    @Test(
        "reads offsets, small letters and any fraction",
        arguments: [
            ("2026-11-23T19:10:00+01:00", "2026-11-23T18:10:00Z"),
            ("2026-11-23T12:40:00.5-05:30", "2026-11-23T18:10:00.5Z"),
            ("2026-11-23t18:10:00.1234569z", "2026-11-23T18:10:00.123456Z"),
            ("2026-11-23T18:10:00.999999999Z", "2026-11-23T18:10:00.999999Z"),
            ("2026-11-23T18:10:00-00:00", "2026-11-23T18:10:00Z"),
            ("0001-01-01T00:00:00-00:01", "0001-01-01T00:01:00Z"),
        ])
    func reading(text: String, same: String) throws {
        #expect(try #require(Instant(rfc3339: text)).rfc3339 == same)
    }

    @Test(
        "is not read from another text, nor from a day or time that isn't",
        arguments: [
            "", "2026", "2026-11-23", "2026-11-23T18:10Z", "2026-11-23T18:10:00", "2026-11-23 18:10:00Z",
            "26-11-23T18:10:00Z",
            "2026-11-23T18:10:00.Z", "2026-11-23T18:10:00.1234567890Z", "2026-11-23T18:10:00Z ",
            " 2026-11-23T18:10:00Z",
            "2026-13-01T00:00:00Z", "2026-00-01T00:00:00Z", "2026-01-00T00:00:00Z", "2026-01-32T00:00:00Z",
            "2026-04-31T00:00:00Z", "2026-02-29T00:00:00Z", "1900-02-29T00:00:00Z", "2000-02-30T00:00:00Z",
            "2026-11-23T24:00:00Z", "2026-11-23T18:60:00Z", "2016-12-31T23:59:60Z", "0000-12-31T00:00:00Z",
            "2026-11-23T18:10:00+24:00", "2026-11-23T18:10:00+01:60", "2026-11-23T18:10:00+0100",
            "2026-11-23T18:10:00+1:00",
            "0001-01-01T00:00:00+00:01", "9999-12-31T23:59:59-00:01", "10000-01-01T00:00:00Z", "-001-01-01T00:00:00Z",
            "２026-11-23T18:10:00Z", "2026-11-23T18:10:00+-1:00",
        ])
    func refused(text: String) {
        #expect(Instant(rfc3339: text) == nil)
    }

    @Test("counts the days of the Gregorian calendar, from the year 1 to 2400")
    func calendar() {
        var days: Int64 = -719_162
        for year in 1...2400 as ClosedRange<Int64> {
            let isLeap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0)
            for (index, length) in [31, isLeap ? 29 : 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31].enumerated() {
                let month = Int64(index) + 1
                for day in [1, 2, 15, Int64(length)] {
                    let date = CivilDate(year: year, month: month, day: day)
                    let matches =
                        date?.daysSince1970 == days + day - 1 && CivilDate(daysSince1970: days + day - 1) == date
                    if !matches { Issue.record("\(year)-\(month)-\(day)") }
                }
                if CivilDate(year: year, month: month, day: Int64(length) + 1) != nil {
                    Issue.record("\(year)-\(month)")
                }
                days += Int64(length)
            }
        }
        #expect(days == -719_162 + 6 * 146_097)
    }

    @Test("is written and read back at any microsecond")
    func roundTrip() throws {
        var random = SplitMix(seed: 5)
        for _ in 0..<5_000 {
            let range = Instant.first.microseconds...Instant.last.microseconds
            let instant = Instant(microseconds: .random(in: range, using: &random))
            #expect(Instant(rfc3339: try #require(instant.rfc3339)) == instant)
            #expect(Instant(seconds: instant.seconds, nanoseconds: instant.nanoseconds) == instant)
        }
    }

    @Test(
        "takes seconds and nanoseconds as a protobuf timestamp has them",
        arguments: [
            (0, 0, 0), (0, 999, 0), (0, 1_000, 1), (1, 999_999_999, 1_999_999), (-1, 999_999_999, -1),
            (-1, 0, -1_000_000),
            (-62_135_596_800, 0, -62_135_596_800_000_000), (253_402_300_799, 999_999_999, 253_402_300_799_999_999),
        ] as [(Int64, Int32, Int64)])
    func timestamps(seconds: Int64, nanoseconds: Int32, microseconds: Int64) {
        #expect(Instant(seconds: seconds, nanoseconds: nanoseconds)?.microseconds == microseconds)
    }

    @Test(
        "is nil for a timestamp that protobuf doesn't allow",
        arguments: [
            (0, -1), (0, 1_000_000_000), (0, .max), (0, .min), (.max, 0), (.min, 0), (.max / 1_000_000, 999_999_999),
            (-62_135_596_801, 999_999_999), (253_402_300_800, 0),
        ] as [(Int64, Int32)])
    func refusedTimestamps(seconds: Int64, nanoseconds: Int32) {
        #expect(Instant(seconds: seconds, nanoseconds: nanoseconds) == nil)
    }

    @Test("rounds down, also before 1970")
    func parts() {
        let instant = Instant(microseconds: -1_500_001)
        #expect(instant.seconds == -2)
        #expect(instant.nanoseconds == 499_999_000)
        #expect(instant.milliseconds == -1_501)
        #expect(Instant(microseconds: .min).nanoseconds >= 0)
        #expect(Instant(microseconds: .min).rfc3339 == nil)
        #expect(Instant(microseconds: .max).description == "9223372036854775807 µs after 1970")
    }

    @Test("stops at the ends when a duration is added")
    func saturation() {
        let instant = Instant(microseconds: 5)
        #expect(instant.adding(seconds: 2).microseconds == 2_000_005)
        #expect(instant.adding(.milliseconds(-3)).microseconds == -2_995)
        #expect(instant.adding(.nanoseconds(-1)).microseconds == 4)
        #expect(instant.adding(.nanoseconds(1_999)).microseconds == 6)
        for distance in [Int64.max, Int64.max / 1_000_000 + 1] {
            #expect(instant.adding(seconds: distance).microseconds == .max)
            #expect(Instant(microseconds: -5).adding(seconds: -distance).microseconds == .min)
            #expect(instant.adding(.seconds(distance)).microseconds == .max)
        }
        #expect(instant.adding(microseconds: .max).microseconds == .max)
        #expect(Instant(microseconds: -5).adding(microseconds: .min).microseconds == .min)
        #expect(Instant(microseconds: .max).duration(since: Instant(microseconds: .min)) > .seconds(1))
        #expect(Instant(microseconds: 7).duration(since: instant) == .microseconds(2))
    }
}
