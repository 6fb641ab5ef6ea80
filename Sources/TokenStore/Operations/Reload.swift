import TokenCore

/// Puts other rules in force, for everything that is judged after it. For the host's operator.
package struct Reload: Operation {
    package let rules: AccessRules
    /// The names of what has changed, for the audit.
    package let changedSettings: [String]

    package init(rules: AccessRules, changedSettings: [String]) {
        self.rules = rules
        self.changedSettings = changedSettings
    }

    /// It may be what takes scopes from a role, and is asked for by the host alone.
    package var mayUseReserve: Bool { true }

    package func perform(in transaction: WriteTransaction) throws(ChangeFailure) {
        guard case .host = transaction.origin.claim else {
            throw .refused(Refusal(.forbidden, "only the host's operator reloads the configuration"))
        }
        try checkRoles(transaction)
        if rules != transaction.rules { transaction.adopt(rules) }
        let peerUserID = transaction.origin.peerUserID
        let isOwnDoing = peerUserID == .max
        try transaction.record(
            "configuration.reloaded", target: "", actor: isOwnDoing ? "tokend" : "uid:\(peerUserID)",
            workspaceNumber: nil, workspaceID: nil, [.init("changed_settings", changedSettings.joined(separator: " "))],
            peer: isOwnDoing ? (nil, nil) : nil)
    }

    /// Every role that members have was defined up to now, so that only one which goes can be missed.
    private func checkRoles(_ transaction: WriteTransaction) throws(ChangeFailure) {
        if transaction.rules.roles.names.allSatisfy(rules.roles.contains) { return }
        let missing = try sqlite { () throws(SQLiteError) in
            try transaction.connection.roleMissing(from: rules.roles)
        }
        guard let missing else { return }
        throw .refused(
            .invalid(
                "roles-file",
                StoreFailure.problem(ofMissingRole: missing.name, memberCount: missing.memberCount)))
    }
}
