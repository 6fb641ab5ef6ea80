import Testing

@Suite("Code without comments and strings") struct SwiftCodeTests {
    @Test(
        "is what remains",
        arguments: [
            ("a // b\nc", "a     \nc"),
            ("a /* b /* c */ d */ e", "a                   e"),
            ("a(\"b\") + c", "a(   ) + c"),
            ("a(\"\\\"b\\\\\") + c", "a(       ) + c"),
            ("\"a\\(b + \"c\" + (d))e\" + f", "    b +     + (d))   + f"),
            ("#\"a\"\\(b)\"# + c", "           + c"),
            ("#\"a\\#(b)\"# + c", "      b)   + c"),
            ("\"\"\"\na \"b\" // c\n\"\"\" + d", "   \n          \n    + d"),
            ("#if os(Linux)\n\"a\"", "#if os(Linux)\n   "),
            ("\"ä\"b", "    b"),
        ])
    func blanked(text: String, code: String) {
        #expect(SwiftCode.blankingCommentsAndStrings(in: text) == code)
    }
}
