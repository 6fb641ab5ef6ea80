extension Span<UInt8> {
    /// Whether no byte has its highest bit set. Most texts here are ASCII, and this is cheaper than validation.
    public var isASCII: Bool {
        let raw = self.bytes
        var offset = 0
        var seen: UInt64 = 0
        while offset + 8 <= count {
            seen |= raw.unsafeLoadUnaligned(fromByteOffset: offset, as: UInt64.self)
            offset += 8
        }
        while offset < count {
            seen |= UInt64(self[offset])
            offset += 1
        }
        return seen & 0x8080_8080_8080_8080 == 0
    }

    /// Whether both hold the same bytes. Not for secrets: it stops at the first difference.
    public func equals(_ other: Span<UInt8>) -> Bool {
        guard count == other.count else { return false }
        let left = self.bytes
        let right = other.bytes
        var offset = 0
        while offset + 8 <= count {
            let a = left.unsafeLoadUnaligned(fromByteOffset: offset, as: UInt64.self)
            guard a == right.unsafeLoadUnaligned(fromByteOffset: offset, as: UInt64.self) else { return false }
            offset += 8
        }
        while offset < count {
            guard self[offset] == other[offset] else { return false }
            offset += 1
        }
        return true
    }

    /// Whether these bytes are the text of a literal.
    public func equals(_ literal: StaticString) -> Bool {
        // A literal's bytes live as long as the program.
        equals(UnsafeBufferPointer(start: literal.utf8Start, count: literal.utf8CodeUnitCount).span)
    }
}

extension UTF8Span {
    /// Whether both are the same bytes, which is how the protocol compares texts.
    public func equals(_ other: UTF8Span) -> Bool {
        span.equals(other.span)
    }

    /// Whether this is the text of a literal.
    public func equals(_ literal: StaticString) -> Bool {
        span.equals(literal)
    }
}
