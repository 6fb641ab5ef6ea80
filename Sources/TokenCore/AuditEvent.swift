/// One line of the audit: who did what to what, and by which process.
package struct AuditEvent: Sendable, Equatable {
    package struct Metadata: Sendable, Equatable {
        package var key: String
        package var value: String

        package init(_ key: String, _ value: String) {
            self.key = key
            self.value = value
        }
    }

    /// One more than the event's before it, from 1; a gap only after an accepted rollback.
    package var sequence: Int64
    package var at: Instant
    /// Nil for the host's own events.
    package var workspaceID: String?
    /// A user, a service account, a token's id or a peer's uid.
    package var actor: String
    /// Nil when no peer caused it. (uid_t)-1 is no user, so the encoding has it for none.
    package var peerUID: UInt32?
    /// For the record only: a pid may be another process's by now.
    package var peerPID: Int32?
    /// Dot-delimited: `token.created`.
    package var action: String
    package var target: String
    package var metadata: [Metadata]
    package var traceID: String

    package init(
        sequence: Int64, at: Instant, workspaceID: String?, actor: String, peerUID: UInt32?, peerPID: Int32?,
        action: String, target: String, metadata: [Metadata] = [], traceID: String = ""
    ) {
        self.sequence = sequence
        self.at = at
        self.workspaceID = workspaceID
        self.actor = actor
        self.peerUID = peerUID
        self.peerPID = peerPID
        self.action = action
        self.target = target
        self.metadata = metadata
        self.traceID = traceID
    }
}
