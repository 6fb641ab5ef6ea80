import TokenCore

extension Refusal {
    /// What a denial says to the caller.
    init(_ denial: Denial) {
        switch denial {
        case .missingScopes(let scopes):
            self.init(
                .forbidden, "the caller lacks: \(scopes.text); ask someone who holds it",
                metadata: ["missing_scopes": scopes.text])
        case .outlivesBearer(let end):
            self.init(
                .forbidden,
                "the secret of this call expires at \(end); what it makes or rolls must expire no later: set expires_at, "
                    + "or call with a secret that lives longer",
                metadata: ["expires_at": end.description])
        case .isServiceAccount:
            self.init(.forbidden, "a service account has no personal tokens; issue a token of the account instead")
        }
    }
}

/// Judges by a rule of TokenCore, and refuses what that denies.
func allowing(_ check: () throws(Denial) -> Void) throws(ChangeFailure) {
    do throws(Denial) {
        try check()
    } catch {
        throw .refused(Refusal(error))
    }
}
