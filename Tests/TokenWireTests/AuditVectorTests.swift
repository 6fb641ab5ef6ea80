import Testing

@testable import TokenWire

/// The golden chain of audit events: an event that was received is enough to check its hash.
///
/// No SHA-256 is at hand in these tests. That each hash is right, the script that made the file has seen to.
@Suite struct AuditVectorTests {
    @Test func eachEventCoversTheHashBeforeIt() throws {
        var previous = [UInt8](repeating: 0, count: 32)
        for vector in Vector.events {
            #expect(hexadecimal(vector.rest[0]) == previous, "\(vector.name)")
            previous = try received(vector).hash
            #expect(previous.count == 32)
        }
        #expect(Vector.events.count == 5)
    }

    @Test(arguments: Vector.events)
    func theBodyFollowsFromTheMessage(_ vector: Vector) throws {
        let event = try received(vector)
        #expect(try body(of: event) == hexadecimal(vector.rest[1]))
        #expect(event.encoded() == vector.bytes)
    }

    private func received(_ vector: Vector) throws -> AuditEvent {
        let view = try AuditEvent.View(vector.bytes.span)
        return AuditEvent(copying: view)
    }

    /// The table of PROTOCOL.md ("Audit"), as a client of another make would write it.
    private func body(of event: AuditEvent) throws -> [UInt8] {
        let at = try #require(event.at?.microsecondsSince1970)
        var body = bigEndian(event.seq) + bigEndian(UInt64(bitPattern: at))
        body += text(event.workspaceID) + text(event.actor)
        body += bigEndian(event.peerUID ?? .max) + bigEndian(event.peerPID)
        body += text(event.action) + text(event.target)
        body += bigEndian(UInt32(event.metadata.count))
        // Sorted by the bytes of the keys, as they are in any message that tokend reads or writes.
        for pair in event.metadata { body += text(pair.key) + text(pair.value) }
        return body + text(event.traceID)
    }

    private func text(_ text: String) -> [UInt8] { bigEndian(UInt32(text.utf8.count)) + Array(text.utf8) }

    private func bigEndian(_ number: some FixedWidthInteger) -> [UInt8] {
        withUnsafeBytes(of: number.bigEndian) { Array($0) }
    }
}
