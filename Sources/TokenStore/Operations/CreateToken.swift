package import TokenCore

/// A new personal token for the caller.
package struct CreateToken: Operation {
    package let name: String
    package let scopes: ScopeSet
    package let expiresAt: Instant?
    package let request: RequestID?
    package let secret: SecretDraft

    package init(name: String, scopes: ScopeSet, expiresAt: Instant?, request: RequestID?, secret: SecretDraft) {
        self.name = name
        self.scopes = scopes
        self.expiresAt = expiresAt
        self.request = request
        self.secret = secret
    }

    package func perform(in transaction: WriteTransaction) throws(ChangeFailure) -> TokenRecord {
        let caller = try transaction.caller()
        try check(caller, transaction)
        if let request, let token = try transaction.repetition(of: request, fingerprint: fingerprint, by: caller) {
            return try transaction.answerAgain(token, with: secret, request, by: caller)
        }
        let endedID = try freeName(for: caller, transaction)
        let number = try transaction.insertToken(
            principal: caller.principal.number, name: name, scopes: scopes, expiresAt: expiresAt, secret: secret,
            createdBy: caller.principal.id)
        if let request {
            try transaction.remember(
                request, fingerprint: fingerprint, token: number, digest: secret.digest, by: caller)
        }
        let token = try transaction.writtenToken(number)
        var metadata = description(of: token)
        if let endedID { metadata.append(.init("ended_token", endedID)) }
        try transaction.record("token.created", target: token.id, by: caller, metadata)
        return token
    }

    private func check(_ caller: Caller, _ transaction: WriteTransaction) throws(ChangeFailure) {
        let unknown = scopes.missing(from: transaction.rules.catalogue.scopes)
        if !unknown.isEmpty {
            throw .refused(
                .invalid("scopes", "not in the catalogue: \(unknown.text); ListScopes names those that can be granted"))
        }
        if let expiresAt, expiresAt <= transaction.now {
            throw .refused(.invalid("expires_at", "lies in the past"))
        }
        do throws(Denial) {
            try caller.power.checkCreation(scopes: scopes, expiresAt: expiresAt)
        } catch {
            throw .refused(Refusal(error))
        }
    }

    /// A live namesake is in the way; an expired one ends here, and its id is returned.
    private func freeName(
        for caller: Caller, _ transaction: WriteTransaction
    ) throws(ChangeFailure) -> String? {
        let namesake = try transaction.sqlite { () throws(SQLiteError) in
            try transaction.connection.token(named: name, ofPrincipal: caller.principal.number)
        }
        guard let namesake else { return nil }
        guard namesake.isExpired(at: transaction.now) else {
            throw .refused(
                Refusal(
                    .conflict,
                    "the token \(namesake.id) has this name; roll it, revoke it, or choose another name",
                    metadata: ["token_id": namesake.id]))
        }
        try transaction.run("UPDATE token SET ended_at = ?2 WHERE number = ?1") { statement in
            statement.bind(1, namesake.number)
            statement.bind(2, transaction.now)
        }
        return namesake.id
    }

    private func description(of token: TokenRecord) -> [AuditEvent.Metadata] {
        var metadata = [AuditEvent.Metadata("name", token.name), .init("scopes", token.scopes.text)]
        if let expiresAt = token.expiresAt { metadata.append(.init("expires_at", expiresAt.description)) }
        return metadata
    }

    private var fingerprint: Digest {
        RequestID.fingerprint("CreateToken", [name, scopes.text, expiresAt?.description ?? ""])
    }
}
