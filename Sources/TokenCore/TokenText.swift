/// The text of a token, which is its secret.
///
///     clp u _ 7Qa…  43 base-62 digits   …x 0pQ4Zk
///     |   |   |                          └ CRC-32 of all before it, 6 base-62 digits
///     |   |   └ 256 random bits, the highest digit first
///     |   └ kind: u user's, s service account's
///     └ prefix, 2 to 4 lower-case letters
///
/// 43 digits have room for a little more than 2^256 numbers: those beyond are refused, so that a number has one text.
package enum TokenText {
    package typealias Random = (UInt64, UInt64, UInt64, UInt64)

    static let randomDigitCount = 43
    static let checksumDigitCount = 6
    /// What follows the prefix: kind letter, underscore, digits.
    private static let tailByteCount = 2 + randomDigitCount + checksumDigitCount
    package static let byteCountRange = 2 + tailByteCount...4 + tailByteCount

    /// 2^256 − 1. Digits sort as their values do, so a number in range is a text that does not sort after this one.
    private static let largest: StaticString = "yhjskwdA6OZ1AL1YmHWZWm8LLG7HjnuCA2j5rOw8Xp1"

    /// The text for 256 random bits, under the prefix that issues.
    package static func make(prefixes: TokenPrefixes, kind: TokenKind, random: Random) -> Secret {
        let prefix = prefixes.issuing.utf8
        return Secret(byteCount: prefix.count + tailByteCount) { text in
            var position = 0
            for byte in prefix {
                text[position] = byte
                position += 1
            }
            text[position] = kind.letter
            text[position + 1] = UInt8(ascii: "_")
            position += 2
            writeDigits(
                of: random, to: UnsafeMutableBufferPointer(rebasing: text[position..<position + randomDigitCount]))
            position += randomDigitCount
            var checksum = UInt64(
                CRC32.checksum(Span(_unsafeElements: UnsafeBufferPointer(rebasing: text[..<position]))))
            for place in (0..<checksumDigitCount).reversed() {
                text[position + place] = Base62.digit(checksum)
                checksum /= Base62.radix
            }
        }
    }

    /// Divides the number from its highest word down, once for each ten digits, the lowest first: as many as a word holds.
    private static func writeDigits(of random: Random, to digits: UnsafeMutableBufferPointer<UInt8>) {
        var words: InlineArray<4, UInt64> = [random.0, random.1, random.2, random.3]
        var remainder: UInt64 = 0
        for (written, place) in (0..<digits.count).reversed().enumerated() {
            if written % Base62.digitsPerWord == 0 {
                remainder = 0
                for index in 0..<4 {
                    // The remainder is below the divisor, so the quotient fits a word.
                    (words[index], remainder) = Base62.wordRadix.dividingFullWidth((remainder, words[index]))
                }
            }
            digits[place] = Base62.digit(remainder)
            remainder /= Base62.radix
        }
    }

    /// The kind of a well-formed token text under one of `prefixes`; nil is the outcome MALFORMED.
    ///
    /// Nothing here depends on what is stored, so its time says nothing of it. It allocates nothing.
    package static func parse(_ text: Span<UInt8>, _ prefixes: borrowing TokenPrefixes) -> TokenKind? {
        let prefixByteCount = text.count - tailByteCount
        guard let kind = leadingKind(of: text, prefixByteCount: prefixByteCount, prefixes),
            isNumber(text.extracting(droppingFirst: prefixByteCount + 2))
        else { return nil }
        let bodyByteCount = text.count - checksumDigitCount
        var claimed: UInt64 = 0
        for index in bodyByteCount..<text.count { claimed = claimed &* Base62.radix &+ Base62.value(text[index]) }
        // Compared as 64 bits: six digits that say 2^32 or more are no checksum.
        return claimed == UInt64(CRC32.checksum(text.extracting(first: bodyByteCount))) ? kind : nil
    }

    /// Whether a text starts as one of our tokens does. Such a text is ours or MALFORMED; any other may be an imported
    /// token, which has the text some other system gave it.
    package static func bearsPrefix(_ text: Span<UInt8>, _ prefixes: borrowing TokenPrefixes) -> Bool {
        for byteCount in TokenPrefixes.byteCountRange
        where leadingKind(of: text, prefixByteCount: byteCount, prefixes) != nil {
            return true
        }
        return false
    }

    /// The kind that the letter after a prefix of that length says, if the prefix is among `prefixes`.
    private static func leadingKind(
        of text: Span<UInt8>, prefixByteCount: Int, _ prefixes: borrowing TokenPrefixes
    ) -> TokenKind? {
        guard TokenPrefixes.byteCountRange.contains(prefixByteCount), text.count >= prefixByteCount + 2,
            text[prefixByteCount + 1] == UInt8(ascii: "_")
        else { return nil }
        var prefix: UInt32 = 0
        for index in 0..<prefixByteCount { prefix = prefix << 8 | UInt32(text[index]) }
        guard prefixes.contains(prefix) else { return nil }
        return TokenKind(letter: text[prefixByteCount])
    }

    /// Whether all are base-62 digits and the first 43 of them a number below 2^256.
    private static func isNumber(_ digits: Span<UInt8>) -> Bool {
        guard digits.count >= randomDigitCount, Base62.areDigits(digits) else { return false }
        return largest.withUTF8Buffer { largest in
            for index in 0..<randomDigitCount where digits[index] != largest[index] {
                return digits[index] < largest[index]
            }
            return true
        }
    }

    /// What a list shows of a token, to tell it from others: its prefix and the last four characters, `clpu_…x7Qa`.
    /// Those belong to the checksum; 256 random bits stay unsaid. A text that has not our shape gives `…` alone.
    package static func hint(_ text: Span<UInt8>) -> String {
        let prefixByteCount = text.count - tailByteCount
        guard TokenPrefixes.byteCountRange.contains(prefixByteCount),
            TokenKind(letter: text[prefixByteCount]) != nil, text[prefixByteCount + 1] == UInt8(ascii: "_"),
            isNumber(text.extracting(droppingFirst: prefixByteCount + 2))
        else { return "…" }
        for index in 0..<prefixByteCount where !(UInt8(ascii: "a")...UInt8(ascii: "z")).contains(text[index]) {
            return "…"
        }
        return String(copying: text.extracting(first: prefixByteCount + 2)) + "…"
            + String(copying: text.extracting(last: 4))
    }

    /// The regular expression by which a secret scanner finds our tokens. What it finds is ours if the checksum holds.
    package static func scannerPattern(_ prefixes: TokenPrefixes) -> String {
        let digitCount = randomDigitCount + checksumDigitCount
        return "\\b(?:\(prefixes.texts.joined(separator: "|")))[us]_[0-9A-Za-z]{\(digitCount)}\\b"
    }
}
