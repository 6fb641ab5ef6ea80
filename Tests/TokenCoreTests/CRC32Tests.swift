import Testing

@testable import TokenCore

@Suite("CRC-32")
struct CRC32Tests {
    @Test("gives the check value of the standard")
    func checkValue() {
        #expect(CRC32.checksum(Array("123456789".utf8).span) == 0xcbf4_3926)
    }

    @Test("agrees with the definition, bit by bit, for every length to 100")
    func lengths() {
        var random = SplitMix(seed: 3)
        for count in 0...100 {
            let bytes: [UInt8] = (0..<count).map { _ in random.next() }
            #expect(CRC32.checksum(bytes.span) == bitByBit(bytes), "\(count) bytes")
        }
    }

    private func bitByBit(_ bytes: [UInt8]) -> UInt32 {
        var remainder = UInt32.max
        for byte in bytes {
            for bit in 0..<8 {
                let isOdd = (remainder ^ UInt32(byte) >> UInt32(bit)) & 1 == 1
                remainder = remainder >> 1 ^ (isOdd ? 0xedb8_8320 : 0)
            }
        }
        return ~remainder
    }
}
