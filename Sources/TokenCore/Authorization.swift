/// What a caller holds at this moment, and so the most it may give away.
///
/// The rule is that power never grows: of scopes, of lifetime and of identity. It is decided by the writer inside the
/// transaction of the change, from facts read there.
package struct Power: Equatable, Sendable {
    package let isServiceAccount: Bool
    /// Effective now.
    package let scopes: ScopeSet
    /// What the bearer token was given, which a promotion of its owner may make effective later; none for a user whom a
    /// trusted peer names: all that the user has or will have is theirs.
    package let recordedScopes: ScopeSet?
    /// When the secret that asks dies by itself: with its token, or with the overlap that keeps it.
    package let expiresAt: Instant?

    package init(isServiceAccount: Bool, scopes: ScopeSet, recordedScopes: ScopeSet?, expiresAt: Instant?) {
        self.isServiceAccount = isServiceAccount
        self.scopes = scopes
        self.recordedScopes = recordedScopes
        self.expiresAt = expiresAt
    }
}

/// Why a caller may not do what it asks.
package enum Denial: Error, Equatable, Sendable {
    case missingScopes(ScopeSet)
    /// What would be made outlives the secret that makes it.
    case outlivesBearer(Instant)
    /// A service account has no personal tokens.
    case isServiceAccount
}

extension Power {
    /// Managing service accounts, and other members' tokens.
    package static let administration = required("workspace:admin")

    /// Letting users join, changing their roles and suspending them, and listing members.
    package static let membership = required("members:write")
    /// Removing members.
    package static let removal = required("members:admin")
    /// Reading the audit of the workspace.
    package static let auditReading = required("audit:read")

    /// All that managing a workspace takes.
    package static let management = administration.union(membership).union(removal).union(auditReading)

    private static func required(_ text: String) -> ScopeSet {
        guard let scope = Scope(text) else { preconditionFailure("\(text) is no scope") }
        return ScopeSet([scope])
    }

    /// Whether it may create a personal token with these scopes and this end.
    package func checkCreation(scopes wanted: ScopeSet, expiresAt end: Instant?) throws(Denial) {
        if isServiceAccount { throw .isServiceAccount }
        try checkHolds(wanted)
        try checkLifetime(end)
    }

    /// Whether it may give a token of its own user a new secret.
    ///
    /// Measured against what the bearer was given, not what is effective: a scope that the owner's role does not grant
    /// now comes back with a promotion, to the rolled token but never to this bearer.
    package func checkRoll(scopes recorded: ScopeSet, expiresAt end: Instant?) throws(Denial) {
        if isServiceAccount { throw .isServiceAccount }
        if let recordedScopes {
            let missing = recorded.missing(from: recordedScopes)
            if !missing.isEmpty { throw .missingScopes(missing) }
        }
        try checkLifetime(end)
    }

    /// Whether it may hand these scopes, until this end, to a principal that is not its own user: by issuing or rolling a
    /// service account's token, or by importing.
    package func checkAdministration(of wanted: ScopeSet, expiresAt end: Instant?) throws(Denial) {
        try checkHolds(Self.administration.union(wanted))
        try checkLifetime(end)
    }

    /// Whether it may bring a service account to these scopes, or back to life with them. An account is no secret, so its
    /// life is not bounded by the bearer's; those of its tokens are.
    package func checkAccount(scopes wanted: ScopeSet) throws(Denial) {
        try checkHolds(Self.administration.union(wanted))
    }

    /// Whether it may move a member between roles that grant this much: no role stands for nothing granted. It may neither
    /// give what it lacks, nor take from who holds more.
    package func checkRole(from old: ScopeSet, to new: ScopeSet) throws(Denial) {
        try checkHolds(old.union(new))
    }

    /// Whether all of these are effective now.
    package func checkHolds(_ wanted: ScopeSet) throws(Denial) {
        let missing = wanted.missing(from: scopes)
        if !missing.isEmpty { throw .missingScopes(missing) }
    }

    private func checkLifetime(_ end: Instant?) throws(Denial) {
        guard let expiresAt else { return }
        guard let end, end <= expiresAt else { throw .outlivesBearer(expiresAt) }
    }
}
