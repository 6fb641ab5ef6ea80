package import TokenCore

/// A member or a service account, from joining to leaving.
package struct PrincipalRecord: Sendable {
    package let number: Int64
    package let workspaceNumber: Int64
    package let workspaceID: String
    package let kind: TokenKind
    /// The user id, or the account's.
    package let id: String
    /// A member's.
    package let role: String?
}

package struct WorkspaceRecord: Sendable {
    package let number: Int64
    package let id: String
    package let state: WorkspaceState
    package let createdAt: Instant
}

/// A membership that has not ended.
package struct MemberRecord: Sendable {
    package let number: Int64
    package let workspaceNumber: Int64
    package let workspaceID: String
    package let userID: String
    package let role: String
    package let isSuspended: Bool
    /// Of this membership: joining again begins another one.
    package let joinedAt: Instant
    /// None if neither role nor status was changed since.
    package let updatedAt: Instant?
}

/// A service account that has not ended.
package struct ServiceAccountRecord: Sendable {
    package let number: Int64
    package let workspaceNumber: Int64
    package let workspaceID: String
    package let id: String
    package let name: String
    /// What the next token is issued with.
    package let scopes: ScopeSet
    /// All that its tokens were ever issued with.
    let issuedScopes: ScopeSet
    package let isDisabled: Bool
    package let createdAt: Instant
    /// Who made it; that user may have left.
    package let createdBy: String
    /// None if nothing was changed since.
    package let updatedAt: Instant?
}

/// A token as the store has it. It holds no secret: none is kept.
package struct TokenRecord: Sendable {
    package let number: Int64
    package let id: String
    package let principalNumber: Int64
    package let kind: TokenKind
    package let workspaceID: String
    package let ownerID: String
    package let name: String
    package let scopes: ScopeSet
    package let hint: String
    package let createdAt: Instant
    package let createdBy: String
    package let expiresAt: Instant?
    package let rolledAt: Instant?
    /// Its own revocation, or the end of the membership or account it hung on.
    package let revokedAt: Instant?
    package let lastUsedAt: Instant?
    /// Its owner is suspended, or its account disabled.
    package let isPaused: Bool
    /// It was revoked, or had expired when another token got its name.
    package let hasEnded: Bool
}

extension TokenRecord {
    package enum State: Sendable {
        case active
        case expired
        case revoked
        /// A disabled account's, or a suspended owner's.
        case paused
    }

    package func state(at now: Instant) -> State {
        if revokedAt != nil { return .revoked }
        if isExpired(at: now) { return .expired }
        return isPaused ? .paused : .active
    }

    package func isExpired(at now: Instant) -> Bool {
        // What has ended is not revived by a clock that is set back.
        hasEnded || expiresAt.map { $0 <= now } ?? false
    }
}
