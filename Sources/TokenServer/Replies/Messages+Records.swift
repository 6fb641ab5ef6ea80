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
            hash: record.hash.bytes)
    }
}

extension TokenWire.ServiceAccount {
    init(_ record: ServiceAccountRecord) {
        self.init(
            id: record.id, name: record.name, workspaceID: record.workspaceID,
            scopes: record.scopes.scopes.map(\.text), disabled: record.isDisabled,
            createdAt: Timestamp(record.createdAt), createdBy: record.createdBy,
            updatedAt: record.updatedAt.map { Timestamp($0) })
    }
}

extension TokenWire.Member {
    init(_ record: MemberRecord) {
        self.init(
            userID: record.userID, workspaceID: record.workspaceID, role: record.role,
            status: record.isSuspended ? .suspended : .active, joinedAt: Timestamp(record.joinedAt),
            updatedAt: record.updatedAt.map { Timestamp($0) })
    }
}

extension TokenWire.Workspace {
    init(_ record: WorkspaceRecord) {
        self.init(
            id: record.id, state: .init(rawValue: Int32(record.state.rawValue)), createdAt: Timestamp(record.createdAt))
    }
}

extension VerifyChainResponse {
    init(_ check: ChainCheck, markSequence: Int64) {
        let isLast = check.isFinished
        self.init(
            intact: check.finding == nil, firstSeq: UInt64(check.first), lastSeq: UInt64(check.checked.sequence),
            lastHash: check.checked.hash.bytes, brokenSeq: UInt64(check.finding?.sequence ?? 0),
            fault: check.finding.map { .init($0.fault) } ?? .unspecified, floorSeq: UInt64(check.floor.sequence),
            floorHash: check.floor.sequence == 0 ? [] : check.floor.hash.bytes, markSeq: UInt64(markSequence),
            recoveryCount: UInt32(check.recoveryCount), nextSeq: isLast ? 0 : UInt64(check.next))
    }
}

extension ChainFault {
    init(_ fault: ChainCheck.Fault) {
        switch fault {
        case .edited: self = .edited
        case .deleted: self = .deleted
        case .reordered: self = .reordered
        case .cut: self = .cut
        case .rewritten: self = .rewritten
        }
    }
}
