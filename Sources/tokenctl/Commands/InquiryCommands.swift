import TokenClient

/// Commands that ask and change nothing.
enum InquiryCommands {
    static let commands = [whoAmI, scopes, events, status]

    private static let whoAmI = Command(
        path: ["whoami"], summary: "Show for whom you act and what you may do"
    ) { invocation in
        let identity = try invocation.client().whoAmI()
        if invocation.wantsJSON {
            Terminal.printLine(identity.json.text)
        } else if invocation.isQuiet {
            Terminal.printLine(identity.principalID)
        } else {
            Terminal.printLine(
                TextTable.pairs([
                    ("principal", identity.principalID), ("workspace", identity.workspaceID), ("role", identity.role),
                    ("scopes", identity.scopes.joined(separator: " ")), ("token", identity.token?.id),
                    ("token name", identity.token?.name),
                    ("expires", identity.token?.expiresAt.map { RelativeTime.full($0, from: .now) }),
                ]))
        }
        return .success
    }

    private static let scopes = Command(
        path: ["scopes"], summary: "List the scopes that can be granted",
        details: "Logged in, those that you hold, and so can give to a token, are marked with a *."
    ) { invocation in
        let groups = try invocation.clientWithOptionalCredential().scopes()
        if invocation.wantsJSON {
            Terminal.printLine(JSON.array(groups.map(\.json)).text)
        } else if invocation.isQuiet {
            for scope in groups.flatMap(\.scopes) { Terminal.printLine(scope.name) }
        } else {
            print(groups)
        }
        return .success
    }

    private static func print(_ groups: [ScopeGroup]) {
        let width = groups.flatMap(\.scopes).map(\.name.count).max() ?? 0
        for group in groups where !group.scopes.isEmpty {
            Terminal.printLine(Terminal.styled(group.name, .strong))
            for scope in group.scopes {
                let mark = scope.isGrantable ? "*" : " "
                Terminal.printLine(" \(mark) \(scope.name.padded(to: width))  \(scope.description)")
            }
        }
    }

    private static let events = Command(
        path: ["events"], summary: "List the audit's events, newest first",
        details: "Needs audit:read, and shows your workspace; with --host it shows all to root and the daemon's user.",
        options: [
            .init(name: "--host", help: "every workspace's and the host's own, by the operator's socket"),
            .init(name: "--actor", value: "ID", help: "only what this user, account or token did"),
            .init(name: "--action", value: "ACTION", help: "only token.created, say, or token.*"),
            .init(name: "--target", value: "ID", help: "only what was done to this"),
            .init(name: "--since", value: "DURATION", help: "only of the last 24h, say"),
            .init(name: "--limit", value: "N", help: "at most so many (default: 50)"),
        ]
    ) { invocation in
        var filter = EventFilter()
        filter.actor = invocation.value("--actor")
        filter.action = invocation.value("--action")
        filter.target = invocation.value("--target")
        filter.from = try invocation.duration("--since").map { Timestamp.now.adding(.zero - $0) }
        let limit = try invocation.number("--limit", in: 1...1_000_000) ?? 50
        let client = try invocation.has("--host") ? invocation.operatorClient() : invocation.client()
        let events = try collect(client.allEvents(matching: filter), limit: limit)
        if invocation.wantsJSON {
            Terminal.printLine(JSON.array(events.map(\.json)).text)
        } else {
            Terminal.printLine(AuditEvent.table(events))
        }
        return .success
    }

    private static let status = Command(
        path: ["status"], summary: "Show whether the daemon serves, and how it is",
        details: "All figures are for root and the daemon's user, by operator.sock; others see version and readiness."
    ) { invocation in
        let status = try operatorStatus(invocation) ?? invocation.anonymousClient().status()
        if invocation.wantsJSON {
            Terminal.printLine(status.json.text)
        } else if !invocation.isQuiet {
            Terminal.printLine(status.text(now: .now))
        }
        return status.isReady ? .success : .unavailable
    }

    /// Whoever may not open the operator's socket asks like everybody.
    private static func operatorStatus(_ invocation: Invocation) throws -> ServerStatus? {
        do {
            return try invocation.operatorClient().status()
        } catch let error as TokenError {
            if [.connectionFailed, .permissionDenied, .untrustedServer].contains(error.code) { return nil }
            throw error
        }
    }
}
