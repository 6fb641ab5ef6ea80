/// What a verification found. The raw values are the protocol's; the order of the cases after `valid` is the order in
/// which they are judged: where several hold, the first is the outcome.
package enum VerifyOutcome: UInt8, Sendable, CaseIterable {
    case unspecified = 0
    case valid = 1
    /// Not the text of a token: nothing was looked up.
    case malformed = 2
    /// No token has or had this secret.
    case unknown = 3
    /// A token of another workspace than the one asked for. Nothing else of it is said.
    case workspaceMismatch = 4
    /// Revoked, or its owner's membership or its account has ended. Final.
    case revoked = 5
    /// An old secret of a token that was rolled.
    case superseded = 6
    case expired = 7
    /// The service account is disabled, until it is enabled.
    case disabled = 8
    /// The member or the workspace is suspended, until that is lifted.
    case ownerSuspended = 9
    /// Live, but without a scope that was asked for.
    case insufficientScope = 10
}
