import Testing

@testable import TokenCore

@Suite("Hostile input")
struct HostileInputTests {
    /// A trap would end the whole test run.
    @Test("never traps, whatever the bytes")
    func anyBytes() {
        var random = SplitMix(seed: 9)
        let alphabet = Array("clpus_:.-+TZ019Aaz \u{0}\u{ff}".utf8)
        var accepted = 0
        for round in 0..<20_000 {
            let count = Int.random(in: 0...80, using: &random)
            let bytes: [UInt8] = (0..<count).map { _ in
                round % 2 == 0 ? random.next() : alphabet[Int(random.next() % UInt64(alphabet.count))]
            }
            if feed(bytes) { accepted += 1 }
        }
        #expect(accepted == 0)
    }

    @Test("never traps on texts that are almost right")
    func mutations() {
        var random = SplitMix(seed: 10)
        let seeds = [
            "clpu_0Gj7PHcTWoo64xfxh6C3W0LnZaDUt3RQvGSBWnvbmUa04LLMU", "tok_01ARZ3NDEKTSV4RRFFQ69G5FAV",
            "2026-11-23T18:10:00.123456+01:00", "workspace.compliance:read", "issues:read issues:write",
        ].map { Array($0.utf8) }
        for _ in 0..<20_000 {
            var bytes = seeds[Int(random.next() % UInt64(seeds.count))]
            for _ in 0..<Int.random(in: 1...3, using: &random) {
                let index = Int(random.next() % UInt64(bytes.count))
                switch random.next() % 4 as UInt64 {
                case 0: bytes[index] = random.next()
                case 1: bytes.insert(random.next(), at: index)
                case 2 where bytes.count > 1: bytes.remove(at: index)
                default: bytes.swapAt(index, bytes.count / 2)
                }
            }
            _ = feed(bytes)
        }
    }

    /// Gives the bytes to everything that reads bytes of others. Returns whether a secret or a cursor was accepted.
    private func feed(_ bytes: [UInt8]) -> Bool {
        let text = String(decoding: bytes, as: UTF8.self)
        let scopes = ScopeSet(text: text) ?? ScopeSet()
        _ = scopes.contains(bytes.span)
        _ = Scope(utf8: bytes.span)
        _ = ULID(text: bytes.span)
        _ = TypedID.token.parse(bytes.span)
        _ = Instant(rfc3339: text)
        _ = Digest(hexadecimal: bytes.span)
        _ = IdentifierRule.isWorkspaceID(text)
        _ = try? NameRule.check(text)
        _ = TokenText.hint(bytes.span)
        _ = TokenText.bearsPrefix(bytes.span, .standard)
        let cursor = AuthenticatedCursor.open(bytes.span, binding: bytes.span, key: bytes.span)
        return TokenText.parse(bytes.span, .standard) != nil || cursor != nil
    }
}
