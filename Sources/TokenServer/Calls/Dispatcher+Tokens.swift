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
        // Rejects early; the writer finds the caller again inside the transaction.
        _ = try caller(context)
        let secret = NewSecret(.personal, prefixes)
        let operation = CreateToken(
            name: name, scopes: scopes, expiresAt: expiresAt, request: requestID, secret: secret.draft)
        return submit(operation, context) { secret.response($0, at: context.now) }
    }

    func rollToken(_ payload: Span<UInt8>, _ context: CallContext) throws -> Disposition {
        let request = try RollTokenRequest.View(payload)
        var checks = FieldChecks()
        let overlapSeconds = Int64(request.overlapSeconds)
        if overlapSeconds > RollToken.overlapSecondsMax {
            checks.note("overlap_seconds", "is more than \(RollToken.overlapSecondsMax), seven days")
        }
        let requestID = checks.requestID("request_id", request.requestID)
        try checks.finish()
        _ = try caller(context)
        let id = try existingID(request.id)
        let secret = NewSecret(.personal, prefixes)
        let operation = RollToken(
            tokenID: id, overlapSeconds: overlapSeconds, request: requestID, secret: secret.draft)
        return submit(operation, context) { secret.response($0, at: context.now) }
    }

    func revokeToken(_ payload: Span<UInt8>, _ context: CallContext) throws -> Disposition {
        let request = try RevokeTokenRequest.View(payload)
        _ = try caller(context)
        let operation = RevokeToken(tokenID: try existingID(request.id))
        return submit(operation, context) { RevokeTokenResponse(token: .init($0, at: context.now)) }
    }

    func revokeSelf(_ payload: Span<UInt8>, _ context: CallContext) throws -> Disposition {
        let request = try RevokeSelfRequest.View(payload)
        let token = request.token.span
        guard TokenText.parse(token, prefixes) != nil else {
            throw Refusal.invalid("token", "is no token: check that it was copied whole")
        }
        return submit(RevokeSelf(digest: Digest(hashing: token)), context) { RevokeSelfResponse() }
    }

    func getToken(_ payload: Span<UInt8>, _ context: CallContext) throws -> GetTokenResponse {
        let request = try GetTokenRequest.View(payload)
        let caller = try caller(context)
        let record = try reader.token(id: try existingID(request.id), visibleTo: caller)
        return GetTokenResponse(token: .init(record, at: context.now))
    }

    func listTokens(_ payload: Span<UInt8>, _ context: CallContext) throws -> ListTokensResponse {
        let request = try ListTokensRequest.View(payload)
        var checks = FieldChecks()
        let pageSize = checks.pageSize("page_size", request.pageSize)
        let filter = tokenFilter(request, &checks)
        try checks.finish()
        let caller = try caller(context)
        let ownerID = String(copying: request.ownerID)
        let owner = try reader.owner(ofListBy: caller, ownerID: ownerID)
        let cursor = PageCursor(
            of: .listTokens, for: caller.principal.id, in: caller.principal.workspaceID,
            filters: [ownerID] + filter.parts, key: store.cursorKey)
        let page = try reader.tokens(
            ofPrincipal: owner, matching: filter, below: try cursor.position(request.pageToken), pageSize: pageSize,
            now: context.now)
        let count = try reader.tokenCount(ofPrincipal: owner, matching: filter, now: context.now)
        return ListTokensResponse(
            tokens: page.elements.map { .init($0, at: context.now) },
            nextPageToken: page.nextBelow.map(cursor.text) ?? "", totalSize: Int32(clamping: count))
    }

    private func tokenFilter(
        _ request: borrowing ListTokensRequest.View, _ checks: inout FieldChecks
    ) -> TokenFilter {
        var filter = TokenFilter()
        switch request.state {
        case .unspecified: break
        case .active: filter.state = .active
        case .expired: filter.state = .expired
        case .revoked: filter.state = .revoked
        case .ownerSuspended: filter.state = .paused
        default: checks.note("state", "is no state of a personal token")
        }
        if request.kind != .unspecified && request.kind != .personal {
            checks.note("kind", "is no kind of this service; service accounts have their own")
        }
        if !request.scope.isEmpty {
            filter.scope = TokenCore.Scope(utf8: request.scope.span)
            if filter.scope == nil { checks.note("scope", "is no scope; one is resource:verb") }
        }
        filter.expiresBefore = checks.instant("expires_before", request.expiresBefore)
        filter.unusedSince = checks.instant("unused_since", request.unusedSince)
        filter.namePrefix = String(copying: request.namePrefix)
        return filter
    }

    /// An id that could be a token's; any other is not found without a look-up.
    private func existingID(_ text: UTF8Span) throws(Refusal) -> String {
        if TypedID.token.parse(text.span) == nil { throw .notFound("token") }
        return String(copying: text)
    }
}
