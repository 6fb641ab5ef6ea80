/// Texts as roff reads them, with the macros of man(7).
enum Roff {
    /// A term, and what it means below it.
    static func item(_ term: String, _ text: String) -> String { ".TP\n\(term)\n\(plain(text))" }

    static func bold(_ text: String) -> String { #"\fB\#(plain(text))\fR"# }

    static func italic(_ text: String) -> String { #"\fI\#(plain(text))\fR"# }

    /// Lines to copy.
    static func example(_ lines: [String]) -> String {
        ([".PP", ".EX"] + lines.map(plain) + [".EE"]).joined(separator: "\n")
    }

    /// A minus that can be copied, nothing at the start of a line that is a request, and only ASCII.
    static func plain(_ text: String) -> String {
        let escaped = text.unicodeScalars.map { scalar in
            switch scalar {
            case "\\": #"\e"#
            case "-": #"\-"#
            case "'": #"\(aq"#
            case "“": #"\(lq"#
            case "”": #"\(rq"#
            case "…": "..."
            case "~": #"\(ti"#
            case "^": #"\(ha"#
            default: scalar.isASCII ? String(scalar) : #"\[u\#(hexadecimal(scalar))]"#
            }
        }.joined()
        return escaped.hasPrefix(".") ? #"\&"# + escaped : escaped
    }

    private static func hexadecimal(_ scalar: Unicode.Scalar) -> String {
        let digits = String(scalar.value, radix: 16, uppercase: true)
        return String(repeating: "0", count: max(0, 4 - digits.count)) + digits
    }
}
