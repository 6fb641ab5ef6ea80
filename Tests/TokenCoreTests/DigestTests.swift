import Testing

@testable import TokenCore

@Suite("Digest")
struct DigestTests {
    static let counting = (0..<32).map { UInt8($0) }

    private func make(_ bytes: [UInt8]) -> Digest? { Digest(bytes: bytes.span) }

    @Test("gives back the bytes it was made from")
    func roundTrip() throws {
        let digest = try #require(make(Self.counting))
        #expect(digest.withUnsafeBytes { Array($0) } == Self.counting)
        #expect(digest.withBytes { $0[31] } == 31)
        #expect(digest.hexadecimal == "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f")
        #expect(Digest(hexadecimal: Array(digest.hexadecimal.utf8).span) == digest)
        #expect(Digest(hexadecimal: Array(digest.hexadecimal.uppercased().utf8).span) == digest)
        #expect(Digest.zero.withUnsafeBytes { $0.allSatisfy { $0 == 0 } })
    }

    @Test("has 32 bytes, written as 64 digits", arguments: [0, 31, 33, 63, 65])
    func wrongLength(count: Int) {
        let bytes = [UInt8](repeating: UInt8(ascii: "0"), count: count)
        #expect(Digest(bytes: bytes.span) == nil)
        #expect(Digest(hexadecimal: bytes.span) == nil)
    }

    @Test("is written in hexadecimal digits only")
    func notHexadecimal() {
        for wrong in [
            UInt8(ascii: "g"), UInt8(ascii: "G"), UInt8(ascii: "/"), UInt8(ascii: ":"), UInt8(ascii: "@"), 0, 0xff,
        ] {
            for index in [0, 1, 62, 63] {
                var text = [UInt8](repeating: UInt8(ascii: "0"), count: 64)
                text[index] = wrong
                #expect(Digest(hexadecimal: text.span) == nil)
            }
        }
    }

    @Test("equals only a digest with the same 256 bits")
    func equality() throws {
        let digest = try #require(make(Self.counting))
        for bit in 0..<256 {
            var changed = Self.counting
            changed[bit / 8] ^= 1 << UInt8(bit % 8)
            #expect(Digest(bytes: changed.span) != digest)
        }
    }

    @Test("its leading bits are its shard")
    func shards() throws {
        var bytes = [UInt8](repeating: 0xff, count: 32)
        bytes[0] = 0xab
        bytes[1] = 0xcd
        let digest = try #require(make(bytes))
        #expect(digest.prefix == 0xabcd_ffff_ffff_ffff)
        #expect(digest.shard(of: 4096) == 0xabc)
        #expect(digest.shard(of: 256) == 0xab)
        #expect(digest.shard(of: 1) == 0)
        #expect(Digest.zero.shard(of: 4096) == 0)
    }
}
