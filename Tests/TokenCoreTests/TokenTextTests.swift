import Testing

@testable import TokenCore

@Suite("Token text")
struct TokenTextTests {
    static let word: TokenText.Random = (
        0x0123_4567_89ab_cdef, 0xfedc_ba98_7654_3210, 0x0f1e_2d3c_4b5a_6978, 0x8796_a5b4_c3d2_e1f0
    )
    static let largest: TokenText.Random = (.max, .max, .max, .max)

    /// Computed with Python's integers and its zlib.crc32.
    static let known: [(prefix: String, kind: TokenKind, random: TokenText.Random, text: String)] = [
        ("clp", .personal, word, "clpu_0Gj7PHcTWoo64xfxh6C3W0LnZaDUt3RQvGSBWnvbmUa04LLMU"),
        ("clp", .serviceAccount, word, "clps_0Gj7PHcTWoo64xfxh6C3W0LnZaDUt3RQvGSBWnvbmUa2H69Zs"),
        ("ab", .serviceAccount, (0, 0, 0, 0), "abs_0000000000000000000000000000000000000000000237Qvp"),
        ("wxyz", .personal, largest, "wxyzu_yhjskwdA6OZ1AL1YmHWZWm8LLG7HjnuCA2j5rOw8Xp12OFkcQ"),
    ]

    private func parse(_ text: some Sequence<UInt8>, _ prefixes: TokenPrefixes = .standard) -> TokenKind? {
        TokenText.parse(Array(text).span, prefixes)
    }

    @Test("is the prefix, the kind, 43 digits and a checksum", arguments: known)
    func knownTexts(prefix: String, kind: TokenKind, random: TokenText.Random, text: String) throws {
        let prefixes = try TokenPrefixes([prefix])
        #expect(TokenText.make(prefixes: prefixes, kind: kind, random: random).revealAsText() == text)
        #expect(parse(text.utf8, prefixes) == kind)
    }

    @Test("is read back, whatever the random bits")
    func roundTrip() throws {
        var random = SplitMix(seed: 4)
        var texts: Set<String> = []
        for round in 0..<2_000 {
            let kind = round % 2 == 0 ? TokenKind.personal : .serviceAccount
            let bits = (
                random.next() >> UInt64(round % 64), random.next() as UInt64, random.next() as UInt64,
                random.next() as UInt64
            )
            let secret = TokenText.make(prefixes: .standard, kind: kind, random: bits)
            #expect(secret.count == 54)
            #expect(secret.withBytes { TokenText.parse($0, .standard) } == kind)
            texts.insert(secret.revealAsText())
        }
        #expect(texts.count == 2_000)
    }

    @Test("with any one byte changed is malformed")
    func oneByteChanged() {
        let text = Array("clpu_0Gj7PHcTWoo64xfxh6C3W0LnZaDUt3RQvGSBWnvbmUa04LLMU".utf8)
        for index in 0..<text.count {
            for byte in UInt8.min...UInt8.max where byte != text[index] {
                var changed = text
                changed[index] = byte
                #expect(parse(changed) == nil, "byte \(index) as \(byte)")
            }
        }
    }

    @Test("longer or shorter by any bytes is malformed")
    func otherLengths() {
        let text = Array("clpu_0Gj7PHcTWoo64xfxh6C3W0LnZaDUt3RQvGSBWnvbmUa04LLMU".utf8)
        for count in 0..<text.count {
            #expect(parse(text.prefix(count)) == nil)
            #expect(parse(text.suffix(count)) == nil)
        }
        for extra in [0, 0x0a, 0x20, 0x30] as [UInt8] {
            #expect(parse(text + [extra]) == nil)
            #expect(parse([extra] + text) == nil)
        }
        #expect(parse([UInt8](repeating: UInt8(ascii: "a"), count: 100_000)) == nil)
    }

