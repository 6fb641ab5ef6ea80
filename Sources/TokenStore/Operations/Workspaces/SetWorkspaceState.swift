import TokenCore

/// Suspends a workspace with everything in it, lifts that, or ends it for good. For the host's operator.
package struct SetWorkspaceState: Operation {
    package let workspaceID: String
    package let state: WorkspaceState

    package init(workspaceID: String, state: WorkspaceState) {
        self.workspaceID = workspaceID
        self.state = state
    }

    package var mayUseReserve: Bool { state != .active }

    package func perform(in transaction: WriteTransaction) throws(ChangeFailure) -> WorkspaceRecord {
        guard case .host = transaction.origin.claim else {
            throw .refused(Refusal(.forbidden, "only the host's operator suspends, activates or ends workspaces"))
        }
        let workspace = try workspace(transaction)
        if workspace.state == state { return workspace }
        if workspace.state == .ended {
            throw .refused(
                Refusal(
                    .conflict, "the workspace \(workspaceID) has ended, which is final; bootstrap another one",
                    metadata: ["workspace_id": workspaceID]))
        }
        transaction.touchAll()
        try transaction.run("UPDATE workspace SET state = ?2, ended_at = ?3 WHERE number = ?1") { statement in
            statement.bind(1, workspace.number)
            statement.bind(2, state.rawValue)
            statement.bind(3, state == .ended ? transaction.now : nil)
        }
        try transaction.record(
            action, target: workspaceID, actor: "uid:\(transaction.origin.peerUserID)",
            workspaceNumber: workspace.number, workspaceID: workspaceID)
        return try self.workspace(transaction)
    }

    private var action: String {
        switch state {
        case .active: "workspace.reactivated"
        case .suspended: "workspace.suspended"
        case .ended: "workspace.ended"
        }
    }

    private func workspace(_ transaction: WriteTransaction) throws(ChangeFailure) -> WorkspaceRecord {
        let found = try sqlite { () throws(SQLiteError) in
            try transaction.connection.workspace(id: workspaceID)
        }
        guard let found else { throw .refused(.notFound("workspace")) }
        return found
    }
}
