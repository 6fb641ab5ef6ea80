import Testing

@testable import TokenCore

@Suite("ULID")
struct ULIDTests {
    static let text = "01ARZ3NDEKTSV4RRFFQ69G5FAV"

    private func parse(_ text: String) -> ULID? { ULID(text: Array(text.utf8).span) }

    @Test("is 26 digits: a millisecond and 80 random bits")
    func text() {
        let instant = Instant(microseconds: 1_469_922_850_259_999)
        let id = ULID(at: instant, random: (0xd676, 0x4c61_efb9_9302_bd5b))
        #expect(id.description == Self.text)
        #expect(parse(Self.text) == id)
        #expect(id.instant.microseconds == 1_469_922_850_259_000)
    }

    @Test("has one text: capitals, no I, L, O or U, no 129th bit")
    func refused() {
        for text in [
            "", "0", Self.text.lowercased(), Self.text + "0", String(Self.text.dropLast()), "8" + Self.text.dropFirst(),
        ] {
            #expect(parse(text) == nil, "\(text)")
        }
        for letter in ["I", "L", "O", "U", "-", " ", "@", "[", "\u{0}", "é"] {
            #expect(parse(String(Self.text.dropLast()) + letter) == nil, "\(letter)")
        }
        #expect(parse("7ZZZZZZZZZZZZZZZZZZZZZZZZZ")?.description == "7ZZZZZZZZZZZZZZZZZZZZZZZZZ")
    }

    @Test("sorts as its text does, and is read back from it")
    func order() {
        var random = SplitMix(seed: 6)
        let ids = (0..<500).map { _ in
            ULID(
                at: Instant(microseconds: .random(in: 0...4_000_000_000_000_000, using: &random)),
                random: (random.next(), random.next()))
        }
        #expect(ids.sorted().map(\.description) == ids.map(\.description).sorted())
        for id in ids { #expect(parse(id.description) == id) }
    }

    @Test("takes a time before 1970 or after 10889 as the nearest it can say")
    func clamped() {
        #expect(ULID(at: Instant(microseconds: .min), random: (0, 0)).instant == .epoch)
        #expect(ULID(at: Instant(microseconds: .max), random: (.max, .max)).description == "7ZZZZZZZZZZZZZZZZZZZZZZZZZ")
    }

    @Test("rises strictly, whatever the clock does")
    func monotonic() {
        var random = SplitMix(seed: 7)
        var generator = ULIDGenerator()
        var now: Int64 = 1_000_000_000
        var last = generator.next(at: Instant(microseconds: now), random: (0, 0))
        for _ in 0..<5_000 {
            now += .random(in: -5_000...5_000, using: &random)
            let id = generator.next(at: Instant(microseconds: now), random: (random.next(), random.next()))
            #expect(last < id)
            last = id
        }
    }

    @Test("in one millisecond counts on from the first")
    func sameMillisecond() {
        var generator = ULIDGenerator()
        let now = Instant(microseconds: 5_000)
        let first = generator.next(at: now, random: (0, .max))
        let second = generator.next(at: now, random: (9, 9))
        #expect(second == ULID(at: now, random: (1, 0)))
        #expect(first < second)
    }

    @Test("with its random bits used up borrows the next millisecond")
    func overflow() {
        var generator = ULIDGenerator()
        _ = generator.next(at: Instant(microseconds: 5_000), random: (.max, .max))
        let borrowed = generator.next(at: Instant(microseconds: 5_000), random: (1, 1))
        #expect(borrowed == ULID(at: Instant(microseconds: 6_000), random: (0, 0)))
        #expect(borrowed < generator.next(at: Instant(microseconds: 6_000), random: (0, 0)))
    }

    @Test("after its kind's letters is an identifier, and nothing else is")
    func typed() {
        let id = ULID(at: Instant(microseconds: 1_469_922_850_259_000), random: (0xd676, 0x4c61_efb9_9302_bd5b))
        #expect(TypedID.token.text(id) == "tok_" + Self.text)
        #expect(TypedID.serviceAccount.text(id) == "sa_" + Self.text)
        for kind in TypedID.allCases { #expect(kind.parse(Array(kind.text(id).utf8).span) == id) }
        for text in [
            "", "tok_", Self.text, "sa_" + Self.text, "TOK_" + Self.text, "tok_" + Self.text + "0",
            "tok_" + Self.text.lowercased(),
        ] {
            #expect(TypedID.token.parse(Array(text.utf8).span) == nil, "\(text)")
        }
    }
}
