internal import TokenWire

/// For whom the daemon takes the caller, and what that caller may do now.
public struct CallerIdentity: Hashable, Sendable {
    /// A user id, or the id of a service account (`sa_…`).
    public let principalID: String
    /// How the caller was named.
    public let kind: Kind
    /// The workspace that calls are made in.
    public let workspaceID: String
    /// The member's role; nil for a service account.
    public let role: String?
    /// What the caller may do now: the scopes of the token and the grants of the role, both.
    public let scopes: [String]
    /// The token that was presented; nil for a delegated user.
    public let token: Token?

    /// How a caller was named.
    public enum Kind: Hashable, Sendable {
        /// By a personal token.
        case personalToken
        /// By a service account's token.
        case serviceAccountToken
        /// By a process that the daemon grants `delegate`.
        case delegatedUser
        /// In a way that this version of the library doesn't know, by its number in the protocol.
        case unrecognized(Int32)
    }
}

extension CallerIdentity: Answer {
    init?(decoding payload: Span<UInt8>) throws(WireError) {
        let view = try WhoAmIResponse.View(payload)
        principalID = String(copying: view.principalID)
        kind = Kind(view.callerKind)
        workspaceID = String(copying: view.workspaceID)
        role = String(nonEmpty: view.role)
        scopes = view.scopes.strings
        token = view.token.isPresent ? Token(view.token) : nil
    }
}

extension CallerIdentity.Kind {
    init(_ wire: CallerKind) {
        switch wire {
        case .personalToken: self = .personalToken
        case .serviceAccountToken: self = .serviceAccountToken
        case .delegatedUser: self = .delegatedUser
        default: self = .unrecognized(wire.rawValue)
        }
    }
}
