package import TokenCore

/// Ends a personal token of the caller's user, or any of the workspace for its administrator. Final.
package struct RevokeToken: Operation {
    package let tokenID: String

    package init(tokenID: String) {
        self.tokenID = tokenID
    }

    package func perform(in transaction: WriteTransaction) throws(ChangeFailure) -> TokenRecord {
        let caller = try transaction.caller()
        let token = try transaction.visibleToken(id: tokenID, to: caller)
        // Asked again, it succeeds and changes nothing: no event either.
        if token.revokedAt != nil { return token }
        try transaction.revoke(tokenNumber: token.number)
        try transaction.record("token.revoked", target: token.id, by: caller, [.init("name", token.name)])
        return try transaction.writtenToken(token.number)
    }
}

/// Ends what a secret opens, for whoever holds it: who finds a leaked token needs no login.
package struct RevokeSelf: Operation {
    package let digest: Digest

    package init(digest: Digest) {
        self.digest = digest
    }

    package func perform(in transaction: WriteTransaction) throws(ChangeFailure) {
        let found = try transaction.sqlite { () throws(SQLiteError) in
            try transaction.connection.credential(digest, transaction.rules)
        }
        guard let found else { throw .refused(.notFound("token")) }
        // A dead secret changes nothing. A suspended owner or a disabled account doesn't prevent the end of a live one.
        if found.facts.isTokenEnded || found.facts.isParentEnded { return }
        if let diesAt = found.facts.supersededAt {
            if diesAt <= transaction.now { return }
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
            found.kind == .serviceAccount ? "service_account.token_revoked" : "token.revoked", target: found.tokenID,
            actor: found.tokenID, workspaceNumber: found.principal.workspaceNumber,
            workspaceID: found.principal.workspaceID,
            [.init("name", found.tokenName), .init("by_secret", ended)])
    }
}
