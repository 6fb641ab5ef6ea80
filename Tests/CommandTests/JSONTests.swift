import Testing

@testable import tokenctl

@Suite("JSON that tokenctl prints")
struct JSONTests {
    @Test(arguments: [
        ("plain", "\"plain\""), ("", "\"\""), ("say \"hi\" \\", "\"say \\\"hi\\\" \\\\\""),
        ("a\nb\tc\rd", "\"a\\nb\\tc\\rd\""), ("\u{1b}[31mred", "\"\\u001b[31mred\""),
        ("a\u{0}\u{7f}\u{85}\u{9b}b", "\"a\\u0000\\u007f\\u0085\\u009bb\""),
        ("user\u{202e}nimda\u{2066}", "\"user\\u202enimda\\u2066\""),
        ("a\u{200b}\u{200d}\u{feff}b", "\"a\\u200b\\u200d\\ufeffb\""),
        ("a\u{2028}b\u{2029}c", "\"a\\u2028b\\u2029c\""), ("\u{e0041}", "\"\\udb40\\udc41\""),
        ("größe 🦊", "\"größe 🦊\""), ("e\u{301}", "\"e\u{301}\""),
    ])
    func whatATerminalObeysOrAReaderDoesNotSeeIsEscaped(_ text: String, _ expected: String) throws {
        #expect(JSON.quoted(text) == expected)
        // And a reader of JSON has the text as it was.
        guard case .string(let read) = try JSON(parsing: expected.utf8) else {
            Issue.record("\(expected) is no text")
            return
        }
        #expect(Array(read.utf8) == Array(text.utf8))
    }
}
