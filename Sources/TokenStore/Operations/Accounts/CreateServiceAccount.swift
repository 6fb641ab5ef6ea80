package import TokenCore

/// A new service account of the caller's workspace. It has no token yet, and outlives who made it.
package struct CreateServiceAccount: Operation {
    package let name: String
    package let scopes: ScopeSet
    package let request: RequestID?

    package init(name: String, scopes: ScopeSet, request: RequestID? = nil) {
        self.name = name
        self.scopes = scopes
        self.request = request
    }

    package func perform(in transaction: WriteTransaction) throws(ChangeFailure) -> ServiceAccountRecord {
        let caller = try transaction.caller()
        try caller.checkAdministration()
        try transaction.checkCatalogue(scopes)
        try allowing { () throws(Denial) in try caller.power.checkAccount(scopes: scopes) }
        if let request, let account = try transaction.accountMade(by: request, fingerprint, caller) { return account }
        try transaction.checkAccountName(name, workspace: caller.principal.workspaceNumber)
        try insert(caller, transaction)
        let account = try transaction.writtenAccount(transaction.connection.lastInsertedNumber)
        if let request { try transaction.remember(request, fingerprint, account: account.number, by: caller) }
        try transaction.record(
            "service_account.created", target: account.id, by: caller,
            [.init("name", name), .init("scopes", scopes.text)])
        return account
    }

    private func insert(_ caller: Caller, _ transaction: WriteTransaction) throws(ChangeFailure) {
        try transaction.run(
            """
            INSERT INTO principal (workspace, kind, id, name, scopes, created_by, started_at)
            VALUES (?1, 2, ?2, ?3, ?4, ?5, ?6)
            """
        ) { statement in
            statement.bind(1, caller.principal.workspaceNumber)
            statement.bind(2, transaction.newID(.serviceAccount))
            statement.bind(3, name)
            statement.bind(4, scopes.text)
            statement.bind(5, caller.principal.id)
            statement.bind(6, transaction.now)
        }
    }

    private var fingerprint: Digest {
        RequestID.fingerprint("CreateServiceAccount", [name, scopes.text])
    }
}