    @Test("whose digits say 2^256 or more is malformed, though its checksum is right")
    func notCanonical() {
        #expect(parse("clpu_yhjskwdA6OZ1AL1YmHWZWm8LLG7HjnuCA2j5rOw8Xp21AlCqm".utf8) == nil)
        for random in ["zzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzz", "yi00000000000000000000000000000000000000000"] {
            #expect(parse(withChecksum("clpu_" + random)) == nil)
        }
        #expect(parse(withChecksum("clpu_yhjskwdA6OZ1AL1YmHWZWm8LLG7HjnuCA2j5rOw8Xp1")) == .personal)
        #expect(parse(withChecksum("clpu_yhjskwdA6OZ1AL1YmHWZWm8LLG7HjnuCA2j5rOw8Xp0")) == .personal)
    }

    @Test("whose checksum digits say the checksum and a multiple of 2^32 is malformed")
    func checksumNotCanonical() throws {
        let body = "clpu_0Gj7PHcTWoo64xfxh6C3W0LnZaDUt3RQvGSBWnvbmUa"
        let checksum = UInt64(CRC32.checksum(Array(body.utf8).span))
        #expect(parse(Array(body.utf8) + checksumDigits(checksum)) == .personal)
        #expect(parse(Array(body.utf8) + checksumDigits(checksum + 1 << 32)) == nil)
        #expect(parse(Array(body.utf8) + checksumDigits(checksum + 2 << 32)) == nil)
    }

    @Test("with another kind, separator or character but a right checksum is malformed")
    func otherShapes() {
        let digits = "0Gj7PHcTWoo64xfxh6C3W0LnZaDUt3RQvGSBWnvbmUa"
        for start in ["clpx_", "clpU_", "clpu-", "clp__", "CLPu_", "clqu_", "clu_", "clpp_", "clppu_"] {
            #expect(parse(withChecksum(start + digits)) == nil, "\(start)")
        }
        #expect(parse(withChecksum("clpu_0Gj7PHcTWoo64xfxh6C3W-LnZaDUt3RQvGSBWnvbmUa")) == nil)
        #expect(parse(withChecksum("clpu_0Gj7PHcTWoo64xfxh6C3W_LnZaDUt3RQvGSBWnvbmUa")) == nil)
    }

    @Test("verifies under every prefix in force, and is issued under the first")
    func severalPrefixes() throws {
        let former = try TokenPrefixes(["clp"])
        let current = try TokenPrefixes(["ab", "clp", "wxyz"])
        let old = TokenText.make(prefixes: former, kind: .personal, random: Self.word)
        let new = TokenText.make(prefixes: current, kind: .personal, random: Self.word)
        #expect(new.revealAsText().hasPrefix("abu_"))
        #expect(old.withBytes { TokenText.parse($0, current) } == .personal)
        #expect(new.withBytes { TokenText.parse($0, current) } == .personal)
        #expect(new.withBytes { TokenText.parse($0, former) } == nil)
    }

    @Test(
        "bears a prefix of ours, or may be an imported token's",
        arguments: [
            ("clpu_", true), ("clps_x", true), ("abu_", true), ("wxyzs_anything at all", true),
            ("clp_", false), ("clpx_1", false), ("cl", false), ("", false), ("u_", false), ("ghp_0123", false),
            ("clpu", false),
            ("CLPu_", false), ("wxyu_", false), ("wxyzzu_", false),
        ])
    func bearsPrefix(text: String, isOurs: Bool) throws {
        let prefixes = try TokenPrefixes(["clp", "ab", "wxyz"])
        #expect(TokenText.bearsPrefix(Array(text.utf8).span, prefixes) == isOurs)
    }

