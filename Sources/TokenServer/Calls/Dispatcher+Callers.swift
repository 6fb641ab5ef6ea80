import TokenCore
import TokenStore
import TokenWire

extension Dispatcher {
    func whoAmI(_ context: CallContext) throws -> WhoAmIResponse {
        let caller = try caller(context)
        var response = WhoAmIResponse(
            principalID: caller.principal.id, callerKind: callerKind(caller),
            workspaceID: caller.principal.workspaceID, role: caller.principal.role ?? "",
            scopes: caller.power.scopes.scopes.map(\.text))
        if let bearer = caller.bearer, let record = try reader.token(number: bearer.tokenNumber) {
            response.token = .init(record, at: context.now)
        }
        return response
    }

    private func callerKind(_ caller: Caller) -> CallerKind {
        guard let bearer = caller.bearer else { return .delegatedUser }
        return bearer.kind == .serviceAccount ? .serviceAccountToken : .personalToken
    }

    /// The catalogue. Who names a caller also hears what of it that caller could grant.
    func listScopes(_ context: CallContext) throws -> ListScopesResponse {
        var held = ScopeSet()
        if case .none = context.claim {} else { held = try caller(context).power.scopes }
        return ListScopesResponse(
            groups: reader.rules.catalogue.groups.map { group in
                ScopeGroup(
                    name: group.name,
                    scopes: group.entries.map { entry in
                        TokenWire.Scope(
                            name: entry.scope.text, description: entry.description,
                            grantable: held.contains(entry.scope))
                    })
            })
    }

    /// Events of the caller's workspace for who holds `audit:read`; all of them for an operator who names no caller.
    func listEvents(_ payload: Span<UInt8>, _ context: CallContext) throws -> ListEventsResponse {
        let request = try ListEventsRequest.View(payload)
        var checks = FieldChecks()
        let pageSize = checks.pageSize("page_size", request.pageSize)
        var filter = EventFilter()
        filter.actor = String(copying: request.actor)
        filter.action = String(copying: request.action)
        filter.target = String(copying: request.target)
        filter.start = checks.instant("start_time", request.startTime)
        filter.end = checks.instant("end_time", request.endTime)
        try checks.finish()
        let reader = try eventReader(context)
        let cursor = PageCursor(
            of: .listEvents, for: reader.callerID, in: reader.workspaceID, filters: filter.parts, key: store.cursorKey)
        let page = try self.reader.events(
            reader.scope, matching: filter, below: try cursor.position(request.pageToken), pageSize: pageSize)
        let count = try self.reader.eventCount(reader.scope, matching: filter)
        return ListEventsResponse(
            events: page.elements.map { .init($0) }, nextPageToken: page.nextBelow.map(cursor.text) ?? "",
            totalSize: Int32(clamping: count))
    }

    private func eventReader(
        _ context: CallContext
    ) throws -> (scope: EventScope, callerID: String, workspaceID: String) {
        if case .none = context.claim, context.peer.holds(.operate) { return (.host, "", "") }
        let caller = try caller(context)
        let scope = "audit:read"
        if !caller.holds(scope) {
            throw Refusal(
                .forbidden, "reading the audit needs \(scope)", metadata: ["missing_scopes": scope])
        }
        return (
            .workspace(number: caller.principal.workspaceNumber), caller.principal.id, caller.principal.workspaceID
        )
    }
}
