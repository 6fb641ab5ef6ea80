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

    func listMembers(_ payload: Span<UInt8>, _ context: CallContext) throws -> ListMembersResponse {
        let request = try ListMembersRequest.View(payload)
        var checks = FieldChecks()
        let pageSize = checks.pageSize("page_size", request.pageSize)
        var filter = MemberFilter()
        filter.role = checks.filter("role", request.role)
        filter.isSuspended = checks.isSuspended("status", request.status)
        filter.userID = checks.filter("user_id", request.userID)
        try checks.finish()
        let caller = try caller(context)
        let cursor = cursor(.listMembers, caller, filters: filter.parts)
        let (records, nextToken) = try page(cursor, request.pageToken) { below in
            try reader.members(visibleTo: caller, matching: filter, below: below, pageSize: pageSize)
        }
        let count = try reader.memberCount(visibleTo: caller, matching: filter)
        return ListMembersResponse(
            members: records.map { .init($0) }, nextPageToken: nextToken, totalSize: Int32(clamping: count))
    }
}
