import Testing

@testable import TokenWire

/// Golden messages with random damage. The seed is the argument, so a failure names the case to run again.
///
/// A case is right if it traps nowhere, and if what decodes has one meaning: encoded and decoded again, it is the same.
@Suite struct FuzzTests {
    @Test(arguments: 1...8 as ClosedRange<UInt64>)
    func damagedMessagesAreRefusedOrHaveOneMeaning(seed: UInt64) throws {
        var generator = SeededGenerator(state: seed)
        let vectors = VectorTests.encodable
        for round in 0..<2500 {
            guard let vector = vectors.randomElement(using: &generator), let trip = roundTrips[vector.message] else {
                continue
            }
            var bytes = vector.bytes
            for _ in 0...Int.random(in: 0..<4, using: &generator) { damage(&bytes, with: vectors, &generator) }
            let decoded: RoundTrip
            do throws(WireError) {
                decoded = try trip(bytes)
            } catch {
                #expect((0...bytes.count).contains(error.byteOffset), "seed \(seed), round \(round)")
                continue
            }
            let again = try trip(decoded.bytes)
            #expect(again.bytes == decoded.bytes, "seed \(seed), round \(round)")
        }
    }

    @Test func randomBytesAreRefusedOrHaveOneMeaning() throws {
        var generator = SeededGenerator(state: 99)
        for _ in 0..<4000 {
            let count = Int.random(in: 0..<40, using: &generator)
            let bytes = (0..<count).map { _ in UInt8.random(in: 0...255, using: &generator) }
            guard let trip = roundTrips.randomElement(using: &generator)?.value, let decoded = try? trip(bytes) else {
                continue
            }
            #expect(try trip(decoded.bytes).bytes == decoded.bytes)
        }
    }

    /// One mutation: flip a bit, set, drop, repeat or insert bytes, put in a boundary number, or a piece of another.
    private func damage(_ bytes: inout [UInt8], with vectors: [Vector], _ generator: inout SeededGenerator) {
        let position = Int.random(in: 0...bytes.count, using: &generator)
        let end = min(bytes.count, position + Int.random(in: 1...8, using: &generator))
        switch Int.random(in: 0..<7, using: &generator) {
        case 0 where position < bytes.count: bytes[position] ^= 1 << UInt8.random(in: 0..<8, using: &generator)
        case 1 where position < bytes.count: bytes[position] = UInt8.random(in: 0...255, using: &generator)
        case 2: bytes.removeSubrange(position..<end)
        case 3: bytes.insert(contentsOf: bytes[position..<end], at: position)
        case 4: bytes.insert(contentsOf: boundaries.randomElement(using: &generator) ?? [], at: position)
        case 5: bytes.removeSubrange(position...)
        default:
            guard let other = vectors.randomElement(using: &generator)?.bytes else { return }
            let start = Int.random(in: 0...other.count, using: &generator)
            bytes.insert(contentsOf: other[start...].prefix(40), at: position)
        }
    }

    /// Varints at the limits of their types, tags of every wire type, and a byte that no UTF-8 has.
    private let boundaries: [[UInt8]] = [
        [0x00], [0x7F], [0x80], [0xFF], [0xFF, 0xFF, 0xFF, 0xFF, 0x0F], [0x80, 0x80, 0x80, 0x80, 0x08],
        Array(repeating: 0xFF, count: 9) + [0x01], Array(repeating: 0xFF, count: 10), [0x0B, 0x0C], [0x0B], [0x0C],
        [0x0D], [0x09], [0x0E], [0x0F], [0x02, 0x00], [0x0A, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0x7F],
    ]
}
