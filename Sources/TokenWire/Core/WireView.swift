/// The bytes of one message, and where they came from.
///
/// A message embedded in a singular field may come in several pieces, which count as one message. So a repeated field
/// inside it lies in several pieces too, and is found again by way of the message that holds them all.
package struct MessageBody: ~Escapable {
    let bytes: Span<UInt8>
    /// Where `bytes` begins, counted from the start of the payload.
    let base: Int
    /// The message around this one, if this is the value of a singular field; else this message.
    let container: Span<UInt8>
    /// Number of that singular field; 0 if there is none.
    let fieldInContainer: UInt32

    @_lifetime(copy bytes)
    package init(_ bytes: Span<UInt8>, at base: Int) {
        self.bytes = bytes
        self.base = base
        container = bytes
        fieldInContainer = 0
    }

    /// One piece of the message in a singular field of `parent`.
    @_lifetime(copy bytes, copy parent)
    private init(_ bytes: Span<UInt8>, at base: Int, field: UInt32, of parent: MessageBody) {
        self.bytes = bytes
        self.base = base
        container = parent.bytes
        fieldInContainer = field
    }

    /// Reads one piece of the message in a singular field of this one.
    @_lifetime(copy self, copy reader)
    func embedded(_ field: WireField, from reader: inout WireReader) throws(WireError) -> MessageBody {
        let piece = try reader.lengthDelimited()
        return MessageBody(piece, at: reader.byteOffset - piece.count, field: field.number, of: self)
    }
}

/// A message as it was received: its fields are slices of the received bytes, and live as long as they do.
///
/// Everything in it, lists and nested messages too, was checked when it was decoded, so nothing can fail later. A
/// field that did not come has its proto3 default.
package protocol WireView: ~Escapable {
    /// The message with no field set.
    @_lifetime(immortal)
    init()

    /// Adds the fields in `body`: of a scalar the last one wins, lists grow, embedded messages merge.
    @_lifetime(self: copy self, copy body)
    mutating func merge(_ body: MessageBody) throws(WireError)
}

extension WireView where Self: ~Escapable {
    /// Decodes a message. `base` is where its bytes begin, for the offset in an error.
    ///
    /// Inlinable, so that a caller in another module calls the message's own `merge` and not one found at run time.
    @_lifetime(copy bytes)
    @inlinable
    package init(_ bytes: Span<UInt8>, at base: Int = 0) throws(WireError) {
        self.init()
        try merge(MessageBody(bytes, at: base))
    }
}
