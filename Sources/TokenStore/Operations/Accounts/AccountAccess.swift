import TokenCore

extension WriteTransaction {
    /// The service account an operation was asked to act on, if the caller may see it.
    func visibleAccount(id: String, to caller: Caller) throws(ChangeFailure) -> ServiceAccountRecord {
        try caller.checkAdministration()
        return try account(id: id, inWorkspaceOf: caller)
    }

    func account(id: String, inWorkspaceOf caller: Caller) throws(ChangeFailure) -> ServiceAccountRecord {
        let account = try sqlite { () throws(SQLiteError) in
            try connection.account(id: id, workspace: caller.principal.workspaceNumber)
        }
        guard let account else { throw .refused(.notFound("service account")) }
        return account
    }

    func checkAccountName(_ name: String, workspace: Int64) throws(ChangeFailure) {
        let namesake = try sqlite { () throws(SQLiteError) in
            try connection.account(named: name, workspace: workspace)
        }
        if let namesake {
            throw .refused(
                Refusal(
                    .conflict, "the service account \(namesake.id) has this name; delete it, or choose another name",
                    metadata: ["service_account_id": namesake.id]))
        }
    }

    /// The account that an operation has just written; it must be there.
    func writtenAccount(_ number: Int64) throws(ChangeFailure) -> ServiceAccountRecord {
        guard let account = try sqlite({ () throws(SQLiteError) in try connection.account(number: number) }) else {
            throw .refused(Refusal(.internalError, "the service account just written is not there"))
        }
        return account
    }
}
