/// Values as fields have them. Numbers too large for their type lose their upper bits, as protobuf has it.
extension WireReader {
    mutating func uint32() throws(WireError) -> UInt32 { UInt32(truncatingIfNeeded: try varint()) }
    mutating func int32() throws(WireError) -> Int32 { Int32(truncatingIfNeeded: try varint()) }
    mutating func int64() throws(WireError) -> Int64 { Int64(bitPattern: try varint()) }
    mutating func bool() throws(WireError) -> Bool { try varint() != 0 }

    /// An enumeration whose numbers are open: one that has no name here is kept.
    mutating func enumeration<Value: WireEnumeration>() throws(WireError) -> Value {
        Value(rawValue: try int32())
    }

    /// A piece of a timestamp; `earlier` is what the pieces before it said.
    mutating func timestamp(
        _ field: WireField, in body: MessageBody, after earlier: Timestamp?
    ) throws(WireError) -> Timestamp {
        var timestamp = earlier ?? Timestamp()
        try timestamp.merge(body.embedded(field, from: &self))
        return timestamp
    }
}

/// An enumeration that has a value for every number.
protocol WireEnumeration: RawRepresentable where RawValue == Int32 {
    init(rawValue: Int32)
}

extension TokenKind: WireEnumeration {}
extension TokenState: WireEnumeration {}
extension CallerKind: WireEnumeration {}
extension VerifyOutcome: WireEnumeration {}
extension ServingStatus: WireEnumeration {}
extension MemberStatus: WireEnumeration {}
extension WorkspaceState: WireEnumeration {}
extension ChainFault: WireEnumeration {}
extension SettingOrigin: WireEnumeration {}

extension UTF8Span {
    /// No text: the default of a string field.
    static var empty: UTF8Span {
        @_lifetime(immortal)
        get { UTF8Span(unchecked: Span(), isKnownASCII: true) }
    }
}

extension [UInt8] {
    /// The bytes of a span, in memory of their own.
    package init(copying span: Span<UInt8>) {
        self = span.withUnsafeBufferPointer { [UInt8]($0) }
    }
}
