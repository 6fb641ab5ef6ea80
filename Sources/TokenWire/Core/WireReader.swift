/// How the value of a field is laid out: the low three bits of its tag.
package enum WireType: UInt8, Sendable {
    case varint = 0
    case fixed64 = 1
    case lengthDelimited = 2
    case startGroup = 3
    case endGroup = 4
    case fixed32 = 5
}

/// The tag in front of a value: which field, and how its value is laid out.
package struct WireField: Equatable, Sendable {
    package var number: UInt32
    package var wireType: WireType
    /// Where the tag begins, counted from the start of the payload.
    package var byteOffset: Int
}

/// A cursor over the bytes of one protobuf message.
///
/// It owns nothing: what it returns are slices of the bytes it was given, and lives as long as they do. No input makes
/// it trap, and after an error it stands where it stood before the call.
package struct WireReader: ~Escapable {
    let bytes: Span<UInt8>
    /// Where `bytes` begins, counted from the start of the payload.
    let base: Int
    var position = 0

    @_lifetime(copy bytes)
    package init(_ bytes: Span<UInt8>, at base: Int = 0) {
        self.bytes = bytes
        self.base = base
    }

    @_lifetime(copy body)
    init(_ body: MessageBody) {
        self.init(body.bytes, at: body.base)
    }

    /// Where the cursor stands, counted from the start of the payload.
    package var byteOffset: Int { base + position }

    /// The next tag, or nil at the end of the message.
    package mutating func nextField() throws(WireError) -> WireField? {
        guard position < bytes.count else { return nil }
        let start = position
        let tag = try varint()
        guard let number = UInt32(exactly: tag >> 3), number > 0, number < 1 << 29 else {
            position = start
            throw WireError(.invalidFieldNumber, at: base + start)
        }
        guard let wireType = WireType(rawValue: UInt8(truncatingIfNeeded: tag & 7)) else {
            position = start
            throw WireError(.invalidWireType, at: base + start)
        }
        return WireField(number: number, wireType: wireType, byteOffset: base + start)
    }

    /// A base-128 number, least significant group first.
    package mutating func varint() throws(WireError) -> UInt64 {
        if position < bytes.count {
            let byte = bytes[position]
            if byte < 0x80 {
                position += 1
                return UInt64(byte)
            }
        }
        return try longVarint()
    }

    /// Up to ten bytes; of the tenth only the lowest bit has a place. Encodings longer than necessary are allowed.
    private mutating func longVarint() throws(WireError) -> UInt64 {
        var value: UInt64 = 0
        var shift: UInt64 = 0
        var cursor = position
        while cursor < bytes.count {
            let byte = bytes[cursor]
            if shift == 63, byte > 1 { throw WireError(.varintTooLong, at: base + position) }
            value |= UInt64(byte & 0x7F) << shift
            cursor += 1
            if byte < 0x80 {
                position = cursor
                return value
            }
            shift += 7
        }
        throw WireError(.truncated, at: base + bytes.count)
    }

    package mutating func fixed32() throws(WireError) -> UInt32 {
        let slice = try take(4)
        return UInt32(littleEndian: slice.bytes.unsafeLoadUnaligned(as: UInt32.self))
    }

    package mutating func fixed64() throws(WireError) -> UInt64 {
        let slice = try take(8)
        return UInt64(littleEndian: slice.bytes.unsafeLoadUnaligned(as: UInt64.self))
    }

    /// A byte count and as many bytes.
    @_lifetime(copy self)
    package mutating func lengthDelimited() throws(WireError) -> Span<UInt8> {
        let start = position
        let announced = try varint()
        guard let byteCount = Int(exactly: announced), byteCount <= bytes.count - position else {
            position = start
            throw WireError(.truncated, at: base + start)
        }
        return try take(byteCount)
    }

    /// A byte count and as many bytes of UTF-8.
    @_lifetime(copy self)
    package mutating func text() throws(WireError) -> UTF8Span {
        let start = position
        let slice = try lengthDelimited()
        if slice.isASCII { return UTF8Span(unchecked: slice, isKnownASCII: true) }
        do {
            return try UTF8Span(validating: slice)
        } catch {
            let fault = base + position - slice.count + error.byteOffsets.lowerBound
            position = start
            throw WireError(.invalidUTF8, at: fault)
        }
    }

    @_lifetime(copy self)
    private mutating func take(_ byteCount: Int) throws(WireError) -> Span<UInt8> {
        guard byteCount <= bytes.count - position else { throw WireError(.truncated, at: base + bytes.count) }
        let slice = bytes.extracting(position..<(position + byteCount))
        position += byteCount
        return slice
    }
}
