import TokenCore

/// The audit chain as the writer extends it: where it ends, and how the next event is written.
///
/// A value, so that what a savepoint or a transaction undoes is undone here by putting the old value back.
struct Ledger {
    private(set) var sequence: Int64
    private(set) var head: Digest

    /// The end of the chain in the store; of an empty one, zero.
    init(reading connection: SQLiteConnection) throws(SQLiteError) {
        let statement = try connection.statement("SELECT sequence, hash FROM event ORDER BY sequence DESC LIMIT 1")
        guard try statement.step() else {
            sequence = 0
            head = .zero
            return
        }
        defer { statement.reset() }
        sequence = statement.integer(0)
        guard let digest = statement.digest(1) else {
            throw SQLiteError(extendedCode: 11, message: "the newest event has no hash", statement: "")
        }
        head = digest
    }

    /// The next event takes the number behind all that were ever given; it follows the newest that is there.
    mutating func skip(to rollback: Rollback) {
        sequence = rollback.lastSequence
    }

    /// Writes the event that follows, inside the transaction of the change it tells of.
    mutating func append(
        _ event: AuditEvent, workspaceNumber: Int64?, to connection: SQLiteConnection
    ) throws(SQLiteError) {
        var event = event
        event.sequence = sequence + 1
        let hash = AuditChain.hash(previous: head, event: event)
        let statement = try connection.statement(
            """
            INSERT INTO event
                (sequence, at, workspace, actor, peer_uid, peer_pid, action, target, metadata, trace_id, hash)
            VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11)
            """)
        statement.bind(1, event.sequence)
        statement.bind(2, event.at)
        statement.bind(3, workspaceNumber)
        statement.bind(4, event.actor)
        statement.bind(5, event.peerUID.map { Int64($0) })
        statement.bind(6, event.peerPID.map { Int64($0) })
        statement.bind(7, event.action)
        statement.bind(8, event.target)
        statement.bind(9, MetadataCoding.encode(event.metadata))
        statement.bind(10, event.traceID)
        statement.bind(11, hash)
        try statement.run()
        sequence = event.sequence
        head = hash
    }
}

/// How an event's metadata lies in its column: each key and value after its byte count, u32 big-endian.
enum MetadataCoding {
    static func encode(_ metadata: [AuditEvent.Metadata]) -> [UInt8] {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(metadata.reduce(0) { $0 + 8 + $1.key.utf8.count + $1.value.utf8.count })
        for pair in metadata {
            append(pair.key, to: &bytes)
            append(pair.value, to: &bytes)
        }
        return bytes
    }

    private static func append(_ text: String, to bytes: inout [UInt8]) {
        withUnsafeBytes(of: UInt32(text.utf8.count).bigEndian) { bytes += $0 }
        bytes += text.utf8
    }

    /// None for bytes that `encode` does not make: the row was edited.
    static func decode(_ bytes: [UInt8]) -> [AuditEvent.Metadata]? {
        var rest = bytes[...]
        var metadata: [AuditEvent.Metadata] = []
        while !rest.isEmpty {
            guard let key = text(&rest), let value = text(&rest) else { return nil }
            metadata.append(AuditEvent.Metadata(key, value))
        }
        return metadata
    }

    private static func text(_ rest: inout ArraySlice<UInt8>) -> String? {
        guard rest.count >= 4 else { return nil }
        let count = rest.prefix(4).reduce(0) { $0 << 8 | Int($1) }
        rest = rest.dropFirst(4)
        guard rest.count >= count else { return nil }
        defer { rest = rest.dropFirst(count) }
        return String(validating: rest.prefix(count), as: UTF8.self)
    }
}
