import TokenClient

/// Commands that ask and change nothing.
enum InquiryCommands {
    static let commands = [whoAmI, scopes, status]

    private static let whoAmI = Command(
        path: ["whoami"], caller: .principal, summary: "Show for whom you act and what you may do"
    ) { invocation in
        let identity = try invocation.client().whoAmI()
        invocation.report(identity.json, key: identity.principalID, identity.text(now: .now))
        return .success
    }

    private static let scopes = Command(
        path: ["scopes"], caller: .principal, summary: "List the scopes that can be granted",
        details: "Logged in, those that you hold, and so can give to a token, are marked with a *."
    ) { invocation in
        let groups = try invocation.askWithOptionalCredential { try $0.scopes() }
        invocation.report(
            .array(groups.map(\.json)), key: groups.flatMap(\.scopes).map(\.name).joined(separator: "\n"),
            text(groups))
        return .success
    }

    private static func text(_ groups: [ScopeGroup]) -> String {
        let width = groups.flatMap(\.scopes).map(\.name.count).max() ?? 0
        let lines = groups.filter { !$0.scopes.isEmpty }.flatMap { group in
            [Terminal.styled(group.name, .strong)]
                + group.scopes.map { " \($0.isGrantable ? "*" : " ") \($0.name.padded(to: width))  \($0.description)" }
        }
        return lines.joined(separator: "\n")
    }

    private static let status = Command(
        path: ["status"], caller: .nobody, summary: "Show whether the daemon serves, and how it is",
        details: "All figures are for root and the daemon's user, by operator.sock; others see version and readiness.",
        options: [verbose]
    ) { invocation in
        let start = ContinuousClock.now
        let status = try operatorStatus(invocation) ?? commonStatus(invocation, since: start)
        if invocation.has(verbose.name) && status.details == nil {
            Terminal.remark("tokenctl: settings are for root and the daemon's user")
        }
        invocation.report(status.json, status.text(now: .now))
        return status.isReady ? .success : .unavailable
    }

    private static let verbose = Command.Option(
        name: "--verbose", help: "also every setting of the configuration, and where its value comes from")

    /// A daemon that was waited for at one socket is not waited for again at the other.
    private static func commonStatus(_ invocation: Invocation, since start: ContinuousClock.Instant) throws
        -> ServerStatus
    {
        var configuration = try invocation.anonymousClient().configuration
        configuration.connectTimeout = max(.zero, configuration.connectTimeout - (ContinuousClock.now - start))
        return try TokenClient(configuration).status()
    }

    /// Whoever may not open the operator's socket asks like everybody.
    private static func operatorStatus(_ invocation: Invocation) throws -> ServerStatus? {
        do {
            return try invocation.operatorClient().status(withSettings: invocation.has(verbose.name))
        } catch let error as TokenError {
            if [.connectionFailed, .permissionDenied, .untrustedServer].contains(error.code) { return nil }
            throw error
        }
    }
}
