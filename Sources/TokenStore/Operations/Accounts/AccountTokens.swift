package import TokenCore

/// A new token of a service account. It keeps the scopes it is issued with, whatever becomes of the account's.
package struct IssueServiceAccountToken: Operation {
    package let accountID: String
    package let name: String
    /// Some of the account's scopes; none for all that it has.
    package let scopes: ScopeSet?
    package let expiresAt: Instant?
    package let request: RequestID?
    package let secret: SecretDraft

    package init(
        accountID: String, name: String, scopes: ScopeSet? = nil, expiresAt: Instant?, request: RequestID?,
        secret: SecretDraft
    ) {
        self.accountID = accountID
        self.name = name
        self.scopes = scopes
        self.expiresAt = expiresAt
        self.request = request
        self.secret = secret
    }

    package func perform(in transaction: WriteTransaction) throws(ChangeFailure) -> TokenRecord {
        let caller = try transaction.caller()
        let account = try transaction.visibleAccount(id: accountID, to: caller)
        let granted = try grantedScopes(account, transaction.rules)
        try transaction.checkGrant(granted, expiresAt: expiresAt)
        try allowing { () throws(Denial) in
            try caller.power.checkAdministration(of: granted, expiresAt: expiresAt)
        }
        let token = try transaction.make(
            TokenDraft(
                owner: account.principal, isOwnerPaused: account.isDisabled, name: name, scopes: granted,
                expiresAt: expiresAt, secret: secret, request: request, fingerprint: fingerprint),
            by: caller)
        try transaction.noteIssued(token.scopes, to: account)
        return token
    }

    private func grantedScopes(
        _ account: ServiceAccountRecord, _ rules: AccessRules
    ) throws(ChangeFailure) -> ScopeSet {
        // What the catalogue dropped can't be granted until it returns, and does not stand in the way of the rest.
        guard let scopes else { return account.scopes.intersection(rules.catalogue.scopes) }
        let missing = scopes.missing(from: account.scopes)
        if !missing.isEmpty {
            throw .refused(
                .invalid("scopes", "the service account lacks: \(missing.text); update its scopes first"))
        }
        return scopes
    }

    private var fingerprint: Digest {
        RequestID.fingerprint(
            "IssueServiceAccountToken",
            [accountID, name, scopes.map { "=" + $0.text } ?? "", expiresAt?.description ?? ""])
    }
}

/// A new secret for a token of a service account; the old one dies at once, or at the end of an overlap.
///
/// A token may also roll itself, whatever it holds: it gains nothing that way, and a service can renew its own secret.
package struct RollServiceAccountToken: Operation {
    package let accountID: String
    package let tokenID: String
    package let overlapSeconds: Int64
    package let request: RequestID?
    package let secret: SecretDraft

    package init(
        accountID: String, tokenID: String, overlapSeconds: Int64, request: RequestID?, secret: SecretDraft
    ) {
        self.accountID = accountID
        self.tokenID = tokenID
        self.overlapSeconds = overlapSeconds
        self.request = request
        self.secret = secret
    }

    package func perform(in transaction: WriteTransaction) throws(ChangeFailure) -> TokenRecord {
        let draft = RollDraft(
            overlapSeconds: overlapSeconds, secret: secret, request: request, fingerprint: fingerprint)
        try draft.checkOverlap()
        let caller = try transaction.caller()
        let isBearersOwn = caller.bearer?.tokenID == tokenID && caller.principal.id == accountID
        if !isBearersOwn { try caller.checkAdministration() }
        let account = try transaction.account(id: accountID, inWorkspaceOf: caller)
        let token = try transaction.token(id: tokenID, of: account)
        try transaction.checkIsLive(token)
        if !isBearersOwn {
            try allowing { () throws(Denial) in
                try caller.power.checkAdministration(of: token.scopes, expiresAt: token.expiresAt)
            }
        }
        return try transaction.roll(token, draft, by: caller)
    }

    private var fingerprint: Digest {
        RequestID.fingerprint("RollServiceAccountToken", [accountID, tokenID, String(overlapSeconds)])
    }
}

/// Ends a token of a service account. Final.
package struct RevokeServiceAccountToken: Operation {
    package let accountID: String
    package let tokenID: String

    package init(accountID: String, tokenID: String) {
        self.accountID = accountID
        self.tokenID = tokenID
    }

    package var mayUseReserve: Bool { true }

    package func perform(in transaction: WriteTransaction) throws(ChangeFailure) -> TokenRecord {
        let caller = try transaction.caller()
        let account = try transaction.visibleAccount(id: accountID, to: caller)
        return try transaction.revoke(try transaction.token(id: tokenID, of: account), by: caller)
    }
}

extension WriteTransaction {
    /// A token of this account and of no other principal.
    fileprivate func token(id: String, of account: ServiceAccountRecord) throws(ChangeFailure) -> TokenRecord {
        let token = try sqlite { () throws(SQLiteError) in try connection.token(id: id) }
        guard let token, token.principalNumber == account.number else { throw .refused(.notFound("token")) }
        return token
    }

    fileprivate func noteIssued(_ scopes: ScopeSet, to account: ServiceAccountRecord) throws(ChangeFailure) {
        let issued = account.issuedScopes.union(scopes)
        if issued == account.issuedScopes { return }
        try run("UPDATE principal SET issued_scopes = ?2 WHERE number = ?1") { statement in
            statement.bind(1, account.number)
            statement.bind(2, issued.text)
        }
    }
}

extension ServiceAccountRecord {
    fileprivate var principal: PrincipalRecord {
        PrincipalRecord(
            number: number, workspaceNumber: workspaceNumber, workspaceID: workspaceID, kind: .serviceAccount, id: id,
            role: nil)
    }
}
