import TokenCore

/// A token that an operation would make for a member or a service account.
struct TokenDraft {
    let owner: PrincipalRecord
    /// A disabled account, whose tokens wait for it.
    var isOwnerPaused = false
    let name: String
    let scopes: ScopeSet
    let expiresAt: Instant?
    let secret: SecretDraft
    let request: RequestID?
    /// Of what was asked for.
    let fingerprint: Digest
}

/// What is done to tokens, as the audit names it.
enum TokenAction {
    case created
    case rolled
    case revoked

    func name(_ kind: TokenKind) -> String {
        switch (self, kind) {
        case (.created, .personal): "token.created"
        case (.rolled, .personal): "token.rolled"
        case (.revoked, .personal): "token.revoked"
        case (.created, .serviceAccount): "service_account.token_issued"
        case (.rolled, .serviceAccount): "service_account.token_rolled"
        case (.revoked, .serviceAccount): "service_account.token_revoked"
        }
    }
}

extension WriteTransaction {
    /// What every new token has to satisfy, whoever makes it.
    func checkGrant(_ scopes: ScopeSet, expiresAt: Instant?) throws(ChangeFailure) {
        try checkCatalogue(scopes)
        if let expiresAt, expiresAt <= now {
            throw .refused(.invalid("expires_at", "lies in the past"))
        }
    }

    /// What the configuration bounds: how long a new token of this kind lives. A token that is there keeps its expiry.
    func checkLifetime(_ expiresAt: Instant?, of kind: TokenKind) throws(ChangeFailure) {
        guard let seconds = rules.lifetimes.seconds(kind) else { return }
        let limit = DurationText.text(seconds: seconds)
        let bound = "a new \(kind == .personal ? "personal" : "service-account") token lives at most \(limit)"
        guard let expiresAt else { throw .refused(.invalid("expires_at", "must be set: \(bound)")) }
        if expiresAt > now.adding(seconds: seconds) {
            throw .refused(.invalid("expires_at", "lies more than \(limit) from now: \(bound)"))
        }
    }

    func checkCatalogue(_ scopes: ScopeSet) throws(ChangeFailure) {
        let unknown = scopes.missing(from: rules.catalogue.scopes)
        if !unknown.isEmpty {
            throw .refused(
                .invalid("scopes", "not in the catalogue: \(unknown.text); ListScopes names those that can be granted"))
        }
    }

    /// Makes the token, or gives a fresh secret to the one that the same request made. The caller's power has been judged.
    func make(_ draft: TokenDraft, by caller: Caller) throws(ChangeFailure) -> TokenRecord {
        if let request = draft.request,
            let token = try repetition(of: request, fingerprint: draft.fingerprint, by: caller)
        {
            if token.kind == .serviceAccount {
                // It keeps what it was issued with, which may be more than its account has now.
                try allowing { () throws(Denial) in
                    try caller.power.checkAdministration(of: token.scopes, expiresAt: token.expiresAt)
                }
            }
            return try answerAgain(token, with: draft.secret, request, by: caller)
        }
        try checkLifetime(draft.expiresAt, of: draft.owner.kind)
        let endedID = try freeName(draft.name, ofPrincipal: draft.owner.number)
        let token = try insertToken(draft, by: caller)
        if let request = draft.request {
            try remember(
                request, fingerprint: draft.fingerprint, token: token.number, digest: draft.secret.digest, by: caller)
        }
        var metadata = token.creationMetadata
        if let endedID { metadata.append(.init("ended_token", endedID)) }
        try record(TokenAction.created.name(token.kind), target: token.id, by: caller, metadata)
        return token
    }

    /// The token as the store has it now, without reading it: the caller's workspace is active, or it were no caller.
    private func insertToken(_ draft: TokenDraft, by caller: Caller) throws(ChangeFailure) -> TokenRecord {
        let (owner, id) = (draft.owner, newID(.token))
        let number = try insertToken(
            id: id, principal: owner.number, name: draft.name, scopes: draft.scopes, expiresAt: draft.expiresAt,
            secret: draft.secret, createdBy: caller.principal.id)
        return TokenRecord(
            number: number, id: id, principalNumber: owner.number, kind: owner.kind, workspaceID: owner.workspaceID,
            ownerID: owner.id, name: draft.name, scopes: draft.scopes, hint: draft.secret.hint, createdAt: now,
            createdBy: caller.principal.id, expiresAt: draft.expiresAt, rolledAt: nil, revokedAt: nil,
            lastUsedAt: nil, isPaused: draft.isOwnerPaused, hasEnded: false)
    }

    /// A live namesake is in the way; an expired one ends here, and its id is returned.
    func freeName(_ name: String, ofPrincipal principal: Int64) throws(ChangeFailure) -> String? {
        // Most names are free, and to see that takes one index.
        let namesake = try sqlite { () throws(SQLiteError) in
            try connection.isNameTaken(name, ofPrincipal: principal)
                ? try connection.token(named: name, ofPrincipal: principal) : nil
        }
        guard let namesake else { return nil }
        guard namesake.isExpired(at: now) else {
            throw .refused(
                Refusal(
                    .conflict,
                    "the token \(namesake.id) has this name; roll it, revoke it, or choose another name",
                    metadata: ["token_id": namesake.id]))
        }
        // Dead now by a clock that may be set back: an answer that was kept until then is wrong for good.
        try touchSecrets(ofToken: namesake.number)
        try end(tokenNumber: namesake.number)
        return namesake.id
    }
}

extension AuditEvent.Metadata {
    /// Ties the event of a service account's token to the account.
    fileprivate static func owner(_ id: String, _ kind: TokenKind) -> [AuditEvent.Metadata] {
        kind == .serviceAccount ? [.init("service_account", id)] : []
    }
}

extension Credential {
    var ownerMetadata: [AuditEvent.Metadata] { AuditEvent.Metadata.owner(principal.id, kind) }
}

extension TokenRecord {
    var ownerMetadata: [AuditEvent.Metadata] { AuditEvent.Metadata.owner(ownerID, kind) }

    var creationMetadata: [AuditEvent.Metadata] {
        var metadata = ownerMetadata + [.init("name", name), .init("scopes", scopes.text)]
        if let expiresAt { metadata.append(.init("expires_at", expiresAt.description)) }
        return metadata
    }
}
