import TokenClient

/// `tokenctl service-account …`: a workspace's machine principals.
enum ServiceAccountCommands {
    static let commands = [create, list, show, update, disable, enable, delete]

    private static let create = Command(
        path: ["service-account", "create"], caller: .principal,
        summary: "Make a service account, which has no token yet",
        details: """
            Managing service accounts needs workspace:admin. The account belongs to the workspace and outlives the \
            user who made it. sa is short for service-account in every command.
            """,
        operands: [.init(name: "NAME", help: "1 to 100 characters, unique among the workspace's accounts")],
        options: [
            .init(
                name: "--scope", value: "SCOPE", help: "a scope that its tokens will hold; repeat for more",
                isRepeatable: true)
        ],
        examples: ["tokenctl service-account create deployer --scope issues:read --scope issues:write"]
    ) { invocation in
        let name = try invocation.operand(0)
        let account = try invocation.client().createServiceAccount(name: name, scopes: invocation.all("--scope"))
        invocation.show(account)
        return .success
    }

    private static let list = Command.list(
        ["service-account", "list"], summary: "List the workspace's service accounts, newest first",
        options: [
            .namePrefix, .init(name: "--scope", value: "SCOPE", help: "only those with this scope"),
            .init(name: "--disabled", help: "only those that are disabled"),
            .init(name: "--enabled", help: "only those that are not"),
        ]
    ) { invocation in
        try invocation.checkExclusive("--disabled", "--enabled")
        var filter = ServiceAccountFilter()
        filter.namePrefix = invocation.value("--name-prefix")
        filter.scope = invocation.value("--scope")
        if invocation.has("--disabled") || invocation.has("--enabled") {
            filter.isDisabled = invocation.has("--disabled")
        }
        return try invocation.client().allServiceAccounts(matching: filter)
    }

    private static let show = Command(
        path: ["service-account", "show"], caller: .principal, summary: "Show one service account", operands: [.account]
    ) { invocation in
        let name = try invocation.operand(0)
        invocation.show(try invocation.client().serviceAccount(named: name))
        return .success
    }

    private static let update = Command(
        path: ["service-account", "update"], caller: .principal, summary: "Change a service account's name or scopes",
        details: "Tokens that were already issued keep the scopes they were issued with.",
        operands: [.account],
        options: [
            .init(name: "--name", value: "NAME", help: "its new name"),
            .init(
                name: "--scope", value: "SCOPE", help: "a scope in place of all it has; repeat for more",
                isRepeatable: true),
            .init(name: "--no-scopes", help: "take all its scopes away"),
        ],
        examples: ["tokenctl service-account update deployer --scope issues:read"]
    ) { invocation in
        try invocation.checkExclusive("--scope", "--no-scopes")
        let scopes = invocation.all("--scope")
        let change = ServiceAccountChange(
            name: invocation.value("--name"), scopes: scopes.isEmpty && !invocation.has("--no-scopes") ? nil : scopes)
        if change.name == nil && change.scopes == nil {
            throw invocation.problem("nothing to change: give --name, --scope or --no-scopes")
        }
        invocation.show(try changed(invocation, change))
        return .success
    }

    private static let disable = Command(
        path: ["service-account", "disable"], caller: .principal,
        summary: "Let no token of a service account verify, until it is enabled",
        operands: [.account]
    ) { invocation in
        let account = try changed(invocation, .init(isDisabled: true))
        invocation.report(account.json, "disabled \(account.id) (\(account.name)); its tokens don't verify")
        return .success
    }

    private static let enable = Command(
        path: ["service-account", "enable"], caller: .principal,
        summary: "Let the tokens of a disabled service account verify again",
        operands: [.account]
    ) { invocation in
        let account = try changed(invocation, .init(isDisabled: false))
        invocation.report(account.json, "enabled \(account.id) (\(account.name))")
        return .success
    }

    private static func changed(
        _ invocation: Invocation, _ change: ServiceAccountChange
    ) throws -> ServiceAccount {
        let name = try invocation.operand(0)
        let client = try invocation.client()
        return try client.updateServiceAccount(id: try client.serviceAccountID(named: name), changing: change)
    }

    private static let delete = Command(
        path: ["service-account", "delete"], caller: .principal,
        summary: "Delete a service account and end its tokens, for good",
        operands: [.account], options: [.yes]
    ) { invocation in
        let name = try invocation.operand(0)
        guard try invocation.confirm("Delete service account \(name) and end all its tokens, for good?") else {
            return .negative
        }
        let client = try invocation.client()
        let id = try client.serviceAccountID(named: name)
        let count = try client.deleteServiceAccount(id: id)
        invocation.report(
            .object([("id", .string(id)), ("ended_tokens", .count(count))]),
            "deleted \(name); \(counted(count, "token")) ended with it")
        return .success
    }
}

/// What tells the id of an account from a name that begins so, too.
private enum ServiceAccountID {
    /// A ULID's digits: Crockford's base 32.
    private static let digits = Set("0123456789ABCDEFGHJKMNPQRSTVWXYZ".utf8)

    static func isOne(_ text: String) -> Bool {
        let digits = text.utf8.dropFirst(3)
        return text.hasPrefix("sa_") && digits.count == 26 && digits.allSatisfy(Self.digits.contains)
    }
}

extension TokenClient {
    /// An operand names an account by its id or by its name, which no other account of the workspace has.
    func serviceAccountID(named name: String) throws -> String {
        ServiceAccountID.isOne(name) ? name : try serviceAccount(named: name).id
    }

    func serviceAccount(named name: String) throws -> ServiceAccount {
        if ServiceAccountID.isOne(name) { return try serviceAccount(id: name) }
        var filter = ServiceAccountFilter()
        filter.namePrefix = name
        var accounts = allServiceAccounts(matching: filter).makeIterator()
        while let account = try accounts.next() {
            // By bytes, as the daemon compares names.
            if account.name.utf8.elementsEqual(name.utf8) { return account }
        }
        throw Problem(message: "there is no service account “\(name)”", exitCode: .notFound)
    }
}
