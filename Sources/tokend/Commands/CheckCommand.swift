import TokenServer

/// `tokend check`: is everything in a store that no daemon has as a daemon needs it?
enum CheckCommand {
    static let command = Command(
        name: "check", summary: "Look at a store that is not served, and say what is wrong with it",
        details: """
            It looks at owners and modes, lock and rollback mark, schema and pragmas, every page, every reference, the \
            whole chain of the audit, roles, clock and epoch page, and changes nothing. Each line is of one thing, and \
            says of what is wrong what to do. It exits with 78 if anything is.

            Run as root for a store that is another user's, it becomes that user first.
            """,
        options: [.setting(.store), .pageSocket, .configuration, asJSON],
        examples: ["tokend check --store /var/lib/tokend"]
    ) { options in
        let report = try Daemon.check(try options.source().load())
        try Daemon.printLine(options.isGiven(asJSON) ? report.json : report.text)
        return (report.isSound ? ExitCode.success : .configuration).rawValue
    }

    private static let asJSON = Command.Option(name: "--json", help: "print JSON")
}

extension Command.Option {
    /// Of commands that move the epochs on which clients rely.
    static let pageSocket = Self(
        name: "--socket", value: "PATH",
        help: "the daemon's socket, beside which the epoch page lies (default: the configuration's, else "
            + "\(Setting.socket.builtIn))")
}
