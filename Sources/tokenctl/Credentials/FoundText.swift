/// What may be a token in a text that was found somewhere, such as a log or a program.
enum FoundText {
    /// After the underscore: 256 random bits and a checksum, see PROTOCOL.md ("Token text").
    private static let digitCount = 49
    private static let prefixByteCounts = 2...4
    /// Prefix, letter of the kind, underscore and digits.
    private static let tokenByteCountMax = 4 + 2 + digitCount

    /// Each find is the places of which one may be a token. Where a word has something like tokens of tokend in it, that is
    /// looked for and the rest is not; any other word may be an imported token, which has the text that another system
    /// gave it.
    static func finds(in text: Span<UInt8>) -> [[Range<Int>]] {
        words(text).flatMap { word in
            let tokens = tokens(in: text, word)
            return tokens.isEmpty ? [[word]] : tokens
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
    /// of tokend; a word as long as a piece is no imported one. Where all bytes may be of a token, only the last of them are:
    /// a token ends where such a text does, so as many as one has are left for the next piece.
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
