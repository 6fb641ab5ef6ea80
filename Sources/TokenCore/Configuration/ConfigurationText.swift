/// What is wrong with a configuration file, where, and what to do about it.
package struct ConfigurationProblem: Error, Equatable, Sendable, CustomStringConvertible {
    package let file: String
    /// From 1; 0 when it is the file as a whole.
    package let line: Int
    package let message: String
    /// Whether the audit would be kept for too short a time, which has a reason of its own in the protocol.
    package let isRetentionBelowMinimum: Bool

    package init(file: String, line: Int, message: String, isRetentionBelowMinimum: Bool = false) {
        self.file = file
        self.line = line
        self.message = message
        self.isRetentionBelowMinimum = isRetentionBelowMinimum
    }

    /// `file:line`, or the file alone.
    package var place: String { line == 0 ? file : "\(file):\(line)" }

    package var description: String { "\(place): \(message)" }
}

/// A configuration file as the lines of it that say something: `#` begins a comment, blanks at both ends don't count.
///
/// A line is a `[section]`, a `key = value`, or what else the file's reader takes one for.
package struct ConfigurationText: Sendable {
    package struct Line: Sendable {
        package let file: String
        /// From 1.
        package let number: Int
        package let content: String

        package func problem(_ message: String) -> ConfigurationProblem {
            ConfigurationProblem(file: file, line: number, message: message)
        }

        /// What is wrong with the value of a setting.
        package func problem(_ setting: String, _ problem: SettingProblem) -> ConfigurationProblem {
            ConfigurationProblem(
                file: file, line: number, message: "\(setting): \(problem.message)",
                isRetentionBelowMinimum: problem.isRetentionBelowMinimum)
        }

        /// The text for a message, which nobody wants to be a megabyte.
        package var shown: String { Self.shown(content) }

        package static func shown(_ text: String) -> String {
            text.unicodeScalars.count <= 64
                ? text : String(String.UnicodeScalarView(text.unicodeScalars.prefix(64))) + "…"
        }
    }

    package let file: String
    package let lines: [Line]

    package init(_ text: String, file: String) throws(ConfigurationProblem) {
        var lines: [Line] = []
        // Split as bytes: to Swift the end of a line from Windows is one character, and not "\n".
        let all = text.utf8.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
        for (index, bytes) in all.enumerated() {
            let content = Self.trimmed(Substring(bytes.prefix { $0 != UInt8(ascii: "#") }))
            if content.isEmpty { continue }
            let line = Line(file: file, number: index + 1, content: content)
            if content.utf8.contains(where: { $0 < 0x20 && $0 != 0x09 || $0 == 0x7f }) {
                throw line.problem("holds a control character")
            }
            lines.append(line)
        }
        self.file = file
        self.lines = lines
    }

    package func problem(_ message: String) -> ConfigurationProblem {
        ConfigurationProblem(file: file, line: 0, message: message)
    }

    static func trimmed(_ text: some StringProtocol) -> String {
        let blank: (Character) -> Bool = { $0 == " " || $0 == "\t" || $0 == "\r" }
        return String(text.drop(while: blank).reversed().drop(while: blank).reversed())
    }
}

extension ConfigurationText.Line {
    /// The name between the brackets; none for a line that begins no section.
    package func section() throws(ConfigurationProblem) -> String? {
        if content.utf8.first != UInt8(ascii: "[") { return nil }
        guard content.utf8.last == UInt8(ascii: "]") else {
            throw problem("“\(shown)” is no section; write it as [name]")
        }
        return ConfigurationText.trimmed(content.dropFirst().dropLast())
    }

    /// The line as `key = value`; the value may be empty.
    package func pair() throws(ConfigurationProblem) -> (key: String, value: String) {
        guard let equals = content.utf8.firstIndex(of: UInt8(ascii: "=")) else {
            throw problem("“\(shown)” is not of the form key = value")
        }
        return (
            ConfigurationText.trimmed(content[..<equals]),
            ConfigurationText.trimmed(content[content.utf8.index(after: equals)...])
        )
    }
}

/// Where names stood first in a file, so that a second one can be told of it.
struct FirstLines {
    private var lines: [String: Int] = [:]

    /// Notes a name; the line of an earlier one, if there was one.
    mutating func note(_ name: String, at line: ConfigurationText.Line) -> Int? {
        if let earlier = lines[name] { return earlier }
        lines[name] = line.number
        return nil
    }

    var count: Int { lines.count }
}
