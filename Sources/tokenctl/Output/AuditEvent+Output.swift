import TokenClient

extension AuditEvent: Listed {
    static var plural: String { "events" }
    static var columns: [String] { ["seq", "at", "workspace", "actor", "action", "target", "metadata"] }
    var key: String { String(sequence) }

    var json: JSON {
        .object([
            ("seq", .count(sequence)), ("at", .time(at)), ("workspace_id", .optional(workspaceID)),
            ("actor", .string(actor)), ("peer_uid", peerUserID.map { .count($0) } ?? .null),
            ("peer_pid", peerProcessID.map { .count($0) } ?? .null), ("action", .string(action)),
            ("target", .string(target)), ("metadata", .object(sortedMetadata.map { ($0.key, .string($0.value)) })),
            ("trace_id", .string(traceID)), ("hash", .hexadecimal(hash)),
        ])
    }

    func cells(now: Timestamp) -> [String] {
        [String(sequence), at.description, workspaceID ?? "-", actor, action, target, metadataText]
    }

    /// In columns as wide as they mostly are: for a list whose end isn't known.
    var line: String {
        let columns = [(String(sequence), 7), (at.description, 27), (actor, 12), (action, 28), (target, 30)]
        return (columns.map { $0.0.padded(to: $0.1) } + [metadataText]).joined(separator: "  ")
    }

    private var sortedMetadata: [(key: String, value: String)] { metadata.sorted { $0.key < $1.key } }

    private var metadataText: String { sortedMetadata.map { "\($0.key)=\($0.value)" }.joined(separator: " ") }
}
