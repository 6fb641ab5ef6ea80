/// Digits in base 62, in the order of their ASCII codes, so that texts of one width sort as their numbers do.
///
/// Random digits follow no pattern that a processor could foresee, so nothing here branches on one.
enum Base62 {
    static let radix: UInt64 = 62
    /// So many digits make a number that fits a word: 62¹⁰ < 2⁶⁴.
    static let digitsPerWord = 10
    static let wordRadix: UInt64 = 839_299_365_868_340_224

    /// The digit of `value` modulo 62.
    static func digit(_ value: UInt64) -> UInt8 {
        let value = UInt8(truncatingIfNeeded: value % radix)
        return UInt8(ascii: "0") &+ value &+ (value < 10 ? 0 : gapToCapitals) &+ (value < 36 ? 0 : gapToSmallLetters)
    }

    /// The value of a digit; anything for a byte that is none.
    static func value(_ digit: UInt8) -> UInt64 {
        let gaps =
            (digit < UInt8(ascii: "A") ? 0 : gapToCapitals) &+ (digit < UInt8(ascii: "a") ? 0 : gapToSmallLetters)
        return UInt64(digit &- UInt8(ascii: "0") &- gaps)
    }

    static func areDigits(_ bytes: Span<UInt8>) -> Bool {
        bytes.withUnsafeBytes { bytes in
            var position = 0
            while bytes.count - position >= 8 {
                let word = bytes.loadUnaligned(fromByteOffset: position, as: UInt64.self)
                guard areDigits(word) else { return false }
                position += 8
            }
            while position < bytes.count {
                // The byte eight times.
                guard areDigits(UInt64(bytes[position]) &* eachByte) else { return false }
                position += 1
            }
            return true
        }
    }

    /// Asks for eight bytes at once. A token so takes 680 instructions to parse, with a byte at a time 1,235, and with
    /// SIMD16, whose operators 6.3.1 leaves as calls, 2,246.
    private static func areDigits(_ word: UInt64) -> Bool {
        let sevenBits = word & ~highBits
        // Setting bit 0x20 makes a capital a small letter, and nothing else a letter.
        let folded = sevenBits | 0x20 &* eachByte
        let numerals =
            atLeast(UInt8(ascii: "0"), sevenBits) & ~atLeast(UInt8(ascii: "9") + 1, sevenBits)
        let letters = atLeast(UInt8(ascii: "a"), folded) & ~atLeast(UInt8(ascii: "z") + 1, folded)
        return (numerals | letters) & ~word & highBits == highBits
    }

    /// Sets the high bit of every byte that is at least `bound`. All are below 0x80, so no byte carries into the next.
    private static func atLeast(_ bound: UInt8, _ bytes: UInt64) -> UInt64 {
        bytes &+ UInt64(0x80 - bound) &* eachByte
    }

    private static let eachByte: UInt64 = 0x0101_0101_0101_0101
    private static let highBits: UInt64 = 0x8080_8080_8080_8080

    /// What lies between `9` and `A`, and between `Z` and `a`.
    private static let gapToCapitals = UInt8(ascii: "A") - UInt8(ascii: "9") - 1
    private static let gapToSmallLetters = UInt8(ascii: "a") - UInt8(ascii: "Z") - 1
}
