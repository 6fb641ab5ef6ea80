import TokenCore
import TokenStore
import TokenWire

extension Dispatcher {
    /// Takes over tokens of another system. What is wrong with a token's own fields is found here, for all of them at once;
    /// what is in their way, or more than the caller may give, by the writer.
    func importTokens(_ payload: Span<UInt8>, _ context: CallContext) throws -> Disposition {
        let request = try ImportTokensRequest.View(payload)
        var checks = FieldChecks()
        if !(1...WireLimits.importedTokenCountMax).contains(request.tokens.count) {
            checks.note("tokens", "must be 1 to \(WireLimits.importedTokenCountMax)")
            try checks.finish()
        }
        let items = Self.items(request.tokens, &checks)
        try checks.finish()
        try charge(try administrator(context), changeCount: items.count)
        return submit(ImportTokens(items: items), context) { outcome in
            ImportTokensResponse(
                tokens: outcome.tokens.map { .init($0, at: context.now) },
                importedCount: UInt32(outcome.importedCount))
        }
    }

    private static func items(
        _ tokens: borrowing MessageList<ImportedToken.View>, _ checks: inout FieldChecks
    ) -> [ImportTokens.Item] {
        var items: [ImportTokens.Item] = []
        var digests: Set<Digest> = []
        var index = 0
        var cursor = tokens.makeCursor()
        while let token = cursor.next() {
            if let item = item(token, "tokens[\(index)].", &checks) {
                items.append(item)
                if !digests.insert(item.digest).inserted {
                    checks.note("tokens[\(index)].digest", "is in this request twice")
                }
            }
            index += 1
        }
        return items
    }

    private static let digestOfNothing = {
        let nothing: [UInt8] = []
        return Digest(hashing: nothing.span)
    }()

    private static func item(
        _ token: borrowing ImportedToken.View, _ path: String, _ checks: inout FieldChecks
    ) -> ImportTokens.Item? {
        let digest = Digest(bytes: token.digest)
        if digest == nil { checks.note(path + "digest", "has not 32 bytes; it is the SHA-256 of the token's text") }
        if digest == digestOfNothing {
            checks.note(path + "digest", "is that of the empty text, which no token has; take it of the token's text")
        }
        let name = checks.name(path + "name", token.name)
        let ownerID = token.ownerID.isEmpty ? "" : checks.userID(path + "owner_id", token.ownerID)
        let scopes = checks.scopes(path + "scopes", token.scopes)
        let expiresAt = checks.instant(path + "expires_at", token.expiresAt)
        let hint = hint(token, path + "hint", &checks)
        return digest.map { digest in
            ImportTokens.Item(
                digest: digest, name: name, ownerID: ownerID, scopes: scopes, expiresAt: expiresAt, hint: hint)
        }
    }

    /// A hint is shown in lists, so it is bound by what binds a name, is short, and is not the secret itself.
    private static func hint(
        _ token: borrowing ImportedToken.View, _ field: String, _ checks: inout FieldChecks
    ) -> String {
        if token.hint.isEmpty { return "" }
        let hint = checks.name(field, token.hint)
        if hint.unicodeScalars.count > ServerLimits.hintScalarCountMax {
            checks.note(field, "has more than \(ServerLimits.hintScalarCountMax) characters")
        } else if Digest(hashing: token.hint.span) == Digest(bytes: token.digest) {
            checks.note(field, "is the whole text of the token; show no more than its beginning and end")
        }
        return hint
    }
}
