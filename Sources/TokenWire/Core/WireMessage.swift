/// A message that can be sent.
///
/// It describes its fields once, in the order of their numbers, against any `FieldSink`. Encoding runs that description
/// twice: through a counter, then through a writer into exactly as many bytes.
package protocol WireMessage: ~Escapable {
    func write<Sink: FieldSink>(to sink: inout Sink)

    // The two runs are requirements, not only extensions, so that each conformance is specialised in this module: then
    // a caller in another module pays two calls through the witness table, and not one for every field.

    /// Bytes that `encode(into:)` writes.
    var encodedByteCount: Int { get }
    /// Writes the message, which must fit.
    func encode(into writer: inout ByteWriter)
}

extension WireMessage where Self: ~Escapable {
    package var encodedByteCount: Int {
        var counter = ByteCounter()
        write(to: &counter)
        return counter.byteCount
    }

    package func encode(into writer: inout ByteWriter) {
        write(to: &writer)
    }

    /// The message in an array of its own. For tests and for prebuilt payloads; a frame needs no such copy.
    package func encoded() -> [UInt8] {
        let byteCount = encodedByteCount
        return [UInt8](unsafeUninitializedCapacity: byteCount) { buffer, initializedCount in
            var writer = ByteWriter(UnsafeMutableRawBufferPointer(buffer))
            encode(into: &writer)
            initializedCount = writer.byteCount
        }
    }
}
