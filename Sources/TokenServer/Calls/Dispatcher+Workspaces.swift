import TokenCore
import TokenStore
import TokenWire

/// Workspaces, for the host's operator.
extension Dispatcher {
    func listWorkspaces(
        _ payload: Span<UInt8>, _ context: CallContext, _ output: inout WireBuffer
    ) throws -> Disposition {
        let request = try ListWorkspacesRequest.View(payload)
        var checks = FieldChecks()
        let pageSize = checks.pageSize("page_size", request.pageSize)
        let state = checks.workspaceState("state", request.state)
        try checks.finish()
        let cursor = PageCursor(
            of: .listWorkspaces, for: "", in: "", filters: [state.map { "\($0)" } ?? ""], key: store.cursorKey)
        let work = try ListWork(
            self, cursor, request.pageToken, pageSize: pageSize,
            read: { [reader] in
                try reader.workspaces(
                    state: state, below: $0.below, pageSize: $0.elementCountMax, rowCountMax: $0.rowCountMax)
            },
            count: state == nil ? { [reader] in try reader.workspaceCount() } : nil, judge: { _ in true },
            make: { ListWorkspacesResponse(workspaces: $0.map { .init($0) }, nextPageToken: $1, totalSize: $2) })
        return try begin(work, context, &output)
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
