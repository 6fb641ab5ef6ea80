/// The token prefixes in force: the first issues, all verify.
///
/// Each is kept as a number, its letters from the highest used byte down: `clp` is 0x636c70. No letter is zero, so
/// the number says the length too, and finding one compares numbers and allocates nothing.
package struct TokenPrefixes: Sendable, Equatable {
    /// More than the moves from one prefix to the next that anyone makes at once.
    package static let countMax = 8
    package static let byteCountRange = 2...4

    /// `pat_` begins the id of a pattern.
    private static let taken = ["pat"]

    /// `clp` alone.
    package static let standard = TokenPrefixes(first: 0x636c70)

    package enum Failure: Error, Equatable, Sendable {
        case empty
        case tooMany
        /// Not 2 to 4 lower-case letters.
        case invalid(String)
        case repeated(String)
        /// The product writes something else so.
        case taken(String)
    }

    private var packed: InlineArray<8, UInt32>
    package private(set) var count: Int

    private init(first: UInt32) {
        packed = InlineArray(repeating: 0)
        packed[0] = first
        count = 1
    }

    package init(_ texts: [String]) throws(Failure) {
        guard let first = texts.first else { throw .empty }
        guard texts.count <= Self.countMax else { throw .tooMany }
        self.init(first: try Self.pack(first))
        for text in texts.dropFirst() {
            let prefix = try Self.pack(text)
            guard !contains(prefix) else { throw .repeated(text) }
            packed[count] = prefix
            count += 1
        }
    }

    private static func pack(_ text: String) throws(Failure) -> UInt32 {
        guard byteCountRange.contains(text.utf8.count),
            text.utf8.allSatisfy({ (UInt8(ascii: "a")...UInt8(ascii: "z")).contains($0) })
        else { throw .invalid(text) }
        if taken.contains(text) { throw .taken(text) }
        return text.utf8.reduce(0) { $0 << 8 | UInt32($1) }
    }

    /// Whether the number of a prefix is among these. 0 is none.
    func contains(_ prefix: UInt32) -> Bool {
        for index in 0..<count where packed[index] == prefix { return true }
        return false
    }

    /// The letters of the prefix that issues.
    var issuing: String { Self.text(packed[0]) }

    /// All, the one that issues first.
    package var texts: [String] {
        (0..<count).map { Self.text(packed[$0]) }
    }

    private static func text(_ prefix: UInt32) -> String {
        var text = ""
        for shift in [24, 16, 8, 0] {
            let byte = UInt8(truncatingIfNeeded: prefix >> UInt32(shift))
            if byte != 0 { text.unicodeScalars.append(Unicode.Scalar(byte)) }
        }
        return text
    }

    package static func == (left: TokenPrefixes, right: TokenPrefixes) -> Bool { left.texts == right.texts }
}
