import Testing

@testable import TokenCore

@Suite("Names")
struct NameRuleTests {
    @Test(
        "may hold any visible text of 1 to 100 scalars",
        arguments: [
            "a", " ", "CI deploy", "Überwachung", "部署", "🚀 deploy", "e\u{301}", "\"quoted\" \\ $(x)", "العربية",
            "\u{a0}",
            String(repeating: "x", count: 100), String(repeating: "🚀", count: 100),
        ])
    func accepted(name: String) throws {
        try NameRule.check(name)
    }

    @Test(
        "hold no control, format or bidirectional character and no line or paragraph separator",
        arguments: [
            // Control.
            0x00, 0x07, 0x0a, 0x0d, 0x1b, 0x1f, 0x7f, 0x85, 0x9f,
            // Format.
            0xad, 0x600, 0x180e, 0x200b, 0x200c, 0x200d, 0x2060, 0xfeff, 0xfff9, 0xe0001, 0xe0041,
            // Bidirectional.
            0x61c, 0x200e, 0x200f, 0x202a, 0x202b, 0x202c, 0x202d, 0x202e, 0x2066, 0x2067, 0x2068, 0x2069,
            // Separators.
            0x2028, 0x2029,
        ] as [UInt32])
    func forbidden(value: UInt32) throws {
        let scalar = try #require(Unicode.Scalar(value))
        for name in ["\(scalar)", "ab\(scalar)", "\(scalar)ab", "a\(scalar)b"] {
            #expect(throws: NameRule.Refusal.forbidden(scalar)) { try NameRule.check(name) }
        }
    }

    @Test("are neither empty nor longer than 100 scalars or 400 bytes")
    func lengths() {
        #expect(throws: NameRule.Refusal.empty) { try NameRule.check("") }
        #expect(throws: NameRule.Refusal.tooManyScalars) { try NameRule.check(String(repeating: "x", count: 101)) }
        // One character to Swift, 101 scalars.
        #expect(throws: NameRule.Refusal.tooManyScalars) {
            try NameRule.check("e" + String(repeating: "\u{301}", count: 100))
        }
        #expect(throws: NameRule.Refusal.tooManyBytes) { try NameRule.check(String(repeating: "🚀", count: 101)) }
    }
}

@Suite("Identifiers of others")
struct IdentifierRuleTests {
    @Test(arguments: [
        ("tokend", true), ("uid:0", true), ("tok_x", true), ("sa_x", true), ("tokend2", false), ("uid", false),
        ("ann", false), ("user_ada", false), ("xuid:0", false),
    ]) func aUserIsNotNamedLikeAnotherActor(text: String, isAnother: Bool) {
        #expect(IdentifierRule.isNameOfAnotherActor(text) == isAnother)
    }

    @Test(
        "are 1 to 128 bytes of visible ASCII",
        arguments: ["u", "usr_1", "jane@example.com", "a:b/c{d}", String(repeating: "x", count: 128)])
    func accepted(text: String) {
        #expect(IdentifierRule.isUserID(text))
    }

    @Test(
        "hold nothing that could end a field in a log",
        arguments: [
            "", "a b", "a\"b", "a\\b", "a\nb", "a\u{0}", "\u{7f}", "é", "a\u{202e}", String(repeating: "x", count: 129),
        ])
    func refused(text: String) {
        #expect(!IdentifierRule.isUserID(text))
        #expect(!IdentifierRule.isWorkspaceID("ws_" + text))
    }

    @Test("of workspaces start with ws_")
    func workspaces() {
        #expect(IdentifierRule.isWorkspaceID("ws_acme"))
        #expect(IdentifierRule.isWorkspaceID("ws_" + String(repeating: "x", count: 125)))
        #expect(!IdentifierRule.isWorkspaceID("ws_" + String(repeating: "x", count: 126)))
        for text in ["ws_", "ws", "acme", "WS_acme", "xws_acme"] { #expect(!IdentifierRule.isWorkspaceID(text)) }
    }
}
