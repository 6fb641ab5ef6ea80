import TokenCore

extension LogEvent {
    /// `time=… level=… message=… key=value`, in the form that is known as logfmt.
    var logfmt: String {
        "time=\(at) level=\(level.name) message=\(Self.quoted(message))" + logfmtFields + "\n"
    }

    /// ` key=value` for each field.
    var logfmtFields: String {
        fields.reduce(into: "") { $0 += " \($1.key)=\(Self.quoted($1.value))" }
    }

    /// An object in one line.
    var json: String {
        let start = "{\"time\":\"\(at)\",\"level\":\"\(level.name)\",\"message\":\(JSONText.quoted(message))"
        return fields.reduce(into: start) { $0 += ",\"\($1.key)\":\(JSONText.quoted($1.value))" } + "}\n"
    }

    /// A text that could be taken for another field or another line is quoted and escaped.
    static func quoted(_ text: String) -> String {
        let isPlain = !text.isEmpty && text.utf8.allSatisfy { (0x21...0x7e).contains($0) && $0 != 0x22 && $0 != 0x3d }
        if isPlain { return text }
        var quoted = "\""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\"", "\\": quoted += "\\\(scalar)"
            case "\n": quoted += "\\n"
            default: quoted += scalar.isHarmless ? String(scalar) : "\\u{\(String(scalar.value, radix: 16))}"
            }
        }
        return quoted + "\""
    }
}
