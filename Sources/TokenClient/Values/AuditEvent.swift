internal import TokenWire

/// One event of the audit: what was changed or refused, and by whom.
public struct AuditEvent: Hashable, Sendable, Identifiable {
    /// Number in the store, from 1. Without gaps but for pruned events and a recovery.
    public let sequence: UInt64
    /// When it was committed.
    public let at: Timestamp
    /// The workspace; nil for an event of the host's own.
    public let workspaceID: String?
    /// Who did it: a user id, an id of a service account or token, or `uid:` and a number.
    public let actor: String
    /// Uid of the process that called; nil if none did.
    public let peerUserID: UInt32?
    /// Its process id, for the record only; nil if unknown.
    public let peerProcessID: UInt32?
    /// What was done: `token.created`, `auth.refused`; the list is in PROTOCOL.md ("Audit").
    public let action: String
    /// To what it was done: an id.
    public let target: String
    /// Further facts; never a secret.
    public let metadata: [String: String]
    /// The id that the daemon's log and the caller's ``TokenError/traceID`` carry.
    public let traceID: String
    /// SHA-256 over the previous event's hash and this event, 32 bytes, as PROTOCOL.md ("Audit") lays them out.
    public let hash: [UInt8]

    /// The number of the event.
    public var id: UInt64 { sequence }
}

extension AuditEvent {
    init(_ view: TokenWire.AuditEvent.View) {
        sequence = view.seq
        at = Timestamp(view.at ?? TokenWire.Timestamp())
        workspaceID = String(nonEmpty: view.workspaceID)
        actor = String(copying: view.actor)
        peerUserID = view.peerUID
        peerProcessID = view.peerPID == 0 ? nil : view.peerPID
        action = String(copying: view.action)
        target = String(copying: view.target)
        var metadata: [String: String] = [:]
        view.metadata.forEach { metadata[String(copying: $0.key)] = String(copying: $0.value) }
        self.metadata = metadata
        traceID = String(copying: view.traceID)
        hash = [UInt8](copying: view.hash)
    }
}
