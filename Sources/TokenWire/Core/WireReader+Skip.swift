extension WireReader {
    /// Passes over the value of a field that the message does not know, or that came with another wire type.
    package mutating func skip(_ field: WireField) throws(WireError) {
        switch field.wireType {
        case .varint: _ = try varint()
        case .fixed64: _ = try fixed64()
        case .lengthDelimited: _ = try lengthDelimited()
        case .fixed32: _ = try fixed32()
        case .startGroup: try skipGroup(field)
        case .endGroup: throw WireError(.unmatchedGroupEnd, at: field.byteOffset)
        }
    }

    /// Passes over a group with all that is in it.
    ///
    /// A group may hold groups, and a peer decides how deep. So this is a loop over a fixed stack of field numbers:
    /// recursion here is what let a few kilobytes overflow the stack of other decoders (CVE-2024-7254).
    private mutating func skipGroup(_ field: WireField) throws(WireError) {
        var ahead = self
        var open = InlineArray<100, UInt32>(repeating: 0)
        open[0] = field.number
        var depth = 1
        while depth > 0 {
            guard let next = try ahead.nextField() else {
                throw WireError(.truncated, at: base + bytes.count)
            }
            switch next.wireType {
            case .startGroup:
                guard depth < WireLimits.groupDepthMax, depth < open.count else {
                    throw WireError(.nestingTooDeep, at: next.byteOffset)
                }
                open[depth] = next.number
                depth += 1
            case .endGroup:
                depth -= 1
                guard open[depth] == next.number else {
                    throw WireError(.unmatchedGroupEnd, at: next.byteOffset)
                }
            default:
                try ahead.skip(next)
            }
        }
        position = ahead.position
    }

    /// The next value of a repeated, length-delimited field, or nil when there is none.
    ///
    /// Only for bytes that were decoded before: then it meets no error, and would take one for the end.
    @_lifetime(copy self)
    mutating func nextElement(of number: UInt32) -> Span<UInt8>? {
        while let field = try? nextField() {
            if field.number == number, field.wireType == .lengthDelimited { return try? lengthDelimited() }
            guard (try? skip(field)) != nil else { return nil }
        }
        return nil
    }
}
