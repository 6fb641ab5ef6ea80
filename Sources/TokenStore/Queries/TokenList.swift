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

/// Part of a list, newest first, and where it goes on.
package struct ListPage<Element: Sendable>: Sendable {
    package let elements: [Element]
    /// The number below which the next page begins; none on the last.
    package let nextBelow: Int64?
}

/// What a page of any list may cost.
package enum ListLimits {
    /// A page reads no more rows than this and may come back short, so that no list holds up a loop for long.
    package static let rowCountMax = 10_000
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
        ofPrincipal principal: Int64, matching filter: TokenFilter, below: Int64, pageSize: Int, now: Instant
    ) throws(SQLiteError) -> ListPage<TokenRecord> {
        var page = PageBuilder<TokenRecord>(pageSize: pageSize)
        try connection.forEachToken(ofPrincipal: principal, below: below) { token in
            page.take(token, number: token.number, isAdmitted: filter.admits(token, at: now))
        }
        return page.finished
    }

    /// How many of a member's tokens the filter admits: exact as long as no more than `rowCountMax` have to be read.
    package func tokenCount(
        ofPrincipal principal: Int64, matching filter: TokenFilter, now: Instant
    ) throws(SQLiteError) -> Int {
        if filter == TokenFilter() { return try connection.tokenCount(ofPrincipal: principal) }
        var count = 0
        var readCount = 0
        try connection.forEachToken(ofPrincipal: principal, below: .max) { token in
            readCount += 1
            if filter.admits(token, at: now) { count += 1 }
            return readCount < ListLimits.rowCountMax
        }
        return count
    }
}

/// Collects a page from rows given newest first.
struct PageBuilder<Element: Sendable> {
    private let pageSize: Int
    private var elements: [Element] = []
    private var readCount = 0
    private var lastNumber: Int64?
    private var isCutShort = false

    init(pageSize: Int) {
        self.pageSize = pageSize
    }

    /// False when the page is finished: the row given then belongs to the next one.
    mutating func take(_ element: @autoclosure () -> Element, number: Int64, isAdmitted: Bool) -> Bool {
        if elements.count == pageSize || readCount == ListLimits.rowCountMax {
            isCutShort = true
            return false
        }
        readCount += 1
        lastNumber = number
        if isAdmitted { elements.append(element()) }
        return true
    }

    var finished: ListPage<Element> {
        ListPage(elements: elements, nextBelow: isCutShort ? lastNumber : nil)
    }
}
