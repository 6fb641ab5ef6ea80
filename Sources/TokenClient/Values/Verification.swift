internal import TokenWire

/// What the daemon says of a token that somebody presented.
///
/// Any judgement is an answer and not an error. Tell the outside little: 401 for whatever is not valid, 403 for
/// `insufficientScope`.
public struct Verification: Hashable, Sendable {
    /// The judgement.
    public let outcome: Outcome
    /// Id of the token; nil when the token is not known or is of another workspace.
    public let tokenID: String?
    /// Kind of the token; nil as `tokenID`.
    public let kind: TokenKind?
    /// Workspace of the token; nil as `tokenID`.
    public let workspaceID: String?
    /// For whom the token acts: a user id, or the id of a service account (`sa_…`). Nil as `tokenID`.
    public let principalID: String?
    /// Name of the token; nil as `tokenID`.
    public let tokenName: String?
    /// What the token may do now; empty unless the outcome is `valid`.
    public let scopes: [String]
    /// When this secret stops to verify; nil if it never does by itself.
    public let expiresAt: Timestamp?
    /// The required scopes that are not held; empty unless the outcome is `insufficientScope`.
    public let missingScopes: [String]

    /// Whether the token is good and holds every required scope.
    public var isValid: Bool { outcome == .valid }

    /// A judgement on a token. Where several hold the daemon tells the first in the order of PROTOCOL.md ("Outcomes").
    public enum Outcome: Hashable, Sendable {
        /// The token is good and holds every required scope.
        case valid
        /// The text is no token: length, prefix, alphabet or checksum is wrong.
        case malformed
        /// No such token.
        case unknown
        /// The token is of another workspace than the one asked for.
        case workspaceMismatch
        /// The token was revoked, or its member or service account is gone.
        case revoked
        /// An old secret of a token that was rolled.
        case superseded
        /// The token's time is over.
        case expired
        /// The service account is disabled, or the workspace is.
        case disabled
        /// The member who owns the token is suspended.
        case ownerSuspended
        /// The token is good, but lacks a required scope.
        case insufficientScope
        /// A judgement that this version of the library doesn't know, by its number in the protocol. Not valid.
        case unrecognized(Int32)
    }
}

/// A token to be verified, for `TokenClient.verifyBatch`.
public struct VerificationQuery: Sendable {
    /// The token as it was presented.
    public var token: String
    /// Scopes that must all be held, at most 50.
    public var requiredScopes: [String]
    /// The workspace that the token must belong to; nil for any.
    public var workspaceID: String?

    /// A question about one token.
    public init(token: String, requiredScopes: [String] = [], workspaceID: String? = nil) {
        self.token = token
        self.requiredScopes = requiredScopes
        self.workspaceID = workspaceID
    }
}
