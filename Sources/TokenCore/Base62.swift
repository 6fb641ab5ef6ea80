/// Digits in base 62, in the order of their ASCII codes, so that texts of one width sort as their numbers do.
enum Base62 {
    static let radix: UInt64 = 62

    static func digit(_ value: UInt64) -> UInt8 {
        let value = UInt8(truncatingIfNeeded: value % radix)
        return switch value {
        case 0..<10: UInt8(ascii: "0") + value
        case 10..<36: UInt8(ascii: "A") + (value - 10)
        default: UInt8(ascii: "a") + (value - 36)
        }
    }

    static func isDigit(_ byte: UInt8) -> Bool {
        // Setting bit 0x20 makes a capital a small letter, and nothing else a letter.
        byte &- UInt8(ascii: "0") < 10 || (byte | 0x20) &- UInt8(ascii: "a") < 26
    }

    /// The value of a digit; anything for a byte that is none.
    static func value(_ digit: UInt8) -> UInt64 {
        switch digit {
        case ...UInt8(ascii: "9"): UInt64(digit &- UInt8(ascii: "0"))
        case ...UInt8(ascii: "Z"): UInt64(digit &- UInt8(ascii: "A") &+ 10)
        default: UInt64(digit &- UInt8(ascii: "a") &+ 36)
        }
    }
}
