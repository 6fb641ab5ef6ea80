package import TokenCore

/// Changes what is given of a service account. Tokens already issued keep their scopes.
package struct UpdateServiceAccount: Operation {
    package let accountID: String
    package let name: String?
    package let scopes: ScopeSet?
    package let isDisabled: Bool?

    package init(accountID: String, name: String? = nil, scopes: ScopeSet? = nil, isDisabled: Bool? = nil) {
        self.accountID = accountID
        self.name = name
        self.scopes = scopes
        self.isDisabled = isDisabled
    }

    package var mayUseReserve: Bool { true }

    package func perform(in transaction: WriteTransaction) throws(ChangeFailure) -> ServiceAccountRecord {
        let caller = try transaction.caller()
        let account = try transaction.visibleAccount(id: accountID, to: caller)
        var metadata: [AuditEvent.Metadata] = []
        // By bytes: two spellings of é are two names.
        if let name, !name.utf8.elementsEqual(account.name.utf8) {
            try transaction.checkAccountName(name, workspace: account.workspaceNumber)
            metadata += [.init("name", name), .init("previous_name", account.name)]
        }
        if let scopes, scopes != account.scopes {
            try transaction.checkCatalogue(scopes)
            try allowing { () throws(Denial) in try caller.power.checkAccount(scopes: scopes) }
            metadata += [.init("scopes", scopes.text), .init("previous_scopes", account.scopes.text)]
        }
        if let isDisabled, isDisabled != account.isDisabled {
            if !isDisabled { try checkEnabling(account, caller, transaction.rules) }
            metadata.append(.init("disabled", String(isDisabled)))
        }
        if metadata.isEmpty { return account }
        try transaction.checkTakesOnly(takesOnly(from: account))
        try write(account, transaction)
        try transaction.record("service_account.updated", target: account.id, by: caller, metadata)
        return try transaction.writtenAccount(account.number)
    }

    private func takesOnly(from account: ServiceAccountRecord) -> Bool {
        let isRenamed = name.map { !$0.utf8.elementsEqual(account.name.utf8) } ?? false
        let isEnabled = account.isDisabled && isDisabled == false
        return !isRenamed && !isEnabled && (scopes ?? account.scopes).missing(from: account.scopes).isEmpty
    }

    /// Its tokens come back to life with what they were issued with. What the catalogue dropped nobody holds, they neither.
    private func checkEnabling(
        _ account: ServiceAccountRecord, _ caller: Caller, _ rules: AccessRules
    ) throws(ChangeFailure) {
        let revived = (scopes ?? account.scopes).union(account.issuedScopes).intersection(rules.catalogue.scopes)
        try allowing { () throws(Denial) in try caller.power.checkAccount(scopes: revived) }
    }

    private func write(_ account: ServiceAccountRecord, _ transaction: WriteTransaction) throws(ChangeFailure) {
        if isDisabled == true { transaction.touchAll() }
        try transaction.run(
            "UPDATE principal SET name = ?2, scopes = ?3, is_paused = ?4, updated_at = ?5 WHERE number = ?1"
        ) { statement in
            statement.bind(1, account.number)
            statement.bind(2, name ?? account.name)
            statement.bind(3, (scopes ?? account.scopes).text)
            statement.bind(4, isDisabled ?? account.isDisabled)
            statement.bind(5, transaction.now)
        }
    }
}
