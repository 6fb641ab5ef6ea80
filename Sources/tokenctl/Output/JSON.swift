import TokenClient

/// A JSON value (RFC 8259). Objects keep the order in which they were written.
enum JSON {
    case null
    case bool(Bool)
    case number(Int64)
    case decimal(Double)
    case string(String)
    case array([JSON])
    case object([(String, JSON)])

    static func strings(_ strings: [String]) -> JSON { .array(strings.map { .string($0) }) }

    static func optional(_ string: String?) -> JSON { string.map { .string($0) } ?? .null }

    static func optional(_ number: Double?) -> JSON { number.map { .decimal($0) } ?? .null }

    static func time(_ time: Timestamp?) -> JSON { optional(time?.description) }

    /// A count or a number of an event: what does not fit, which there never are so many of, is the greatest that does.
    static func count(_ count: some BinaryInteger) -> JSON { .number(Int64(clamping: count)) }

    static func hexadecimal(_ bytes: [UInt8]) -> JSON { .string(Hexadecimal.text(bytes)) }

    /// With two spaces of indentation a level.
    var text: String { text(indentation: "") }

    /// In one line, for a stream of values.
    var line: String {
        switch self {
        case .array(let elements): "[\(elements.map(\.line).joined(separator: ", "))]"
        case .object(let members):
            "{\(members.map { "\(Self.quoted($0.0)): \($0.1.line)" }.joined(separator: ", "))}"
        default: text
        }
    }

    private func text(indentation: String) -> String {
        let inner = indentation + "  "
        switch self {
        case .null: return "null"
        case .bool(let value): return value ? "true" : "false"
        case .number(let value): return String(value)
        case .decimal(let value): return Int64(exactly: value).map { "\($0)" } ?? "\(value)"
        case .string(let value): return Self.quoted(value)
        case .array(let elements):
            if elements.isEmpty { return "[]" }
            let lines = elements.map { inner + $0.text(indentation: inner) }
            return "[\n\(lines.joined(separator: ",\n"))\n\(indentation)]"
        case .object(let members):
            if members.isEmpty { return "{}" }
            let lines = members.map { "\(inner)\(Self.quoted($0.0)): \($0.1.text(indentation: inner))" }
            return "{\n\(lines.joined(separator: ",\n"))\n\(indentation)}"
        }
    }

    /// In quotes, with nothing in it that a terminal would obey or that a reader does not see.
    static func quoted(_ text: String) -> String {
        var quoted = "\""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\"", "\\": quoted += "\\\(scalar)"
            case "\n": quoted += "\\n"
            case "\t": quoted += "\\t"
            case "\r": quoted += "\\r"
            case _ where scalar.isPrintable: quoted.unicodeScalars.append(scalar)
            default:
                for unit in String(scalar).utf16 { quoted += "\\u" + String(unit, radix: 16).zeroPadded(to: 4) }
            }
        }
        return quoted + "\""
    }
}
