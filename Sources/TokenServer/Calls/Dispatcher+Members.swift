import TokenCore
import TokenStore
import TokenWire

/// Members of a workspace.
extension Dispatcher {
    func putMember(_ payload: Span<UInt8>, _ context: CallContext) throws -> Disposition {
        let request = try PutMemberRequest.View(payload)
        var checks = FieldChecks()
        let userID = checks.userID("user_id", request.userID)
        let isSuspended = checks.isSuspended("status", request.status)
        try checks.finish()
        let caller = try caller(context)
        try caller.checkMembership()
        try charge(caller)
        let operation = PutMember(
            userID: userID, role: request.role.isEmpty ? nil : String(copying: request.role),
            isSuspended: isSuspended)
        return submit(operation, context) { PutMemberResponse(member: .init($0.member), created: $0.hasJoined) }
    }

    func removeMember(_ payload: Span<UInt8>, _ context: CallContext) throws -> Disposition {
        let request = try RemoveMemberRequest.View(payload)
        let caller = try caller(context)
        try caller.checkRemoval()
        try chargeIfRefused(caller)
        let operation = RemoveMember(userID: String(copying: request.userID))
        return submit(operation, context) { EndedTokensResponse(endedTokenCount: $0) }
    }

    func listMembers(
        _ payload: Span<UInt8>, _ context: CallContext, _ output: inout WireBuffer
    ) throws -> Disposition {
        let request = try ListMembersRequest.View(payload)
        var checks = FieldChecks()
        let pageSize = checks.pageSize("page_size", request.pageSize)
        var filter = MemberFilter()
        filter.role = checks.filter("role", request.role)
        filter.isSuspended = checks.isSuspended("status", request.status)
        filter.userID = checks.filter("user_id", request.userID)
        try checks.finish()
        let caller = try memberReader(context)
        let cursor = cursor(.listMembers, caller, filters: filter.parts)
        let work = try ListWork(
            self, cursor, request.pageToken, pageSize: pageSize,
            read: { [reader, filter] in
                try reader.members(
                    visibleTo: caller, matching: filter, below: $0.below, pageSize: $0.elementCountMax,
                    rowCountMax: $0.rowCountMax)
            },
            count: filter == MemberFilter() ? { [reader] in try reader.memberCount(visibleTo: caller) } : nil,
            judge: { try self.memberReader($0).principal.number == caller.principal.number },
            make: { ListMembersResponse(members: $0.map { .init($0) }, nextPageToken: $1, totalSize: $2) })
        return try begin(work, context, &output)
    }

    /// The caller, who has to hold what seeing members needs.
    private func memberReader(_ context: CallContext) throws -> Caller {
        let caller = try caller(context)
        try caller.checkMembership()
        return caller
    }
}
