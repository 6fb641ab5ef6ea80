import Testing

@testable import TokenWire

/// What a buffer leaves in memory that it gives back. The allocator keeps small blocks for the thread that freed them, and
/// hands out the last one first: so the next allocation of that size is the buffer's memory, as the buffer has left it.
@Suite struct ErasureTests {
    private static let secretByte: UInt8 = 0xa5
    private static let capacity = 512

    /// How many bytes of a secret are in the memory that was freed last; nil if that can't be found.
    private static func leftoverCount(_ address: UInt) -> Int? {
        let memory = UnsafeMutableRawPointer.allocate(byteCount: capacity, alignment: 16)
        defer { memory.deallocate() }
        if UInt(bitPattern: memory) != address { return nil }
        return UnsafeRawBufferPointer(start: memory, count: capacity).count { $0 == secretByte }
    }

    private static func address(of buffer: borrowing WireBuffer) -> UInt {
        buffer.span.withUnsafeBufferPointer { UInt(bitPattern: $0.baseAddress) }
    }

    private static func fill(_ buffer: inout WireBuffer, _ byteCount: Int) {
        buffer.append(upTo: byteCount) { room in
            room.initializeMemory(as: UInt8.self, repeating: secretByte)
            return byteCount
        }
    }

    @Test func nothingIsLeftOfABufferThatGoes() {
        let address = {
            var buffer = WireBuffer(capacity: Self.capacity)
            Self.fill(&buffer, 300)
            let address = Self.address(of: buffer)
            // Moves what is left to the front, and leaves a copy behind it.
            buffer.consume(200)
            Self.fill(&buffer, 400)
            buffer.truncate(to: 1)
            buffer.removeAll()
            Self.fill(&buffer, 2)
            return address
        }()
        #expect(Self.leftoverCount(address) == 0)
    }

    @Test func nothingIsLeftWhereABufferWasBeforeItGrew() {
        var buffer = WireBuffer(capacity: Self.capacity)
        Self.fill(&buffer, 500)
        let address = Self.address(of: buffer)
        Self.fill(&buffer, 500)
        let leftoverCount = Self.leftoverCount(address)
        #expect(leftoverCount == 0)
        let count = buffer.count
        #expect(count == 1_000)
    }

    @Test func nothingIsLeftWhereABufferWasBeforeItShrank() {
        var buffer = WireBuffer(capacity: Self.capacity)
        Self.fill(&buffer, 500)
        let address = Self.address(of: buffer)
        buffer.removeAll()
        buffer.shrink(toCapacity: 64)
        let leftoverCount = Self.leftoverCount(address)
        #expect(leftoverCount == 0)
    }

    @Test func nothingIsLeftBehindBytesThatWereMovedToTheFront() {
        let address = {
            var buffer = WireBuffer(capacity: Self.capacity)
            Self.fill(&buffer, 500)
            let address = Self.address(of: buffer)
            buffer.consume(490)
            buffer.reserve(100)
            return address
        }()
        #expect(Self.leftoverCount(address) == 0)
    }

    @Test func wipingLeavesNothingInTheBufferItself() {
        var buffer = WireBuffer(capacity: Self.capacity)
        Self.fill(&buffer, 400)
        buffer.consume(400)
        Self.fill(&buffer, 100)
        buffer.wipe()
        buffer.append(upTo: Self.capacity) { room in
            let leftoverCount = room.count { $0 == Self.secretByte }
            #expect(leftoverCount == 0)
            return 0
        }
    }
}
