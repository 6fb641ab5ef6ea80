import TokenCore
import TokenStore
import TokenWire

/// Service accounts.
extension Dispatcher {
    func createServiceAccount(_ payload: Span<UInt8>, _ context: CallContext) throws -> Disposition {
        let request = try CreateServiceAccountRequest.View(payload)
        var checks = FieldChecks()
        let name = checks.name("name", request.name)
        let scopes = checks.scopes("scopes", request.scopes, mayBeEmpty: true)
        let requestID = checks.requestID("request_id", request.requestID)
        try checks.finish()
        // Rejects early, here and below; the writer judges the caller again inside the transaction.
        try charge(try administrator(context))
        let operation = CreateServiceAccount(name: name, scopes: scopes, request: requestID)
        return submit(operation, context) { ServiceAccountResponse(serviceAccount: .init($0)) }
    }

    func updateServiceAccount(_ payload: Span<UInt8>, _ context: CallContext) throws -> Disposition {
        let request = try UpdateServiceAccountRequest.View(payload)
        var checks = FieldChecks()
        let name = request.hasName ? checks.name("name", request.name) : nil
        let scopes =
            request.scopes.isPresent ? checks.scopes("scopes", request.scopes.scopes, mayBeEmpty: true) : nil
        try checks.finish()
        try charge(try administrator(context))
        let operation = UpdateServiceAccount(
            accountID: try accountID(request.id), name: name, scopes: scopes, isDisabled: request.disabled)
        return submit(operation, context) { ServiceAccountResponse(serviceAccount: .init($0)) }
    }

    func deleteServiceAccount(_ payload: Span<UInt8>, _ context: CallContext) throws -> Disposition {
        let request = try DeleteServiceAccountRequest.View(payload)
        try chargeIfRefused(try administrator(context))
        let operation = DeleteServiceAccount(accountID: try accountID(request.id))
        return submit(operation, context) { EndedTokensResponse(endedTokenCount: $0) }
    }

    func getServiceAccount(_ payload: Span<UInt8>, _ context: CallContext) throws -> ServiceAccountResponse {
        let request = try GetServiceAccountRequest.View(payload)
        let caller = try administrator(context)
        return ServiceAccountResponse(
            serviceAccount: .init(try reader.account(id: try accountID(request.id), visibleTo: caller)))
    }

    func listServiceAccounts(
        _ payload: Span<UInt8>, _ context: CallContext, _ output: inout WireBuffer
    ) throws -> Disposition {
        let request = try ListServiceAccountsRequest.View(payload)
        var checks = FieldChecks()
        let pageSize = checks.pageSize("page_size", request.pageSize)
        var filter = AccountFilter()
        filter.namePrefix = checks.namePrefix("name_prefix", request.namePrefix)
        filter.scope = checks.optionalScope("scope", request.scope)
        filter.isDisabled = request.disabled
        try checks.finish()
        let caller = try administrator(context)
        let cursor = cursor(.listServiceAccounts, caller, filters: filter.parts)
        let work = try ListWork(
            self, cursor, request.pageToken, pageSize: pageSize,
            read: { [reader, filter] in
                try reader.accounts(
                    visibleTo: caller, matching: filter, below: $0.below, pageSize: $0.elementCountMax,
                    rowCountMax: $0.rowCountMax)
            },
            count: filter == AccountFilter() ? { [reader] in try reader.accountCount(visibleTo: caller) } : nil,
            judge: { try self.administrator($0).principal.number == caller.principal.number },
            make: {
                ListServiceAccountsResponse(
                    serviceAccounts: $0.map { .init($0) }, nextPageToken: $1, totalSize: $2)
            })
        return try begin(work, context, &output)
    }

    /// The caller, who has to hold `workspace:admin` before anything is said of an id.
    func administrator(_ context: CallContext) throws -> Caller {
        let caller = try caller(context)
        try caller.checkAdministration()
        return caller
    }

    /// An id that could be an account's; any other is not found without a look-up.
    func accountID(_ text: UTF8Span) throws(Refusal) -> String {
        if TypedID.serviceAccount.parse(text.span) == nil { throw .notFound("service account") }
        return String(copying: text)
    }
}
