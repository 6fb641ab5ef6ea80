/// The chain that shows a changed, removed or inserted audit event: each event's hash covers the hash before it.
///
///     hash = SHA-256(previous hash ‖ body)             32 zero bytes before the first event
///     body = seq u64 ‖ at i64 µs ‖ workspace_id ‖ actor ‖ peer_uid u32 ‖ peer_pid u32 ‖ action ‖ target
///            ‖ metadata count u32 ‖ (key ‖ value) … ‖ trace_id
///
/// Numbers are big-endian. A text is its byte count as u32 and its UTF-8, so that no two events have one body. Metadata is
/// sorted by the bytes of its keys, then of its values. No workspace is "", no uid 0xFFFFFFFF, no pid 0. PROTOCOL.md says
/// the same to other implementations.
package enum AuditChain {
    package static func hash(previous: Digest, event: AuditEvent) -> Digest {
        var hash = SHA256()
        previous.withBytes { hash.update($0) }
        hash.update(body(of: event).span)
        return hash.finalize()
    }

    static func body(of event: AuditEvent) -> [UInt8] {
        var body = Body()
        body.append(UInt64(bitPattern: event.sequence))
        body.append(UInt64(bitPattern: event.at.microseconds))
        body.append(event.workspaceID ?? "")
        body.append(event.actor)
        body.append(event.peerUID ?? .max)
        body.append(UInt32(bitPattern: event.peerPID ?? 0))
        body.append(event.action)
        body.append(event.target)
        body.append(UInt32(event.metadata.count))
        let isSorted = zip(event.metadata, event.metadata.dropFirst()).allSatisfy { !precedes($1, $0) }
        for pair in isSorted ? event.metadata : event.metadata.sorted(by: precedes) {
            body.append(pair.key)
            body.append(pair.value)
        }
        body.append(event.traceID)
        return body.bytes
    }

    /// By bytes: String's own order is that of its normal form.
    private static func precedes(_ left: AuditEvent.Metadata, _ right: AuditEvent.Metadata) -> Bool {
        if left.key.utf8.elementsEqual(right.key.utf8) {
            return left.value.utf8.lexicographicallyPrecedes(right.value.utf8)
        }
        return left.key.utf8.lexicographicallyPrecedes(right.key.utf8)
    }

    private struct Body {
        /// Room for most.
        var bytes: [UInt8] = []

        init() {
            bytes.reserveCapacity(512)
        }

        mutating func append(_ number: some FixedWidthInteger & UnsignedInteger) {
            withUnsafeBytes(of: number.bigEndian) { bytes.append(contentsOf: $0) }
        }

        mutating func append(_ text: String) {
            append(UInt32(text.utf8.count))
            bytes.append(contentsOf: text.utf8)
        }
    }
}
