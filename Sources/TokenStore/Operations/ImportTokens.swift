package import TokenCore

/// Takes over existing tokens of other systems by the digest of their text: all of a batch, or none of it.
///
/// The same import again succeeds and changes nothing, whatever has become of its tokens. A digest that is known otherwise,
/// live or dead, is refused: it never comes to mean something else.
package struct ImportTokens: Operation {
    package static let countMax = 100

    /// One token, which becomes a personal token of a member.
    package struct Item: Sendable {
        package let digest: Digest
        package let name: String
        /// The member it acts for; empty for the caller.
        package let ownerID: String
        package let scopes: ScopeSet
        package let expiresAt: Instant?
        package let hint: String

        package init(
            digest: Digest, name: String, ownerID: String, scopes: ScopeSet, expiresAt: Instant?, hint: String
        ) {
            self.digest = digest
            self.name = name
            self.ownerID = ownerID
            self.scopes = scopes
            self.expiresAt = expiresAt
            self.hint = hint
        }
    }

    package struct Outcome: Sendable {
        /// In the order of the items, as they now are.
        package let tokens: [TokenRecord]
        /// The others had been taken over before.
        package let importedCount: Int
    }

    package let items: [Item]

    package init(items: [Item]) {
        self.items = items
    }

    package func perform(in transaction: WriteTransaction) throws(ChangeFailure) -> Outcome {
        if !(1...Self.countMax).contains(items.count) {
            throw .refused(.invalid("tokens", "must be 1 to \(Self.countMax)"))
        }
        let caller = try transaction.caller()
        try caller.checkAdministration()
        var tokens: [TokenRecord] = []
        var importedCount = 0
        var refusals: [(index: Int, refusal: Refusal)] = []
        for (index, item) in items.enumerated() {
            do throws(ChangeFailure) {
                if let token = try transaction.tokenOfSameImport(item, by: caller) {
                    tokens.append(token)
                } else {
                    tokens.append(try transaction.take(item, by: caller))
                    importedCount += 1
                }
            } catch .refused(let refusal) {
                // On with the others, so that all at fault are named at once. The savepoint takes back what was written.
                refusals.append((index, refusal))
            }
        }
        if !refusals.isEmpty { throw .refused(Self.refusal(of: refusals)) }
        if importedCount > 0 { transaction.hasImported = true }
        return Outcome(tokens: tokens, importedCount: importedCount)
    }

    /// One refusal for all: with the reason of the first, and each named by its place and field.
    private static func refusal(of refusals: [(index: Int, refusal: Refusal)]) -> Refusal {
        let fields = refusals.flatMap { index, refusal in
            let fields = refusal.fields.isEmpty ? [Refusal.Field(name: "", problem: refusal.message)] : refusal.fields
            return fields.map { field in
                Refusal.Field(
                    name: "tokens[\(index)]" + (field.name.isEmpty ? "" : "." + field.name), problem: field.problem)
            }
        }
        let (first, refusal) = refusals[0]
        return Refusal(
            refusal.reason,
            "\(refusals.count) of the tokens can't be imported, so none was; the first is tokens[\(first)]: "
                + refusal.message,
            fields: fields, metadata: refusal.metadata)
    }
}

extension WriteTransaction {
    /// The token that has this digest because the very same was imported before. Any other that has it is in the way.
    fileprivate func tokenOfSameImport(
        _ item: ImportTokens.Item, by caller: Caller
    ) throws(ChangeFailure) -> TokenRecord? {
        let found = try sqlite { () throws(SQLiteError) -> (token: Int64, isImported: Bool)? in
            // One that only begins like it is in the way too: both would have one row.
            let statement = try connection.statement(
                "SELECT token, is_imported AND digest = ?2 FROM secret WHERE number = ?1")
            statement.bind(1, item.digest.secretNumber)
            statement.bind(2, item.digest)
            guard try statement.step() else { return nil }
            defer { statement.reset() }
            return (statement.integer(0), statement.bool(1))
        }
        guard let found else { return nil }
        let token = try writtenToken(found.token)
        guard found.isImported, token.workspaceID == caller.principal.workspaceID,
            token.ownerID == item.ownerID(for: caller), token.name.utf8.elementsEqual(item.name.utf8),
            token.scopes == item.scopes, token.expiresAt == item.expiresAt
        else {
            let problem = "is known already; a secret never comes to mean something else"
            throw .refused(
                Refusal(
                    .conflict, "digest: \(problem)", fields: [Refusal.Field(name: "digest", problem: problem)]))
        }
        return token
    }

    /// What the caller may not give is told of the field that asks for it.
    private func checkPower(_ caller: Caller, _ item: ImportTokens.Item) throws(ChangeFailure) {
        do throws(Denial) {
            try caller.power.checkAdministration(of: item.scopes, expiresAt: item.expiresAt)
        } catch {
            let field = if case .outlivesBearer = error { "expires_at" } else { "scopes" }
            throw .refused(Refusal(error).naming(field))
        }
    }

    fileprivate func take(_ item: ImportTokens.Item, by caller: Caller) throws(ChangeFailure) -> TokenRecord {
        try checkGrant(item.scopes, expiresAt: item.expiresAt)
        try checkPower(caller, item)
        try checkLifetime(item.expiresAt, of: .personal)
        let owner = try sqlite { () throws(SQLiteError) in
            try connection.member(item.ownerID(for: caller), workspace: caller.principal.workspaceNumber)
        }
        guard let owner else {
            throw .refused(
                Refusal(
                    .notFound, "no such member", fields: [Refusal.Field(name: "owner_id", problem: "is no member")]))
        }
        let endedID: String?
        do throws(ChangeFailure) {
            endedID = try freeName(item.name, ofPrincipal: owner.number)
        } catch .refused(let refusal) {
            throw .refused(refusal.naming("name"))
        }
        let number = try insertToken(
            principal: owner.number, name: item.name, scopes: item.scopes, expiresAt: item.expiresAt,
            secret: SecretDraft(digest: item.digest, hint: item.hint.isEmpty ? "…" : item.hint),
            createdBy: caller.principal.id, isImported: true)
        let token = try writtenToken(number)
        var metadata = [AuditEvent.Metadata("owner", owner.userID)] + token.creationMetadata
        if let endedID { metadata.append(.init("ended_token", endedID)) }
        try record("token.imported", target: token.id, by: caller, metadata)
        return token
    }
}

extension ImportTokens.Item {
    fileprivate func ownerID(for caller: Caller) -> String { ownerID.isEmpty ? caller.principal.id : ownerID }
}
