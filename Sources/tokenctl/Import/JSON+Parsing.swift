/// What is wrong with a text that should be JSON.
struct JSONProblem: Error {
    let message: String
}

extension JSON {
    /// The value that the text is, with nothing behind it. Numbers are whole: no other ones occur here. Of two equal
    /// names in an object neither can be meant.
    init(parsing text: some Sequence<UInt8>) throws(JSONProblem) {
        var parser = Parser(bytes: Array(text))
        self = try parser.value(depth: 0)
        try parser.end()
    }

    private struct Parser {
        let bytes: [UInt8]
        private var position = 0

        private static let depthMax = 16

        init(bytes: [UInt8]) {
            self.bytes = bytes
        }

        mutating func value(depth: Int) throws(JSONProblem) -> JSON {
            if depth > Self.depthMax { throw problem("too many levels") }
            skipBlanks()
            guard let byte = peek else { throw problem("it breaks off") }
            switch Unicode.Scalar(byte) {
            case "{": return try object(depth: depth)
            case "[": return try array(depth: depth)
            case "\"": return .string(try string())
            case "-", "0"..."9": return .number(try number())
            default: break
            }
            for (word, value) in [("true", JSON.bool(true)), ("false", .bool(false)), ("null", .null)]
            where bytes[position...].starts(with: word.utf8) {
                position += word.utf8.count
                return value
            }
            throw problem("no value")
        }

        mutating func end() throws(JSONProblem) {
            skipBlanks()
            if peek != nil { throw problem("more than one value") }
        }

        private mutating func object(depth: Int) throws(JSONProblem) -> JSON {
            var members: [(String, JSON)] = []
            position += 1
            if take("}") { return .object(members) }
            repeat {
                skipBlanks()
                guard peek == UInt8(ascii: "\"") else { throw problem("no name in quotes") }
                let name = try string()
                if members.contains(where: { $0.0 == name }) { throw problem("\(JSON.quoted(name)) twice") }
                guard take(":") else { throw problem("no colon after \(JSON.quoted(name))") }
                members.append((name, try value(depth: depth + 1)))
            } while take(",")
            guard take("}") else { throw problem("no } or comma after a value") }
            return .object(members)
        }

        private mutating func array(depth: Int) throws(JSONProblem) -> JSON {
            var elements: [JSON] = []
            position += 1
            if take("]") { return .array(elements) }
            repeat { elements.append(try value(depth: depth + 1)) } while take(",")
            guard take("]") else { throw problem("no ] or comma after a value") }
            return .array(elements)
        }

        private mutating func number() throws(JSONProblem) -> Int64 {
            let start = position
            while let byte = peek, "+-.0123456789Ee".utf8.contains(byte) { position += 1 }
            let digits = bytes[start..<position].drop { $0 == UInt8(ascii: "-") }
            let hasLeadingZero = digits.count > 1 && digits.first == UInt8(ascii: "0")
            guard !hasLeadingZero, let number = Int64(String(decoding: bytes[start..<position], as: UTF8.self)) else {
                throw problem("no whole number")
            }
            return number
        }

        private mutating func string() throws(JSONProblem) -> String {
            var text: [UInt8] = []
            position += 1
            while let byte = peek, byte != UInt8(ascii: "\"") {
                if byte < 0x20 { throw problem("a control character in a text") }
                position += 1
                if byte == UInt8(ascii: "\\") {
                    text += String(try escaped()).utf8
                } else {
                    text.append(byte)
                }
            }
            guard peek != nil else { throw problem("it breaks off in a text") }
            position += 1
            if let string = String(validating: text, as: UTF8.self) { return string }
            throw problem("a text that is not UTF-8")
        }

        /// What a backslash and the characters behind it stand for.
        private mutating func escaped() throws(JSONProblem) -> Unicode.Scalar {
            guard let letter = peek else { throw problem("it breaks off in a text") }
            position += 1
            switch Unicode.Scalar(letter) {
            case "\"", "\\", "/": return Unicode.Scalar(letter)
            case "b": return "\u{8}"
            case "f": return "\u{C}"
            case "n": return "\n"
            case "r": return "\r"
            case "t": return "\t"
            case "u": return try escapedScalar()
            default: throw problem("an unknown escape in a text")
            }
        }

        /// Beyond U+FFFF two escapes, a pair of surrogates, are one character.
        private mutating func escapedScalar() throws(JSONProblem) -> Unicode.Scalar {
            let unit = try fourDigits()
            if let scalar = Unicode.Scalar(unit) { return scalar }
            let isPair = bytes[position...].starts(with: "\\u".utf8)
            if isPair { position += 2 }
            let low = isPair ? try fourDigits() : 0
            guard (0xD800..<0xDC00).contains(unit), (0xDC00..<0xE000).contains(low),
                let scalar = Unicode.Scalar(0x10000 + (unit - 0xD800) << 10 + (low - 0xDC00))
            else { throw problem("half a character in a text") }
            return scalar
        }

        private mutating func fourDigits() throws(JSONProblem) -> UInt32 {
            let digits = bytes[position...].prefix(4)
            guard let pair = Hexadecimal.bytes(String(decoding: digits, as: UTF8.self)), pair.count == 2 else {
                throw problem("no four digits after \\u in a text")
            }
            position += 4
            return UInt32(pair[0]) << 8 | UInt32(pair[1])
        }

        private var peek: UInt8? { position < bytes.count ? bytes[position] : nil }

        private mutating func take(_ character: Unicode.Scalar) -> Bool {
            skipBlanks()
            guard peek == UInt8(ascii: character) else { return false }
            position += 1
            return true
        }

        private mutating func skipBlanks() {
            while let byte = peek, [0x20, 0x09, 0x0A, 0x0D].contains(byte) { position += 1 }
        }

        private func problem(_ message: String) -> JSONProblem {
            JSONProblem(message: "is no JSON: \(message), at character \(position + 1)")
        }
    }
}
