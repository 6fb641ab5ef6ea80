internal import TokenWire

/// A token without its secret.
public struct Token: Hashable, Sendable, Identifiable {
    /// `tok_` and 26 characters. Never used twice.
    public let id: String
    /// 1 to 100 characters; unique among the owner's tokens that have not ended.
    public let name: String
    /// For what kind of principal it acts.
    public let kind: TokenKind
    /// The workspace it belongs to, `ws_…`.
    public let workspaceID: String
    /// A user id, or the id of a service account (`sa_…`).
    public let ownerID: String
    /// The scopes it was given, for example `issues:read`. What it may do now can be less, because the role of its
    /// owner counts too: ``Verification/scopes`` tells.
    public let scopes: [String]
    /// Prefix and last 4 characters of the current secret, to tell tokens apart: `clpu_…x7Qa`. Not a secret.
    public let hint: String
    /// When it was made.
    public let createdAt: Timestamp
    /// Who made it: a user id, or an id of a service account or token.
    public let createdBy: String
    /// When it ends by itself; nil if never.
    public let expiresAt: Timestamp?
    /// When it last got a new secret; nil if never.
    public let rolledAt: Timestamp?
    /// When it was revoked; nil if it was not.
    public let revokedAt: Timestamp?
    /// When it last verified, to some minutes; nil if never.
    public let lastUsedAt: Timestamp?
    /// Its state when the daemon answered.
    public let state: TokenState
}

/// For what kind of principal a token acts.
public enum TokenKind: Hashable, Sendable {
    /// A member of a workspace.
    case personal
    /// A service account.
    case serviceAccount
    /// A kind that this version of the library doesn't know, by its number in the protocol.
    case unrecognized(Int32)
}

/// What a verification of a token would come to, scopes aside.
public enum TokenState: Hashable, Sendable {
    /// It verifies.
    case active
    /// Its time is over.
    case expired
    /// It was revoked, or its member or service account is gone. Final.
    case revoked
    /// Its service account or its workspace is disabled.
    case disabled
    /// Its owner is suspended.
    case ownerSuspended
    /// A state that this version of the library doesn't know, by its number in the protocol.
    case unrecognized(Int32)
}
