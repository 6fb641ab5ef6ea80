import Testing
import TokenCore

@testable import TokenServer

@Suite("What the log writes")
struct LogTextTests {
    private let event = LogEvent(
        at: Instant(microseconds: 1_795_000_000_250_000), .warning, "a call failed",
        ["uid": "1000", "error": "no \"such\"\nlevel=error PRIORITY=0"])

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
        #expect(LogEvent.quoted(text) == expected)
    }

    @Test(arguments: [
        ("plain", "\"plain\""), ("", "\"\""), ("say \"hi\" \\", "\"say \\\"hi\\\" \\\\\""), ("a\nb", "\"a\\nb\""),
        ("\u{1b}[31mred", "\"\\u001b[31mred\""), ("a\u{0}\u{7f}\u{85}b", "\"a\\u0000\\u007f\\u0085b\""),
        ("a\u{2028}\u{202e}b", "\"a\\u2028\\u202eb\""), ("\u{e0041}", "\"\\udb40\\udc41\""),
        ("größe 🦊", "\"größe 🦊\""), ("e\u{301}", "\"e\u{301}\""),
    ])
    func textInJSONIsWhatItsReadersExpect(_ text: String, _ expected: String) {
        #expect(JSONText.quoted(text) == expected)
    }

    @Test func aLineOfLogfmtHasTimeLevelMessageAndFields() {
        #expect(
            event.logfmt == """
                time=2026-11-18T11:06:40.25Z level=warning message="a call failed" uid=1000 \
                error="no \\"such\\"\\nlevel=error PRIORITY=0"

                """)
    }

    @Test func aLineOfJSONHasTheSame() {
        #expect(
            event.json == """
                {"time":"2026-11-18T11:06:40.25Z","level":"warning","message":"a call failed","uid":"1000",\
                "error":"no \\"such\\"\\nlevel=error PRIORITY=0"}

                """)
    }

    @Test func theJournalGetsFieldsAndNoValueCanMakeAnother() {
        let value = "no \"such\"\nlevel=error PRIORITY=0"
        let expected =
            "MESSAGE=a call failed uid=1000 error=\"no \\\"such\\\"\\nlevel=error PRIORITY=0\"\n"
            + "PRIORITY=4\nSYSLOG_IDENTIFIER=tokend\nTOKEND_UID=1000\n"
            + "TOKEND_ERROR\n\(Unicode.Scalar(UInt8(value.utf8.count)))\0\0\0\0\0\0\0\(value)\n"
        #expect(event.journalDatagram == Array(expected.utf8))
    }

    @Test func anEventIsOfBoundedSizeWhateverItTellsOf() {
        let long = String(repeating: "ä", count: 100_000)
        let event = LogEvent(at: .epoch, .info, long, ["a": long, "b": long])
        #expect(event.byteCount < 13_000)
        #expect(event.fields[0].value.hasSuffix("ä…"))
        #expect(event.journalDatagram.count < 25_000)
    }
}
