import Testing

@testable import TokenWire

/// The cursor alone: numbers, lengths, groups, and where it stands after an error.
@Suite struct WireReaderTests {
    static let varints: [([UInt8], UInt64)] = [
        ([0x00], 0), ([0x7F], 127), ([0x80, 0x01], 128), ([0xFF, 0x7F], 16383), ([0x80, 0x00], 0),
        ([0x81, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x00], 1),
        (Array(repeating: 0xFF, count: 9) + [0x01], .max),
    ]

    @Test(arguments: varints)
    func readsVarints(_ bytes: [UInt8], _ value: UInt64) throws {
        var reader = WireReader(bytes.span)
        let read = try reader.varint()
        let rest = reader.remainingByteCount
        #expect(read == value)
        #expect(rest == 0)
    }

    @Test func writesEveryWidthOfVarintAsItWasCounted() throws {
        for shift in 0..<64 {
            for value in [UInt64(1) << shift, (UInt64(1) << shift) - 1, .max >> shift] {
                var buffer = WireBuffer()
                buffer.append(ByteCounter.byteCount(ofVarint: value)) { $0.putVarint(value) }
                var reader = WireReader(buffer.span)
                let read = try reader.varint()
                let rest = reader.remainingByteCount
                #expect(read == value)
                #expect(rest == 0)
            }
        }
    }

    @Test func readsFixedNumbersLittleEndian() throws {
        let bytes: [UInt8] = [1, 2, 3, 4, 1, 0, 0, 0, 0, 0, 0, 0x80]
        var reader = WireReader(bytes.span)
        let small = try reader.fixed32()
        let large = try reader.fixed64()
        #expect(small == 0x0403_0201)
        #expect(large == 0x8000_0000_0000_0001)
    }

    enum Step: CaseIterable, Sendable {
        case field, varint, fixed32, fixed64, lengthDelimited, text, skipGroup

        func run(_ reader: inout WireReader) throws(WireError) {
            switch self {
            case .field: _ = try reader.nextField()
            case .varint: _ = try reader.varint()
            case .fixed32: _ = try reader.fixed32()
            case .fixed64: _ = try reader.fixed64()
            case .lengthDelimited: _ = try reader.lengthDelimited()
            case .text: _ = try reader.text()
            case .skipGroup: try reader.skip(WireField(number: 1, wireType: .startGroup, byteOffset: 0))
            }
        }
    }

    /// Whatever the bytes, a step that fails leaves the cursor where it was, and the offset lies in the bytes.
    @Test(arguments: Step.allCases)
    func anErrorDoesNotMoveTheCursor(_ step: Step) {
        var generator = SeededGenerator(state: 7)
        var failures = 0
        for _ in 0..<3000 {
            let count = Int.random(in: 0...14, using: &generator)
            let bytes = (0..<count).map { _ in UInt8.random(in: 0...255, using: &generator) | 0x80 & UInt8(count) << 4 }
            var reader = WireReader(bytes.span, at: 100)
            let before = reader.byteOffset
            do {
                try step.run(&reader)
            } catch {
                failures += 1
                let after = reader.byteOffset
                #expect(after == before)
                #expect((100...100 + count).contains(error.byteOffset))
            }
        }
        #expect(failures > 100)
    }

    @Test(arguments: [99, 100])
    func skipsGroupsUpToTheLimitOfDepth(_ depth: Int) throws {
        let bytes = Self.groups(depth)
        var reader = WireReader(bytes.span)
        let field = try reader.nextField()
        try reader.skip(#require(field))
        let rest = reader.remainingByteCount
        #expect(rest == 0)
    }

    @Test(arguments: [101, 100_000])
    func refusesDeeperGroupsWithoutRecursion(_ depth: Int) throws {
        let bytes = Self.groups(depth)
        #expect(throws: WireError(.nestingTooDeep, at: 200)) { _ = try EmptyMessage.View(bytes.span) }
        // Also in a message that never ends them.
        let open = Array(bytes.prefix(depth * 2))
        #expect(throws: WireError(.nestingTooDeep, at: 200)) { _ = try VerifyRequest.View(open.span) }
    }

    /// Start and end of group 100 (a tag of two bytes), so many times inside each other.
    static func groups(_ depth: Int) -> [UInt8] {
        Array([[UInt8]](repeating: [0xA3, 0x06], count: depth).joined())
            + Array([[UInt8]](repeating: [0xA4, 0x06], count: depth).joined())
    }

    @Test func aMegabyteOfUnknownFieldsIsPassedOver() throws {
        var unknown = WireBuffer()
        for number in 0..<50_000 as Range<UInt32> { unknown.append(26) { $0.unknownField(100 + number % 900) } }
        unknown.append(VerifyRequest(token: "t").encoded().span)
        let size = unknown.count
        let view = try VerifyRequest.View(unknown.span)
        let copy = VerifyRequest(copying: view)
        #expect(size > 1 << 20 && copy == VerifyRequest(token: "t"))
    }

    @Test func asciiIsFoundAtEveryLength() {
        for count in 0..<40 {
            var bytes = [UInt8](repeating: 0x7F, count: count)
            let ascii = bytes.span.isASCII
            #expect(ascii)
            for position in 0..<count {
                bytes[position] = 0x80
                let stillASCII = bytes.span.isASCII
                #expect(!stillASCII)
                bytes[position] = 0
            }
        }
    }

    @Test func comparesBytesAtEveryLength() {
        for count in 0..<20 {
            let bytes = [UInt8](repeating: 5, count: count)
            let same = bytes.span.equals([UInt8](repeating: 5, count: count).span)
            let longer = bytes.span.equals([UInt8](repeating: 5, count: count + 1).span)
            #expect(same && !longer)
            for position in 0..<count {
                var other = bytes
                other[position] = 4
                let equal = bytes.span.equals(other.span)
                #expect(!equal)
            }
        }
    }
}

extension ByteWriter {
    /// A length-delimited field of 26 bytes; its number must take two bytes.
    fileprivate mutating func unknownField(_ number: UInt32) {
        element(number, [UInt8](repeating: 0xFF, count: 23).span)
    }
}

extension WireReader {
    fileprivate var remainingByteCount: Int { bytes.count - position }
}
