import Testing

@testable import TokenServer

@Suite("Log lines")
struct LogTests {
    @Test(arguments: [
        ("plain", "plain"), ("/run/tokend/tokend.sock", "/run/tokend/tokend.sock"), ("", "\"\""),
        ("two words", "\"two words\""), ("a=b", "\"a=b\""), ("say \"hi\"", "\"say \\\"hi\\\"\""),
        ("a\nlevel=error", "\"a\\nlevel=error\""), ("\u{1b}[31mred", "\"\\u{1b}[31mred\""),
        ("a\u{0}b", "\"a\\u{0}b\""), ("a\r\nb", "\"a\\u{d}\\nb\""), ("a\u{7f}b", "\"a\\u{7f}b\""),
        ("a\u{85}b", "\"a\\u{85}b\""), ("a\u{2028}b\u{2029}c", "\"a\\u{2028}b\\u{2029}c\""),
        ("a\u{202e}b", "\"a\\u{202e}b\""), ("a\u{200b}b", "\"a\\u{200b}b\""), ("back\\slash x", "\"back\\\\slash x\""),
        ("größe 🦊", "\"größe 🦊\""),
    ])
    func whatCouldLookLikeMoreIsEscaped(_ text: String, _ expected: String) {
        #expect(Log.quoted(text) == expected)
    }
}
