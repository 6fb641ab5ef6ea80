/// The second pass: writes into memory that the first pass has measured.
///
/// The memory belongs to whoever made the writer and must outlive it. Writing past its end is a fault of this module,
/// never of a peer, and traps.
package struct ByteWriter: FieldSink {
    private let start: UnsafeMutableRawPointer?
    private let capacity: Int
    package private(set) var byteCount = 0

    init(_ memory: UnsafeMutableRawBufferPointer) {
        start = memory.baseAddress
        capacity = memory.count
    }

    private mutating func advance(by count: Int) -> UnsafeMutableRawPointer? {
        precondition(count <= capacity - byteCount, "a message grew between counting and writing")
        defer { byteCount += count }
        return start?.advanced(by: byteCount)
    }

    package mutating func putVarint(_ value: UInt64) {
        var rest = value
        while rest >= 0x80 {
            putByte(UInt8(truncatingIfNeeded: rest) | 0x80)
            rest >>= 7
        }
        putByte(UInt8(truncatingIfNeeded: rest))
    }

    private mutating func putByte(_ byte: UInt8) {
        advance(by: 1)?.storeBytes(of: byte, as: UInt8.self)
    }

    package mutating func putBytes(_ bytes: Span<UInt8>) {
        let target = advance(by: bytes.count)
        bytes.withUnsafeBytes { source in
            if let target, let address = source.baseAddress {
                target.copyMemory(from: address, byteCount: source.count)
            }
        }
    }

    package mutating func putText(_ text: String) {
        putBytes(text.utf8Span.span)
    }

    package mutating func putMessage<Message: WireMessage & ~Escapable>(_ message: Message) {
        message.encode(into: &self)
    }

    mutating func putKept(_ answer: KeptAnswer) {
        if let target = advance(by: answer.payloadByteCount) { answer.write(to: target) }
    }

    mutating func putBigEndian(_ value: UInt32) {
        advance(by: 4)?.storeBytes(of: value.bigEndian, as: UInt32.self)
    }

    mutating func putOctet(_ value: UInt8) {
        putByte(value)
    }
}