    @Test(
        "is hinted at by its prefix and its last four characters",
        arguments: [
            ("clpu_0Gj7PHcTWoo64xfxh6C3W0LnZaDUt3RQvGSBWnvbmUa04LLMU", "clpu_…LLMU"),
            ("abs_0000000000000000000000000000000000000000000237Qvp", "abs_…7Qvp"),
            ("wxyzu_yhjskwdA6OZ1AL1YmHWZWm8LLG7HjnuCA2j5rOw8Xp12OFkcQ", "wxyzu_…FkcQ"),
            ("clpu_short", "…"), ("", "…"),
            ("CLPu_0Gj7PHcTWoo64xfxh6C3W0LnZaDUt3RQvGSBWnvbmUa04LLMU", "…"),
            ("ghp_0123456789012345678901234567890123456789012345678901", "…"),
            ("clpu_0Gj7PHcTWoo64xfxh6C3W0LnZaDUt3RQvGSBWnvbmUa04LL\nU", "…"),
        ])
    func hint(text: String, hint: String) {
        #expect(TokenText.hint(Array(text.utf8).span) == hint)
    }

    @Test("is found in other text by the pattern for scanners")
    func scannerPattern() throws {
        let pattern = TokenText.scannerPattern(try TokenPrefixes(["ab", "clp", "wxyz"]))
        #expect(pattern == #"\b(?:ab|clp|wxyz)[us]_[0-9A-Za-z]{49}\b"#)
        let regex = try Regex(pattern)
        for (_, _, _, text) in Self.known {
            #expect("token=\(text)\n".firstMatch(of: regex).map { String($0.0) } == text)
            #expect("\(text)0".firstMatch(of: regex) == nil)
        }
    }

    private func withChecksum(_ body: String) -> [UInt8] {
        Array(body.utf8) + checksumDigits(UInt64(CRC32.checksum(Array(body.utf8).span)))
    }

    private func checksumDigits(_ checksum: UInt64) -> [UInt8] {
        var digits: [UInt8] = []
        var rest = checksum
        for _ in 0..<6 {
            digits.append(Base62.digit(rest))
            rest /= 62
        }
        return digits.reversed()
    }
}

@Suite("Token prefixes")
struct TokenPrefixesTests {
    @Test("are 2 to 4 lower-case letters each", arguments: ["", "a", "abcde", "AB", "a1", "a_", "é", "ab "])
    func invalid(text: String) {
        #expect(throws: TokenPrefixes.Failure.invalid(text)) { try TokenPrefixes([text]) }
        #expect(throws: TokenPrefixes.Failure.invalid(text)) { try TokenPrefixes(["clp", text]) }
    }

    @Test("are one to eight, none of them twice")
    func counts() throws {
        let eight = ["aa", "bb", "cc", "dd", "ee", "ff", "gg", "hhhh"]
        #expect(try TokenPrefixes(eight).texts == eight)
        #expect(throws: TokenPrefixes.Failure.empty) { try TokenPrefixes([]) }
        #expect(throws: TokenPrefixes.Failure.tooMany) { try TokenPrefixes(eight + ["ii"]) }
        #expect(throws: TokenPrefixes.Failure.repeated("aa")) { try TokenPrefixes(["aa", "bb", "aa"]) }
        #expect(TokenPrefixes.standard.texts == ["clp"])
        #expect(try TokenPrefixes(["clp"]) == .standard)
        #expect(try TokenPrefixes(["clp", "ab"]) != .standard)
    }
}

@Suite("Secret")
struct SecretTests {
    @Test("holds 1 to 255 bytes and gives them only when asked")
    func contents() throws {
        #expect((Secret(copying: [UInt8]().span) == nil) == true)
        #expect((Secret(copying: [UInt8](repeating: 1, count: 256).span) == nil) == true)
        guard let secret = Secret(copying: Array("hunter2".utf8).span) else {
            Issue.record("a secret of seven bytes")
            return
        }
        #expect(secret.count == 7)
        #expect(secret.description == "<secret>")
        #expect(secret.revealAsText() == "hunter2")
        #expect(secret.withBytes { $0[0] } == UInt8(ascii: "h"))
    }
}
