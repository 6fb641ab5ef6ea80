/// What may be a token in a text that was found somewhere, such as a log or a program.
enum FoundText {
    /// After the underscore: 256 random bits and a checksum, see PROTOCOL.md ("Token text").
    private static let digitCount = 49
    private static let prefixByteCounts = 2...4
    /// Prefix, letter of the kind, underscore and digits.
    private static let tokenByteCountMax = 4 + 2 + digitCount
    /// How many digits a token that was cut has left, at least. Names in programs rarely have as many letters behind an
    /// underscore, and what lists show of a token has none there.
    private static let cutDigitCountMin = 16

    struct Find {
        /// One of them may be a token.
        let places: [Range<Int>]
        /// Whether it looks like a token of tokend, a whole one or one that was cut. Other words rarely are any.
        let isLikeToken: Bool
    }

    /// Where a word has tokens of tokend in it, those are looked for and the rest is not; any other word may be an
    /// imported token, which has the text that another system gave it.
    static func finds(in text: Span<UInt8>) -> [Find] {
        words(text).flatMap { word in
            let tokens = tokens(in: text, word)
            let cutTokens = cutTokens(in: text, word)
            if tokens.isEmpty { return [Find(places: [word], isLikeToken: !cutTokens.isEmpty)] }
            return (tokens + cutTokens.map { [$0] }).map { Find(places: $0, isLikeToken: true) }
        }
    }

    /// By the expression for scanners, for prefixes of any letters: which ones the daemon has is not known here. It finds
    /// more than that in one way: letters may stand before a prefix, as those of an escaped line feed do. So there are
    /// several places for one token, one for each length of the prefix.
    private static func tokens(in text: Span<UInt8>, _ word: Range<Int>) -> [[Range<Int>]] {
        var found: [[Range<Int>]] = []
        for place in word where text[place] == UInt8(ascii: "_") {
            let end = place + 1 + digitCount
            guard end <= word.upperBound, end == word.upperBound || !isOfAWord(text[end]),
                (place + 1..<end).allSatisfy({ isDigit(text[$0]) })
            else { continue }
            let places = prefixByteCounts.reversed().compactMap { prefixByteCount in
                start(ofTokenIn: text, word, underscore: place, prefixByteCount: prefixByteCount).map { $0..<end }
            }
            if !places.isEmpty { found.append(places) }
        }
        return found
    }

    /// What begins as a token does and does not end as one. No letters stand before it: in a long text of letters and
    /// digits, such as Base64, that would find some by chance.
    private static func cutTokens(in text: Span<UInt8>, _ word: Range<Int>) -> [Range<Int>] {
        var found: [Range<Int>] = []
        for place in word where text[place] == UInt8(ascii: "_") {
            let starts = prefixByteCounts.compactMap { prefixByteCount in
                start(ofTokenIn: text, word, underscore: place, prefixByteCount: prefixByteCount)
            }
            guard let first = starts.first(where: { $0 == word.lowerBound || !isOfAWord(text[$0 - 1]) }) else {
                continue
            }
            let end = (place + 1..<word.upperBound).first { !isDigit(text[$0]) } ?? word.upperBound
            let count = end - (place + 1)
            let isWhole = count == digitCount && (end == word.upperBound || !isOfAWord(text[end]))
            if count >= cutDigitCountMin && !isWhole { found.append(first..<end) }
        }
        return found
    }

    private static func start(
        ofTokenIn text: Span<UInt8>, _ word: Range<Int>, underscore: Int, prefixByteCount: Int
    ) -> Int? {
        let start = underscore - 1 - prefixByteCount
        guard start >= word.lowerBound, [UInt8(ascii: "u"), UInt8(ascii: "s")].contains(text[underscore - 1]),
            (start..<underscore - 1).allSatisfy({ (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(text[$0]) })
        else { return nil }
        return start
    }

    static func words(_ text: Span<UInt8>) -> [Range<Int>] {
        var words: [Range<Int>] = []
        var start: Int?
        for place in text.indices {
            let isBlank = isBlank(text[place])
            if isBlank, let first = start { words.append(first..<place) }
            start = isBlank ? nil : start ?? place
        }
        if let first = start { words.append(first..<text.count) }
        return words
    }

    /// Where to end a piece of a longer text, so that no token is cut in two: behind a blank, else behind what is in no token
    /// of tokend; a word as long as a piece is no imported one. Where all bytes may be of a token, only the last of
    /// them are: a token ends where such a text does, so as many as one has are left for the next piece.
    static func end(ofPieceIn text: Span<UInt8>) -> Int {
        let places = text.indices.reversed()
        let place = places.first { isBlank(text[$0]) } ?? places.first { !isOfAWord(text[$0]) }
        return place.map { $0 + 1 } ?? text.count - tokenByteCountMax
    }

    private static func isBlank(_ byte: UInt8) -> Bool { byte == 0x20 || (0x09...0x0D).contains(byte) }

    private static func isDigit(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "a")...UInt8(ascii: "z"):
            true
        default: false
        }
    }

    private static func isOfAWord(_ byte: UInt8) -> Bool { isDigit(byte) || byte == UInt8(ascii: "_") }
}
