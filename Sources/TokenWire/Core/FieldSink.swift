/// What a message describes its fields to. The four primitives below are all that differs between counting and writing.
package protocol FieldSink {
    mutating func putVarint(_ value: UInt64)
    mutating func putBytes(_ bytes: Span<UInt8>)
    mutating func putText(_ text: String)
    mutating func putMessage<Message: WireMessage & ~Escapable>(_ message: Message)
}

/// Fields as proto3 writes them: what has its default value is left out.
extension FieldSink {
    @inline(__always)
    private mutating func putTag(_ number: UInt32, _ wireType: WireType) {
        putVarint(UInt64(number) << 3 | UInt64(wireType.rawValue))
    }

    package mutating func uint64(_ number: UInt32, _ value: UInt64) {
        guard value != 0 else { return }
        putTag(number, .varint)
        putVarint(value)
    }

    package mutating func uint32(_ number: UInt32, _ value: UInt32) { uint64(number, UInt64(value)) }
    package mutating func bool(_ number: UInt32, _ value: Bool) { uint64(number, value ? 1 : 0) }

    /// Negative numbers take ten bytes, as protobuf has it.
    package mutating func int64(_ number: UInt32, _ value: Int64) { uint64(number, UInt64(bitPattern: value)) }
    package mutating func int32(_ number: UInt32, _ value: Int32) { int64(number, Int64(value)) }

    package mutating func enumeration(_ number: UInt32, _ value: some RawRepresentable<Int32>) {
        int32(number, value.rawValue)
    }

    /// A number with presence: zero is written too.
    package mutating func optionalUInt64(_ number: UInt32, _ value: UInt64?) {
        guard let value else { return }
        putTag(number, .varint)
        putVarint(value)
    }

    package mutating func optionalUInt32(_ number: UInt32, _ value: UInt32?) {
        optionalUInt64(number, value.map { UInt64($0) })
    }

    /// A flag with presence: false is written too.
    package mutating func optionalBool(_ number: UInt32, _ value: Bool?) {
        optionalUInt64(number, value.map { $0 ? 1 : 0 })
    }

    /// A text with presence: an empty one is written too.
    package mutating func optionalText(_ number: UInt32, _ value: String?) {
        guard let value else { return }
        element(number, value)
    }

    package mutating func text(_ number: UInt32, _ value: String) {
        guard !value.isEmpty else { return }
        element(number, value)
    }

    package mutating func bytes(_ number: UInt32, _ value: Span<UInt8>) {
        guard !value.isEmpty else { return }
        element(number, value)
    }

    mutating func literal(_ number: UInt32, _ value: StaticString) {
        // A literal's bytes live as long as the program.
        bytes(number, UnsafeBufferPointer(start: value.utf8Start, count: value.utf8CodeUnitCount).span)
    }

    package mutating func texts(_ number: UInt32, _ values: [String]) {
        for value in values { element(number, value) }
    }

    package mutating func message<Message: WireMessage>(_ number: UInt32, _ value: Message?) {
        guard let value else { return }
        element(number, message: value)
    }

    package mutating func messages<Message: WireMessage>(_ number: UInt32, _ values: [Message]) {
        for value in values { element(number, message: value) }
    }

    /// A map of texts, in the order in which protobuf writes one that shall always give the same bytes.
    package mutating func map(_ number: UInt32, _ entries: [KeyValue]) {
        for entry in entries.sortedByKey { element(number, message: MapEntry(entry: entry)) }
    }

    /// A text that is written even if it is empty, as in a list.
    package mutating func element(_ number: UInt32, _ value: String) {
        putTag(number, .lengthDelimited)
        putVarint(UInt64(value.utf8.count))
        putText(value)
    }

    /// Bytes that are written even if there are none, as in a list.
    package mutating func element(_ number: UInt32, _ value: Span<UInt8>) {
        putTag(number, .lengthDelimited)
        putVarint(UInt64(value.count))
        putBytes(value)
    }

    /// A message that is written even if it is empty, as in a list.
    package mutating func element<Message: WireMessage & ~Escapable>(_ number: UInt32, message: Message) {
        putTag(number, .lengthDelimited)
        putVarint(UInt64(message.encodedByteCount))
        putMessage(message)
    }
}

/// The first pass: how many bytes will be written.
package struct ByteCounter: FieldSink {
    package private(set) var byteCount = 0

    package init() {}

    package mutating func putVarint(_ value: UInt64) { byteCount += Self.byteCount(ofVarint: value) }
    package mutating func putBytes(_ bytes: Span<UInt8>) { byteCount += bytes.count }
    package mutating func putText(_ text: String) { byteCount += text.utf8.count }
    package mutating func putMessage<Message: WireMessage & ~Escapable>(_ message: Message) {
        byteCount += message.encodedByteCount
    }

    /// Seven bits a byte, without a branch: 9/64 stands for 1/7, and is right for every width up to 64 bits.
    static func byteCount(ofVarint value: UInt64) -> Int {
        let bitWidth = 64 - (value | 1).leadingZeroBitCount
        return (bitWidth * 9 + 64) >> 6
    }
}
