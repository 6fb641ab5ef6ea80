import LinuxIO
import TokenCore
import TokenStore
import TokenWire

extension Dispatcher {
    /// For whom the call is made, as the store has it now. A bearer's token is used by it.
    func caller(_ context: CallContext) throws(ChangeFailure) -> Caller {
        let caller = try reader.caller(context.claim, now: context.now, within: context.peer.power.reach)
        if let bearer = caller.bearer { note(bearer.tokenNumber, usedAt: context.now) }
        return caller
    }

    /// Takes changes from the caller's bucket. Those of a trusted peer that names a user are not counted: it answers for
    /// its own callers.
    func charge(_ caller: Caller, changeCount: Int = 1) throws(Refusal) {
        try charge(changeCount, of: caller.principal.number, by: caller)
    }

    /// For a change that ends tokens, which waits behind no others: it counts for its token, and only if it is refused.
    func chargeIfRefused(_ caller: Caller) throws(Refusal) {
        try charge(1, of: nil, by: caller)
    }

    private func charge(_ count: Int, of principal: Int64?, by caller: Caller) throws(Refusal) {
        guard let bearer = caller.bearer else { return }
        let outcome = facts.changes.take(
            count, of: principal, by: bearer.tokenNumber, now: SystemClock.monotonicNanoseconds())
        let wait: Int64
        switch outcome {
        case .taken(let charge):
            self.charge = charge
            return
        case .tooMany(let nanoseconds):
            wait = nanoseconds
        }
        let milliseconds = wait / 1_000_000 + 1
        throw Refusal(
            .rateLimited, "too many changes by this caller; try again in \(milliseconds) ms",
            metadata: ["retry_after_milliseconds": String(milliseconds)])
    }

    /// Takes a change from the caller's bucket, and refuses here who would be refused by the writer, which finds the caller
    /// again inside the transaction. A user whom a trusted peer names has no bucket, and is looked up there alone.
    func chargeCaller(_ context: CallContext) throws {
        if case .delegated = context.claim { return }
        try charge(try caller(context))
    }

    func whoAmI(_ payload: Span<UInt8>, _ context: CallContext) throws -> WhoAmIResponse {
        _ = try WhoAmIRequest.View(payload)
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
    func listScopes(_ payload: Span<UInt8>, _ context: CallContext) throws -> ListScopesResponse {
        _ = try ListScopesRequest.View(payload)
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
}
