import TokenCore
import TokenStore
import TokenWire

/// Workspaces, for the host's operator.
extension Dispatcher {
    func listWorkspaces(_ payload: Span<UInt8>, _ context: CallContext) throws -> ListWorkspacesResponse {
        let request = try ListWorkspacesRequest.View(payload)
        var checks = FieldChecks()
        let pageSize = checks.pageSize("page_size", request.pageSize)
        let state = checks.workspaceState("state", request.state)
        try checks.finish()
        let cursor = PageCursor(
            of: .listWorkspaces, for: "", in: "", filters: [state.map { "\($0)" } ?? ""], key: store.cursorKey)
        let (records, nextToken) = try page(cursor, request.pageToken) { below in
            try reader.workspaces(state: state, below: below, pageSize: pageSize)
        }
        let count = try reader.workspaceCount(state: state)
        return ListWorkspacesResponse(
            workspaces: records.map { .init($0) }, nextPageToken: nextToken, totalSize: Int32(clamping: count))
    }

    func setWorkspaceState(_ payload: Span<UInt8>, _ context: CallContext) throws -> Disposition {
        let request = try SetWorkspaceStateRequest.View(payload)
        var checks = FieldChecks()
        let state = checks.workspaceState("state", request.state)
        if request.state == .unspecified { checks.note("state", "is missing: active, suspended or ended") }
        try checks.finish()
        guard let state else { throw Refusal.invalid("state", "is missing") }
        let operation = SetWorkspaceState(workspaceID: String(copying: request.id), state: state)
        return submit(operation, context) { SetWorkspaceStateResponse(workspace: .init($0)) }
    }
}
