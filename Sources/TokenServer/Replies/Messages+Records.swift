import TokenCore
import TokenStore
import TokenWire

extension Timestamp {
    init(_ instant: Instant) {
        self.init(microsecondsSince1970: instant.microseconds)
    }
}

extension TokenWire.TokenKind {
    init(_ kind: TokenCore.TokenKind) {
        self.init(rawValue: Int32(kind.rawValue))
    }
}

extension TokenWire.Token {
    init(_ record: TokenRecord, at now: Instant) {
        self.init(
            id: record.id, name: record.name, kind: .init(record.kind), workspaceID: record.workspaceID,
            ownerID: record.ownerID, scopes: record.scopes.scopes.map(\.text), hint: record.hint,
            createdAt: Timestamp(record.createdAt), createdBy: record.createdBy,
            expiresAt: record.expiresAt.map { Timestamp($0) }, rolledAt: record.rolledAt.map { Timestamp($0) },
            revokedAt: record.revokedAt.map { Timestamp($0) }, lastUsedAt: record.lastUsedAt.map { Timestamp($0) },
            state: TokenState(record.state(at: now), record.kind))
    }
}

extension TokenState {
    init(_ state: TokenRecord.State, _ kind: TokenCore.TokenKind) {
        switch state {
        case .active: self = .active
        case .expired: self = .expired
        case .revoked: self = .revoked
        case .paused: self = kind == .serviceAccount ? .disabled : .ownerSuspended
        }
    }
}

extension TokenWire.AuditEvent {
    init(_ record: EventRecord) {
        let event = record.event
        self.init(
            seq: UInt64(event.sequence), at: Timestamp(event.at), workspaceID: event.workspaceID ?? "",
            actor: event.actor, peerUID: event.peerUID, peerPID: UInt32(bitPattern: event.peerPID ?? 0),
            action: event.action, target: event.target,
            metadata: event.metadata.map { KeyValue(key: $0.key, value: $0.value) }, traceID: event.traceID,
            hash: record.hash.withUnsafeBytes { Array($0) })
    }
}
