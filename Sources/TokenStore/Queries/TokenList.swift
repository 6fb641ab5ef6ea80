package import TokenCore

/// Which tokens a list shows, beside whose they are.
package struct TokenFilter: Sendable, Equatable {
    package var state: TokenRecord.State?
    package var scope: Scope?
    package var expiresBefore: Instant?
    package var unusedSince: Instant?
    package var namePrefix = ""

    package init() {}

    func admits(_ token: TokenRecord, at now: Instant) -> Bool {
        if let state, token.state(at: now) != state { return false }
        if let scope, !token.scopes.contains(scope) { return false }
        if let expiresBefore, token.expiresAt.map({ $0 >= expiresBefore }) ?? true { return false }
        if let unusedSince, token.lastUsedAt.map({ $0 >= unusedSince }) ?? false { return false }
        return token.name.utf8.starts(with: namePrefix.utf8)
    }
}

extension StoreReader {
    /// The token with this id, if the caller may see it.
    package func token(id: String, visibleTo caller: Caller) throws(ChangeFailure) -> TokenRecord {
        let token = try sqlite { () throws(SQLiteError) in try connection.token(id: id) }
        guard let token, caller.mayManage(token) else { throw .refused(.notFound("token")) }
        return token
    }

    /// The token with this id, whoever may see it.
    package func token(id: String) throws(SQLiteError) -> TokenRecord? {
        try connection.token(id: id)
    }

    package func token(number: Int64) throws(SQLiteError) -> TokenRecord? {
        try connection.token(number: number)
    }

    /// The number of the member whose tokens a list shows: the caller's own, or with `workspace:admin` another's.
    package func owner(ofListBy caller: Caller, ownerID: String) throws(ChangeFailure) -> Int64 {
        if ownerID.isEmpty || ownerID == caller.principal.id {
            if caller.power.isServiceAccount { throw .refused(Refusal(.isServiceAccount)) }
            return caller.principal.number
        }
        try caller.checkAdministration()
        let member = try sqlite { () throws(SQLiteError) in
            try connection.liveMember(userID: ownerID, workspaceID: caller.principal.workspaceID)
        }
        guard let member else { throw .refused(.notFound("member")) }
        return member.record.number
    }

    /// One page of a member's tokens.
    package func tokens(
        ofPrincipal principal: Int64, matching filter: TokenFilter, below: Int64, pageSize: Int,
        rowCountMax: Int = ListLimits.rowCountMax, now: Instant
    ) throws(SQLiteError) -> ListPage<TokenRecord> {
        var page = PageBuilder<TokenRecord>(pageSize: pageSize, rowCountMax: rowCountMax)
        try connection.forEachToken(ofPrincipal: principal, below: below) { token in
            page.take(token, number: token.number, isAdmitted: filter.admits(token, at: now))
        }
        return page.finished
    }

    /// How many tokens the principal has, up to `rowCountMax`, without a look at any.
    package func tokenCount(ofPrincipal principal: Int64) throws(SQLiteError) -> Int {
        try connection.tokenCount(ofPrincipal: principal)
    }
}
