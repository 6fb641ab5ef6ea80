import TokenCore
import TokenStore
import TokenWire

/// Tokens of service accounts.
extension Dispatcher {
    func issueServiceAccountToken(_ payload: Span<UInt8>, _ context: CallContext) throws -> Disposition {
        let request = try IssueServiceAccountTokenRequest.View(payload)
        var checks = FieldChecks()
        let name = checks.name("name", request.name)
        let scopes = request.scopes.isEmpty ? nil : checks.scopes("scopes", request.scopes)
        let expiresAt = checks.instant("expires_at", request.expiresAt)
        let requestID = checks.requestID("request_id", request.requestID)
        try checks.finish()
        try charge(try administrator(context))
        let secret = NewSecret(.serviceAccount, prefixes)
        let operation = IssueServiceAccountToken(
            accountID: try accountID(request.serviceAccountID), name: name, scopes: scopes, expiresAt: expiresAt,
            request: requestID, secret: secret.draft)
        return submit(operation, secret, context)
    }

    /// Not for administrators alone: a token may roll itself.
    func rollServiceAccountToken(_ payload: Span<UInt8>, _ context: CallContext) throws -> Disposition {
        let request = try RollServiceAccountTokenRequest.View(payload)
        var checks = FieldChecks()
        let overlapSeconds = checks.overlapSeconds("overlap_seconds", request.overlapSeconds)
        let requestID = checks.requestID("request_id", request.requestID)
        try checks.finish()
        let caller = try caller(context)
        if caller.bearer?.tokenID != String(copying: request.id) { try caller.checkAdministration() }
        try charge(caller)
        let secret = NewSecret(.serviceAccount, prefixes)
        let operation = RollServiceAccountToken(
            accountID: try accountID(request.serviceAccountID), tokenID: try tokenID(request.id),
            overlapSeconds: overlapSeconds, request: requestID, secret: secret.draft)
        return submit(operation, secret, context)
    }

    func revokeServiceAccountToken(
        _ payload: Span<UInt8>, _ context: CallContext, _ output: inout WireBuffer
    ) throws -> Disposition {
        let request = try RevokeServiceAccountTokenRequest.View(payload)
        let caller = try administrator(context)
        let operation = RevokeServiceAccountToken(
            accountID: try accountID(request.serviceAccountID), tokenID: try tokenID(request.id))
        let account = try reader.account(id: operation.accountID, visibleTo: caller)
        guard let record = try reader.token(id: operation.tokenID), record.principalNumber == account.number else {
            throw Refusal.notFound("token")
        }
        return revoke(record, operation, context, &output)
    }

    func listServiceAccountTokens(
        _ payload: Span<UInt8>, _ context: CallContext, _ output: inout WireBuffer
    ) throws -> Disposition {
        let request = try ListServiceAccountTokensRequest.View(payload)
        var checks = FieldChecks()
        let pageSize = checks.pageSize("page_size", request.pageSize)
        let filter = tokenFilter(request, &checks)
        try checks.finish()
        let caller = try administrator(context)
        let account = try reader.account(id: try accountID(request.serviceAccountID), visibleTo: caller)
        let cursor = cursor(.listServiceAccountTokens, caller, filters: [account.id] + filter.parts)
        let now = context.now
        let work = try ListWork(
            self, cursor, request.pageToken, pageSize: pageSize,
            read: { [reader] in
                try reader.tokens(
                    ofPrincipal: account.number, matching: filter, below: $0.below, pageSize: $0.elementCountMax,
                    rowCountMax: $0.rowCountMax, now: now)
            },
            count: filter == TokenFilter() ? { [reader] in try reader.tokenCount(ofPrincipal: account.number) } : nil,
            judge: { [reader] in
                try reader.account(id: account.id, visibleTo: self.administrator($0)).number == account.number
            },
            make: {
                ListServiceAccountTokensResponse(
                    tokens: $0.map { .init($0, at: now) }, nextPageToken: $1, totalSize: $2)
            })
        return try begin(work, context, &output)
    }

    private func tokenFilter(
        _ request: borrowing ListServiceAccountTokensRequest.View, _ checks: inout FieldChecks
    ) -> TokenFilter {
        var filter = TokenFilter()
        filter.state = checks.tokenState("state", request.state, of: .serviceAccount)
        checks.kind("kind", request.kind, of: .serviceAccount)
        filter.scope = checks.optionalScope("scope", request.scope)
        filter.expiresBefore = checks.instant("expires_before", request.expiresBefore)
        filter.unusedSince = checks.instant("unused_since", request.unusedSince)
        filter.namePrefix = checks.namePrefix("name_prefix", request.namePrefix)
        return filter
    }
}
