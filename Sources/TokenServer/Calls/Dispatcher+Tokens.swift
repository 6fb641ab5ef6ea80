import TokenCore
import TokenStore
import TokenWire

extension Dispatcher {
    func createToken(_ payload: Span<UInt8>, _ context: CallContext) throws -> Disposition {
        let request = try CreateTokenRequest.View(payload)
        var checks = FieldChecks()
        let name = checks.name("name", request.name)
        let scopes = checks.scopes("scopes", request.scopes)
        let expiresAt = checks.instant("expires_at", request.expiresAt)
        let requestID = checks.requestID("request_id", request.requestID)
        try checks.finish()
        try chargeCaller(context)
        let secret = NewSecret(.personal, prefixes)
        let operation = CreateToken(
            name: name, scopes: scopes, expiresAt: expiresAt, request: requestID, secret: secret.draft)
        return submit(operation, secret, context)
    }

    func rollToken(_ payload: Span<UInt8>, _ context: CallContext) throws -> Disposition {
        let request = try RollTokenRequest.View(payload)
        var checks = FieldChecks()
        let overlapSeconds = checks.overlapSeconds("overlap_seconds", request.overlapSeconds)
        let requestID = checks.requestID("request_id", request.requestID)
        try checks.finish()
        try charge(try caller(context))
        let id = try tokenID(request.id)
        let secret = NewSecret(.personal, prefixes)
        let operation = RollToken(
            tokenID: id, overlapSeconds: overlapSeconds, request: requestID, secret: secret.draft)
        return submit(operation, secret, context)
    }

    func revokeToken(
        _ payload: Span<UInt8>, _ context: CallContext, _ output: inout WireBuffer
    ) throws -> Disposition {
        let request = try RevokeTokenRequest.View(payload)
        let caller = try caller(context)
        let id = try tokenID(request.id)
        let record = try reader.token(id: id, visibleTo: caller)
        return revoke(record, RevokeToken(tokenID: id), context, &output)
    }

    /// Revocations are not limited in rate: those that change nothing take no place among the changes that wait.
    func revoke<Work: Operation>(
        _ record: TokenRecord, _ operation: Work, _ context: CallContext, _ output: inout WireBuffer
    ) -> Disposition where Work.Output == TokenRecord {
        if record.revokedAt == nil {
            return submit(operation, context) { RevokeTokenResponse(token: .init($0, at: context.now)) }
        }
        reply(context.call, RevokeTokenResponse(token: .init(record, at: context.now)), &output)
        return .answered
    }

    func revokeSelf(
        _ payload: Span<UInt8>, _ context: CallContext, _ output: inout WireBuffer
    ) throws -> Disposition {
        let request = try RevokeSelfRequest.View(payload)
        guard let token = presentedToken(request.token.span) else {
            throw Refusal.invalid("token", "is no token: check that it was copied whole")
        }
        let found = try reader.credential(token.digest, isForeign: token.isForeign)
        guard let found, context.peer.power.reach.covers(found.facts.workspaceID) else {
            throw Refusal.notFound("token")
        }
        if !found.isDead(at: reader.believedNow) {
            return submit(RevokeSelf(digest: token.digest), context) { RevokeSelfResponse() }
        }
        reply(context.call, RevokeSelfResponse(), &output)
        return .answered
    }

    func getToken(_ payload: Span<UInt8>, _ context: CallContext) throws -> GetTokenResponse {
        let request = try GetTokenRequest.View(payload)
        let caller = try caller(context)
        let record = try reader.token(id: try tokenID(request.id), visibleTo: caller)
        return GetTokenResponse(token: .init(record, at: context.now))
    }

    func listTokens(
        _ payload: Span<UInt8>, _ context: CallContext, _ output: inout WireBuffer
    ) throws -> Disposition {
        let request = try ListTokensRequest.View(payload)
        var checks = FieldChecks()
        let pageSize = checks.pageSize("page_size", request.pageSize)
        let filter = tokenFilter(request, &checks)
        let ownerID = checks.filter("owner_id", request.ownerID)
        try checks.finish()
        let caller = try caller(context)
        let owner = try reader.owner(ofListBy: caller, ownerID: ownerID)
        let cursor = cursor(.listTokens, caller, filters: [ownerID] + filter.parts)
        let now = context.now
        let work = try ListWork(
            self, cursor, request.pageToken, pageSize: pageSize,
            read: { [reader] in
                try reader.tokens(
                    ofPrincipal: owner, matching: filter, below: $0.below, pageSize: $0.elementCountMax,
                    rowCountMax: $0.rowCountMax, now: now)
            },
            count: filter == TokenFilter() ? { [reader] in try reader.tokenCount(ofPrincipal: owner) } : nil,
            judge: { [reader] in
                let callerNow = try self.caller($0)
                if callerNow.principal.number != caller.principal.number { return false }
                // Another member by now, who has the id of the one whose tokens these are.
                if try reader.owner(ofListBy: callerNow, ownerID: ownerID) != owner { throw Refusal.notFound("member") }
                return true
            },
            make: { ListTokensResponse(tokens: $0.map { .init($0, at: now) }, nextPageToken: $1, totalSize: $2) })
        return try begin(work, context, &output)
    }

    private func tokenFilter(
        _ request: borrowing ListTokensRequest.View, _ checks: inout FieldChecks
    ) -> TokenFilter {
        var filter = TokenFilter()
        filter.state = checks.tokenState("state", request.state, of: .personal)
        checks.kind("kind", request.kind, of: .personal)
        filter.scope = checks.optionalScope("scope", request.scope)
        filter.expiresBefore = checks.instant("expires_before", request.expiresBefore)
        filter.unusedSince = checks.instant("unused_since", request.unusedSince)
        filter.namePrefix = checks.namePrefix("name_prefix", request.namePrefix)
        return filter
    }

    /// An id that could be a token's; any other is not found without a look-up.
    func tokenID(_ text: UTF8Span) throws(Refusal) -> String {
        if TypedID.token.parse(text.span) == nil { throw .notFound("token") }
        return String(copying: text)
    }
}
