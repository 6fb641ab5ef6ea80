package import TokenCore

/// A new personal token for the caller.
package struct CreateToken: Operation {
    package let name: String
    package let scopes: ScopeSet
    package let expiresAt: Instant?
    package let request: RequestID?
    package let secret: SecretDraft
    /// Made by whoever asks: the writer has one thread for all of them.
    private let fingerprint: Digest

    package init(name: String, scopes: ScopeSet, expiresAt: Instant?, request: RequestID?, secret: SecretDraft) {
        self.name = name
        self.scopes = scopes
        self.expiresAt = expiresAt
        self.request = request
        self.secret = secret
        fingerprint = RequestID.fingerprint("CreateToken", [name, scopes.text, expiresAt?.description ?? ""])
    }

    package func perform(in transaction: WriteTransaction) throws(ChangeFailure) -> TokenRecord {
        let caller = try transaction.caller()
        try transaction.checkGrant(scopes, expiresAt: expiresAt)
        try allowing { () throws(Denial) in
            try caller.power.checkCreation(scopes: scopes, expiresAt: expiresAt)
        }
        return try transaction.make(
            TokenDraft(
                owner: caller.principal, name: name, scopes: scopes, expiresAt: expiresAt, secret: secret,
                request: request, fingerprint: fingerprint),
            by: caller)
    }
}
