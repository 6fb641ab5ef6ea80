import Foundation
import Testing

/// Texts as the programs shall print them, in files beside the tests.
///
/// `TOKEND_GOLDEN=write swift test --no-parallel --filter CommandTests` writes them anew: then read what git says has
/// changed.
enum Golden {
    static let directory = URL(fileURLWithPath: #filePath).deletingLastPathComponent().appendingPathComponent("Golden")
    private static let isWriting = ProcessInfo.processInfo.environment["TOKEND_GOLDEN"] == "write"

    /// Holds a text to the file of this name, character by character.
    static func expect(_ text: String, is name: String, sourceLocation: SourceLocation = #_sourceLocation) throws {
        let file = directory.appendingPathComponent(name)
        if isWriting {
            try FileManager.default.createDirectory(
                at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
            try Data(text.utf8).write(to: file)
            return
        }
        let golden = try String(contentsOf: file, encoding: .utf8)
        if text == golden { return }
        let (lines, goldenLines) = (text.components(separatedBy: "\n"), golden.components(separatedBy: "\n"))
        let place = zip(lines, goldenLines).prefix { $0 == $1 }.count
        Issue.record(
            """
            Golden/\(name) differs in line \(place + 1):
            it shall be  \(place < goldenLines.count ? goldenLines[place] : "(no more)")
            it is        \(place < lines.count ? lines[place] : "(no more)")
            """, sourceLocation: sourceLocation)
    }

    static func names(in directory: String) throws -> Set<String> {
        Set(try FileManager.default.contentsOfDirectory(atPath: Self.directory.path + "/" + directory))
    }
}

/// Command lines with what they answered, as a person sees them in a terminal.
struct Transcript {
    var program = "tokenctl"
    private(set) var text = ""

    /// Adds a command line and what came of it, output before errors.
    mutating func add(_ words: [String], _ outcome: Programs.Outcome) {
        let quoted = words.map { $0.contains(" ") || $0.contains("*") || $0.isEmpty ? "'\($0)'" : $0 }
        let shown = "$ \(program) \(quoted.joined(separator: " "))\n" + outcome.output + outcome.errors
        text += Self.withoutWhatVaries(shown)
        text += outcome.exitCode == 0 ? "\n" : "exit \(outcome.exitCode)\n\n"
    }

    /// What is another on each run: ids, secrets, times, hashes, and the width of the columns that they stand in.
    private static func withoutWhatVaries(_ text: String) -> String {
        let patterns: [(String, String)] = [
            (#"\b(tok|sa)_[0-9A-Z]{26}\b"#, "$1_<ulid>"), (#"\bclp[us]_[0-9A-Za-z]{49}\b"#, "<secret>"),
            (#"\b(clp[us])_…[0-9A-Za-z]{4}"#, "$1_…<4>"), (#"\b[0-9a-f]{64}\b"#, "<hash>"),
            (#"(?!2027-01-31)\d{4}-\d\d-\d\dT[0-9:.]+Z"#, "<time>"), (#"trace: [0-9a-f]+"#, "trace: <id>"),
            (#"\b(now|\d+ seconds? ago|in \d+ (days|hours|minutes))\b"#, "<when>"), (#" {3,}"#, "  "),
            (#""trace_id": "[0-9a-f]+""#, #""trace_id": "<id>""#), (#""peer_(uid|pid)": \d+"#, #""peer_$1": <n>"#),
            (#"/[^ ]*/tokend-command-[0-9A-Za-z]{6}"#, "<dir>"),
        ]
        return patterns.reduce(text) { text, pattern in
            text.replacingOccurrences(of: pattern.0, with: pattern.1, options: .regularExpression)
        }
    }
}
