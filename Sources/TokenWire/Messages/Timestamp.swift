/// A point in time (`google.protobuf.Timestamp`). Any numbers are kept; `microseconds` is where they are judged.
package struct Timestamp: WireMessage, Hashable, Sendable {
    /// Seconds since 1970-01-01T00:00:00Z.
    package var seconds: Int64
    /// Nanoseconds after `seconds`, 0 to 999,999,999 also before 1970.
    package var nanoseconds: Int32

    package init(seconds: Int64 = 0, nanoseconds: Int32 = 0) {
        self.seconds = seconds
        self.nanoseconds = nanoseconds
    }

    package init(microsecondsSince1970 microseconds: Int64) {
        let (quotient, remainder) = microseconds.quotientAndRemainder(dividingBy: 1_000_000)
        seconds = remainder < 0 ? quotient - 1 : quotient
        nanoseconds = Int32(remainder < 0 ? remainder + 1_000_000 : remainder) * 1000
    }

    /// Microseconds since 1970, rounded down; nil outside of protobuf's range, the years 1 to 9999.
    package var microsecondsSince1970: Int64? {
        guard Self.secondsRange.contains(seconds), 0..<1_000_000_000 ~= nanoseconds else { return nil }
        return seconds * 1_000_000 + Int64(nanoseconds / 1000)
    }

    private static let secondsRange: ClosedRange<Int64> = -62_135_596_800...253_402_300_799

    package func write<Sink: FieldSink>(to sink: inout Sink) {
        sink.int64(1, seconds)
        sink.int32(2, nanoseconds)
    }

    /// Adds the fields in `body`. There is no view of a timestamp: two numbers are no larger than a slice.
    mutating func merge(_ body: MessageBody) throws(WireError) {
        var reader = WireReader(body)
        while let field = try reader.nextField() {
            switch (field.number, field.wireType) {
            case (1, .varint): seconds = try reader.int64()
            case (2, .varint): nanoseconds = try reader.int32()
            default: try reader.skip(field)
            }
        }
    }
}
