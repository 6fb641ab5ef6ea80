internal import TokenWire

extension Token {
    /// A received token. A missing `created_at`, which no daemon leaves out, reads as 1970.
    init(_ view: TokenWire.Token.View) {
        id = String(copying: view.id)
        name = String(copying: view.name)
        kind = TokenKind(view.kind)
        workspaceID = String(copying: view.workspaceID)
        ownerID = String(copying: view.ownerID)
        scopes = view.scopes.strings
        hint = String(copying: view.hint)
        createdAt = Timestamp(view.createdAt ?? TokenWire.Timestamp())
        createdBy = String(copying: view.createdBy)
        expiresAt = view.expiresAt.map(Timestamp.init)
        rolledAt = view.rolledAt.map(Timestamp.init)
        revokedAt = view.revokedAt.map(Timestamp.init)
        lastUsedAt = view.lastUsedAt.map(Timestamp.init)
        state = TokenState(view.state)
    }
}

extension Token: Answer {
    init?(decoding payload: Span<UInt8>) throws(WireError) {
        let view = try TokenWire.TokenResponse.View(payload)
        guard view.token.isPresent else { return nil }
        self.init(view.token)
    }
}

extension TokenKind {
    init(_ wire: TokenWire.TokenKind) {
        switch wire {
        case .personal: self = .personal
        case .serviceAccount: self = .serviceAccount
        default: self = .unrecognized(wire.rawValue)
        }
    }

    var wire: TokenWire.TokenKind {
        switch self {
        case .personal: .personal
        case .serviceAccount: .serviceAccount
        case .unrecognized(let number): TokenWire.TokenKind(rawValue: number)
        }
    }
}

extension TokenState {
    init(_ wire: TokenWire.TokenState) {
        switch wire {
        case .active: self = .active
        case .expired: self = .expired
        case .revoked: self = .revoked
        case .disabled: self = .disabled
        case .ownerSuspended: self = .ownerSuspended
        default: self = .unrecognized(wire.rawValue)
        }
    }

    var wire: TokenWire.TokenState {
        switch self {
        case .active: .active
        case .expired: .expired
        case .revoked: .revoked
        case .disabled: .disabled
        case .ownerSuspended: .ownerSuspended
        case .unrecognized(let number): TokenWire.TokenState(rawValue: number)
        }
    }
}
