/// Swift without what only people read: so that a rule about code doesn't find words in comments and strings.
///
/// Knows line comments, nested block comments, strings of one and of many lines, raw strings, and code interpolated into
/// them. Doesn't know regular expression literals.
struct SwiftCode {
    private let source: [UInt8]
    private var result: [UInt8]
    private var index = 0

    /// The text with a space for each byte of a comment or a string; lines stay where they are.
    static func blankingCommentsAndStrings(in text: String) -> String {
        var code = SwiftCode(text)
        code.skipCode(toClosingParenthesis: false)
        return String(decoding: code.result, as: UTF8.self)
    }

    private init(_ text: String) {
        source = Array(text.utf8)
        result = source
    }

    private func begins(_ word: String) -> Bool { source[index...].starts(with: word.utf8) }

    private mutating func blank(_ count: Int) {
        for _ in 0..<count where index < source.count {
            if source[index] != UInt8(ascii: "\n") { result[index] = UInt8(ascii: " ") }
            index += 1
        }
    }

    private mutating func skipCode(toClosingParenthesis isInterpolated: Bool) {
        var depth = 0
        while index < source.count {
            switch source[index] {
            case UInt8(ascii: "/") where begins("//"):
                while index < source.count, source[index] != UInt8(ascii: "\n") { blank(1) }
                continue
            case UInt8(ascii: "/") where begins("/*"):
                skipBlockComment()
                continue
            case UInt8(ascii: "#"), UInt8(ascii: "\""):
                if let hashCount = hashCountOfString() {
                    skipString(hashCount)
                    continue
                }
            case UInt8(ascii: "("):
                depth += 1
            case UInt8(ascii: ")"):
                depth -= 1
            default:
                break
            }
            index += 1
            if isInterpolated && depth < 0 { return }
        }
    }

    private mutating func skipBlockComment() {
        var depth = 0
        repeat {
            if begins("/*") {
                depth += 1
                blank(2)
            } else if begins("*/") {
                depth -= 1
                blank(2)
            } else {
                blank(1)
            }
        } while depth > 0 && index < source.count
    }

    /// How many # stand before the quotation mark; nil where no string begins.
    private func hashCountOfString() -> Int? {
        let hashCount = source[index...].prefix { $0 == UInt8(ascii: "#") }.count
        let quote = index + hashCount
        return quote < source.count && source[quote] == UInt8(ascii: "\"") ? hashCount : nil
    }

    private mutating func skipString(_ hashCount: Int) {
        let hashes = String(repeating: "#", count: hashCount)
        let opening = begins(hashes + "\"\"\"") ? "\"\"\"" : "\""
        blank(hashCount + opening.utf8.count)
        while index < source.count {
            if begins(opening + hashes) { return blank(opening.utf8.count + hashCount) }
            if begins("\\" + hashes + "(") {
                blank(1 + hashCount + 1)
                skipCode(toClosingParenthesis: true)
            } else if begins("\\" + hashes) {
                blank(1 + hashCount + 1)
            } else {
                blank(1)
            }
        }
    }
}
