package import TokenCore

/// Ends a personal token of the caller's user, or any of the workspace for its administrator. Final.
package struct RevokeToken: Operation {
    package let tokenID: String

    package init(tokenID: String) {
        self.tokenID = tokenID
    }

    package var mayUseReserve: Bool { true }

    package func perform(in transaction: WriteTransaction) throws(ChangeFailure) -> TokenRecord {
        let caller = try transaction.caller()
        let token = try transaction.visibleToken(id: tokenID, to: caller)
        return try transaction.revoke(token, by: caller)
    }
}

extension WriteTransaction {
    /// Ends a token that the caller may end. Asked again, it succeeds and changes nothing: no event either.
    func revoke(_ token: TokenRecord, by caller: Caller) throws(ChangeFailure) -> TokenRecord {
        if token.revokedAt != nil { return token }
        try revoke(tokenNumber: token.number)
        try record(
            TokenAction.revoked.name(token.kind), target: token.id, by: caller,
            token.ownerMetadata + [.init("name", token.name)])
        return try writtenToken(token.number)
    }
}

/// Ends what a secret opens, for whoever holds it: who finds a leaked token needs no login.
package struct RevokeSelf: Operation {
    package let digest: Digest

    package init(digest: Digest) {
        self.digest = digest
    }

    package var mayUseReserve: Bool { true }

    package func perform(in transaction: WriteTransaction) throws(ChangeFailure) {
        let found = try sqlite { () throws(SQLiteError) in
            try transaction.connection.credential(digest, transaction.rules)
        }
        guard let found, transaction.origin.reach.covers(found.facts.workspaceID) else {
            throw .refused(.notFound("token"))
        }
        // A dead secret changes nothing. A suspended owner or a disabled account doesn't prevent the end of a live one.
        if found.isDead(at: transaction.believedNow) { return }
        if found.facts.supersededAt != nil {
            try transaction.endOverlap(ofToken: found.tokenNumber)
            try record("overlap", found, transaction)
        } else {
            try transaction.revoke(tokenNumber: found.tokenNumber)
            try record("token", found, transaction)
        }
    }

    private func record(
        _ ended: String, _ found: Credential, _ transaction: WriteTransaction
    ) throws(ChangeFailure) {
        try transaction.record(
            TokenAction.revoked.name(found.kind), target: found.tokenID,
            actor: found.tokenID, workspaceNumber: found.principal.workspaceNumber,
            workspaceID: found.principal.workspaceID,
            found.ownerMetadata + [.init("name", found.tokenName), .init("by_secret", ended)])
    }
}

extension Credential {
    /// Whether the secret opens nothing and never will again: not by a clock either that is ahead and is put right.
    package func isDead(at believedNow: Instant) -> Bool {
        if facts.isTokenEnded || facts.isParentEnded || facts.hasExpiredForGood { return true }
        if let expiresAt = facts.expiresAt, expiresAt <= believedNow { return true }
        return facts.supersededAt.map { $0 <= believedNow } ?? false
    }
}
