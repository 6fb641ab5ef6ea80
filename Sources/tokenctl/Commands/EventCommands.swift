import TokenClient

/// `tokenctl events`: the audit, as it was or as it goes on.
enum EventCommands {
    static let commands = [events]

    private static let countUnlessTold = 50

    private static let events = Command(
        path: ["events"], caller: .principal,
        summary: "List the audit's events, newest first, or follow them as they come",
        details: """
            Needs audit:read, and shows your workspace; with --host it shows all to root and the daemon's user.

            With --follow events are shown as they are committed, until Ctrl-C, with --json as one object a line. \
            When the daemon restarts or is away it waits, says so once, and goes on where it was: no event is lost and \
            none comes twice. A daemon that is not there in the beginning is an error. To go on another time, give \
            the last number as --after.
            """,
        options: [
            .init(name: "--host", help: "every workspace's and the host's own, by the operator's socket"),
            .init(name: "--actor", value: "ID", help: "only what this user, account or token did"),
            .init(name: "--action", value: "ACTION", help: "only token.created, say, or token.*"),
            .init(name: "--target", value: "ID", help: "only what was done to this"),
            .init(name: "--since", value: "WHEN", help: "only of the last 24h, say, or since 2027-01-31T12:00:00Z"),
            .init(name: "--until", value: "WHEN", help: "only before this, in the same words"),
            .init(name: "--follow", help: "show events as they come"),
            .init(name: "--after", value: "SEQ", help: "follow from behind this event, 0: all (default: from now)"),
            .limit(countUnlessTold),
        ],
        examples: [
            "tokenctl events --action 'token.*' --since 24h", "tokenctl events --follow --after 0 --json",
        ]
    ) { invocation in
        var filter = EventFilter()
        filter.actor = invocation.value("--actor")
        filter.action = try action(invocation)
        if invocation.has("--host") { try invocation.checkNobodyIsNamed(with: "--host") }
        filter.target = invocation.value("--target")
        if invocation.has("--follow") { return try follow(invocation, filter) }
        if invocation.has("--after") { throw invocation.problem("--after goes with --follow") }
        let now = Timestamp.now
        filter.from = try invocation.moment("--since", now: now)
        filter.until = try invocation.moment("--until", now: now)
        let wanted = filter
        try invocation.show(limit: countUnlessTold) { try client(invocation).allEvents(matching: wanted) }
        return .success
    }

    /// Any other pattern would match nothing.
    private static func action(_ invocation: Invocation) throws(UsageProblem) -> String? {
        guard let action = invocation.value("--action") else { return nil }
        if action.wholeMatch(of: #/[a-z_]+(\.[a-z_]+)*\.([a-z_]+|\*)/#) != nil { return action }
        throw invocation.problem(
            "--action “\(action)” is neither an action, such as token.created, nor all that begin so, such as token.*")
    }

    private static func client(_ invocation: Invocation) throws -> TokenClient {
        try invocation.has("--host") ? invocation.operatorClient() : invocation.client()
    }

    /// Until the daemon refuses to go on, nobody reads what is shown, or a signal ends the process: whole lines are
    /// written, each with one call, so that it can end at any time.
    private static func follow(_ invocation: Invocation, _ filter: EventFilter) throws -> ExitCode {
        for option in ["--since", "--until", "--limit"] { try invocation.checkExclusive("--follow", option) }
        let after = try invocation.number("--after", in: 0...UInt64.max)
        // A daemon that was there will be there again, and this command is for whoever waits for it.
        let stream = try client(invocation).tailEvents(
            after: after, matching: filter, outageTimeout: .seconds(Int64.max),
            onOutage: { Terminal.remark("tokenctl: \(ErrorText.inWordsOfTheCommandLine($0.message)); waiting for it") })
        var events = stream.makeIterator()
        while let event = try events.next() {
            let line = invocation.wantsJSON ? event.json.line : invocation.isQuiet ? event.key : event.line
            if !Terminal.printLine(line) { break }
        }
        return .success
    }
}
