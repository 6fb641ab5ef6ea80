internal import TokenWire

/// What the daemon says of a token that somebody presented.
///
/// Any judgement is an answer and not an error. Tell the outside little: 401 for whatever is not valid, 403 for
/// `insufficientScope`.
public struct Verification: Sendable {
    /// All that is told, in one object that the copies share: so a verifier gives a kept answer away for one reference, and not
    /// for one to each of its texts.
    let facts: Facts

    init(_ values: Values) { facts = Facts(values) }
    init(_ facts: Facts) { self.facts = facts }

    /// The judgement on a text that can be no token.
    static let malformed = Verification(Values(outcome: .malformed))

    /// The judgement.
    public var outcome: Outcome { facts.values.outcome }
    /// Id of the token; nil when the token is not known or is of another workspace.
    public var tokenID: String? { facts.values.tokenID }
    /// Kind of the token; nil as `tokenID`.
    public var kind: TokenKind? { facts.values.kind }
    /// Workspace of the token; nil as `tokenID`.
    public var workspaceID: String? { facts.values.workspaceID }
    /// For whom the token acts: a user id, or the id of a service account (`sa_…`). Nil as `tokenID`.
    public var principalID: String? { facts.values.principalID }
    /// Name of the token; nil as `tokenID`.
    public var tokenName: String? { facts.values.tokenName }
    /// What the token may do now; empty unless the outcome is `valid`.
    public var scopes: [String] { facts.values.scopes }
    /// When this secret stops to verify; nil if it never does by itself.
    public var expiresAt: Timestamp? { facts.values.expiresAt }
    /// The required scopes that are not held; empty unless the outcome is `insufficientScope`.
    public var missingScopes: [String] { facts.values.missingScopes }

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

extension Verification {
    struct Values: Hashable, Sendable {
        var outcome: Outcome
        var tokenID: String?
        var kind: TokenKind?
        var workspaceID: String?
        var principalID: String?
        var tokenName: String?
        var scopes: [String] = []
        var expiresAt: Timestamp?
        var missingScopes: [String] = []
    }

    final class Facts: Sendable {
        let values: Values

        init(_ values: Values) { self.values = values }
    }
}

extension Verification: Hashable, CustomReflectable {
    /// Whether they tell the same.
    public static func == (left: Verification, right: Verification) -> Bool {
        left.facts === right.facts || left.facts.values == right.facts.values
    }

    /// Feeds in all that is told.
    public func hash(into hasher: inout Hasher) { hasher.combine(facts.values) }

    /// Shows all that is told.
    public var customMirror: Mirror { Mirror(reflecting: facts.values) }
}

/// A token to be verified, for `TokenClient.verifyBatch`. What prints it leaves the token out.
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

extension VerificationQuery: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    /// What is asked, without the token.
    public var description: String {
        "VerificationQuery(requiredScopes: \(requiredScopes), workspaceID: \(workspaceID ?? "nil"))"
    }
    /// The same.
    public var debugDescription: String { description }
    /// Shows what is asked, without the token.
    public var customMirror: Mirror {
        Mirror(
            self, children: ["requiredScopes": requiredScopes, "workspaceID": workspaceID as Any],
            displayStyle: .struct)
    }
}
