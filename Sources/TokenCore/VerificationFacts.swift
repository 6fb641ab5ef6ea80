/// What the store knows of one secret, as far as it decides a verification. All of it is of one moment.
package struct VerificationFacts: Sendable, Equatable {
    package var workspaceID: String
    /// The user's id, or the service account's.
    package var principalID: String
    /// Revoked, or ended otherwise.
    package var isTokenEnded = false
    /// The membership or service account it hangs on has ended.
    package var isParentEnded = false
    /// The instant from which the token has another secret only: that of the roll, or the end of its overlap.
    /// Nil for the current secret.
    package var supersededAt: Instant?
    package var expiresAt: Instant?
    /// It had expired when another token got its name: whatever the clock says since, it has.
    package var hasExpiredForGood = false
    /// The service account is disabled.
    package var isDisabled = false
    /// The owner or the workspace is suspended.
    package var isSuspended = false
    /// What it may do now: for a personal token, its scopes that the owner's role grants.
    package var scopes = ScopeSet()

    package init(workspaceID: String, principalID: String) {
        self.workspaceID = workspaceID
        self.principalID = principalID
    }

    /// When this secret dies by itself; nil if it does not.
    package var diesAt: Instant? {
        switch (supersededAt, expiresAt) {
        case (let superseded?, let expires?): min(superseded, expires)
        case (let superseded, let expires): superseded ?? expires
        }
    }

    /// Judges a known secret at `now`, in the order of `VerifyOutcome`.
    ///
    /// - Parameters:
    ///   - requestedWorkspace: The workspace the token must belong to; nil for any.
    ///   - now: An instant equal to the one of death is after death.
    ///   - holdsRequired: Whether the scopes hold all that is required. Asked only if all else is well.
    /// - Returns: Any outcome but `unspecified`, `malformed` and `unknown`.
    package func judge(
        requestedWorkspace: Span<UInt8>?, now: Instant, holdsRequired: (borrowing ScopeSet) -> Bool
    ) -> VerifyOutcome {
        if let requestedWorkspace, !workspaceID.hasUTF8(requestedWorkspace) { return .workspaceMismatch }
        if isTokenEnded || isParentEnded { return .revoked }
        if let supersededAt, now >= supersededAt { return .superseded }
        if hasExpiredForGood { return .expired }
        if let expiresAt, now >= expiresAt { return .expired }
        if isDisabled { return .disabled }
        if isSuspended { return .ownerSuspended }
        return holdsRequired(scopes) ? .valid : .insufficientScope
    }
}
