extension Verification {
    /// What the daemon would have answered to the same question with these conditions, if this is its answer to the one
    /// without: see PROTOCOL.md ("Outcomes").
    func judged(requiring requiredScopes: [String], in workspaceID: String?) -> Verification {
        if let workspaceID, !workspaceID.isEmpty, self.workspaceID != nil, !isIn(workspace: workspaceID) {
            return .ofAnotherWorkspace
        }
        guard outcome == .valid else { return self }
        let missing = requiredScopes.filter { required in
            !scopes.contains { $0.utf8.elementsEqual(required.utf8) }
        }
        return missing.isEmpty ? self : insufficient(missing)
    }

    /// Compared by bytes, as the daemon does.
    func isIn(workspace: String) -> Bool {
        workspaceID.map { $0.utf8.elementsEqual(workspace.utf8) } ?? false
    }

    private static let ofAnotherWorkspace = Verification(Values(outcome: .workspaceMismatch))

    private func insufficient(_ missingScopes: [String]) -> Verification {
        var values = facts.values
        values.outcome = .insufficientScope
        values.scopes = []
        values.missingScopes = missingScopes
        return Verification(values)
    }
}
