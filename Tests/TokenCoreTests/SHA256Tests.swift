import Testing

@testable import TokenCore

@Suite("SHA-256")
struct SHA256Tests {
    static let paths = [SHA256.Path.fastest, .portable]

    /// FIPS 180-4 refers to these examples of NIST's Cryptographic Standards page.
    static let examples = [
        ("", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"),
        ("abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"),
        (
            "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
            "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1"
        ),
        (
            "abcdefghbcdefghicdefghijdefghijkefghijklfghijklmghijklmnhijklmnoijklmnopjklmnopqklmnopqrlmnopqrsmnopqrstnopqrstu",
            "cf5b16a778af8380036ce59e7b0492370b249b11e8f07a51afac45037afee9d1"
        ),
        (
            String(repeating: "a", count: 1_000_000),
            "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0"
        ),
    ]

    @Test("gives NIST's example digests on every path, at once and in pieces", arguments: paths, examples)
    func exampleDigests(path: SHA256.Path, example: (text: String, digest: String)) {
        let text = Array(example.text.utf8)
        #expect(Digest(hashing: text.span, path: path).hexadecimal == example.digest)
        #expect(digest(of: text, cutBefore: [text.count / 3, text.count / 2], path).hexadecimal == example.digest)
    }

    @Test("agrees with hashlib for every length from 0 to 300", .enabled(if: Python.isInstalled), arguments: paths)
    func lengths(path: SHA256.Path) throws {
        let expected = try Python.lines(
            of: """
                import hashlib
                for n in range(301):
                    print(hashlib.sha256(bytes((7 * i + n) & 255 for i in range(n))).hexdigest())
                """)
        #expect(expected.count == 301)
        var random = SplitMix(seed: 1)
        for (count, digest) in expected.enumerated() {
            let text = (0..<count).map { UInt8(truncatingIfNeeded: 7 * $0 + count) }
            #expect(Digest(hashing: text.span, path: path).hexadecimal == digest, "\(count) bytes")
            let cuts = [Int.random(in: 0...count, using: &random), Int.random(in: 0...count, using: &random)]
            #expect(
                self.digest(of: text, cutBefore: cuts.sorted(), path).hexadecimal == digest, "\(count) cut at \(cuts)")
        }
    }

    @Test("agrees with hashlib after 20,000 digests of digests", .enabled(if: Python.isInstalled), arguments: paths)
    func chain(path: SHA256.Path) throws {
        let expected = try Python.lines(
            of: """
                import hashlib
                d = bytes(32)
                for i in range(20000):
                    d = hashlib.sha256((d * 4)[:i % 129]).digest()
                    if i % 1000 == 999: print(d.hex())
                """)
        var digest = Digest.zero
        for index in 0..<20_000 {
            var text = digest.withUnsafeBytes { Array($0) }
            text = Array((text + text + text + text).prefix(index % 129))
            digest = Digest(hashing: text.span, path: path)
            if index % 1000 == 999 { #expect(digest.hexadecimal == expected[index / 1000]) }
        }
    }

    @Test("both paths agree on a message of many blocks, from any alignment")
    func alignment() {
        var random = SplitMix(seed: 2)
        let text: [UInt8] = (0..<4_200).map { _ in random.next() }
        for start in 0..<64 {
            let part = text.span.extracting(droppingFirst: start)
            #expect(Digest(hashing: part, path: .fastest) == Digest(hashing: part, path: .portable))
        }
    }

    private func digest(of text: [UInt8], cutBefore cuts: [Int], _ path: SHA256.Path) -> Digest {
        var hash = SHA256(path: path)
        var start = 0
        for end in cuts + [text.count] {
            hash.update(text.span.extracting(start..<end))
            start = end
        }
        return hash.finalize()
    }
}
