/// For what kind of principal a token acts. A number that is not named here comes from a newer peer and is kept.
package struct TokenKind: RawRepresentable, Hashable, Sendable {
    package var rawValue: Int32

    package init(rawValue: Int32) { self.rawValue = rawValue }

    package static let unspecified = TokenKind(rawValue: 0)
    package static let personal = TokenKind(rawValue: 1)
    package static let serviceAccount = TokenKind(rawValue: 2)
}

/// What a verification of a token would come to, scopes aside.
package struct TokenState: RawRepresentable, Hashable, Sendable {
    package var rawValue: Int32

    package init(rawValue: Int32) { self.rawValue = rawValue }

    package static let unspecified = TokenState(rawValue: 0)
    package static let active = TokenState(rawValue: 1)
    package static let expired = TokenState(rawValue: 2)
    /// Also when its member or account is gone.
    package static let revoked = TokenState(rawValue: 3)
    /// Its service account is disabled.
    package static let disabled = TokenState(rawValue: 4)
    /// Or its workspace is suspended.
    package static let ownerSuspended = TokenState(rawValue: 5)
}

/// How the caller of a request was named.
package struct CallerKind: RawRepresentable, Hashable, Sendable {
    package var rawValue: Int32

    package init(rawValue: Int32) { self.rawValue = rawValue }

    package static let unspecified = CallerKind(rawValue: 0)
    package static let personalToken = CallerKind(rawValue: 1)
    package static let serviceAccountToken = CallerKind(rawValue: 2)
    /// By a peer with the grant `delegate`.
    package static let delegatedUser = CallerKind(rawValue: 3)
}

/// What a verification came to. Where several hold, the first in the order of PROTOCOL.md ("Outcomes") is told.
package struct VerifyOutcome: RawRepresentable, Hashable, Sendable {
    package var rawValue: Int32

    package init(rawValue: Int32) { self.rawValue = rawValue }

    package static let unspecified = VerifyOutcome(rawValue: 0)
    package static let valid = VerifyOutcome(rawValue: 1)
    package static let malformed = VerifyOutcome(rawValue: 2)
    package static let unknown = VerifyOutcome(rawValue: 3)
    package static let workspaceMismatch = VerifyOutcome(rawValue: 4)
    package static let revoked = VerifyOutcome(rawValue: 5)
    package static let superseded = VerifyOutcome(rawValue: 6)
    package static let expired = VerifyOutcome(rawValue: 7)
    package static let disabled = VerifyOutcome(rawValue: 8)
    package static let ownerSuspended = VerifyOutcome(rawValue: 9)
    package static let insufficientScope = VerifyOutcome(rawValue: 10)
}
