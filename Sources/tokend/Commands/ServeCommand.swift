import TokenServer

/// The daemon itself.
enum ServeCommand {
    static let command = Command(
        name: "serve", summary: "Serve a store until SIGTERM",
        details: """
            It listens on two Unix sockets: the one named, for the services of the host, and operator.sock beside it, \
            for root and the daemon's own user. It stays in the foreground, and its log goes to standard error.

            The configuration holds lines of the form key = value; # begins a comment. tokend man tokend.conf \
            describes every setting, and tokend default-config prints a file with all of them to start from.
            """,
        options: Setting.all.filter(\.isOption).map { .setting($0) } + [.configuration, checkConfiguration],
        examples: [
            "tokend serve --store /var/lib/tokend --socket /run/tokend/tokend.sock",
            "tokend serve --config /etc/tokend/tokend.conf --check-config",
        ],
        sections: [
            .init(title: "Settings, as built in or by an example", rows: Setting.all.map { ($0.line, $0.summary) }),
            .init(title: "Signals", rows: signals),
        ]
    ) { options in
        let source = try options.source()
        let configuration = try source.load()
        if options.isGiven(checkConfiguration) { return ExitCode.success.rawValue }
        return try Daemon.serve(configuration, from: source)
    }

    private static let checkConfiguration = Command.Option(
        name: "--check-config",
        help: "read the configuration, say what is wrong with it, and exit: 0 for nothing, else 78")

    static let signals: [(name: String, text: String)] = [
        ("SIGTERM, SIGINT", "answer what is in flight, for at most 5 s, and end; a second one ends at once"),
        (
            "SIGHUP",
            "read the configuration and its files again, as a whole or not at all; the log says what came of it. "
                + "\(restartSettings) wait for a restart"
        ),
    ]

    private static var restartSettings: String {
        let names = Setting.all.filter(\.needsRestart).map(\.name)
        return names.dropLast().joined(separator: ", ") + " and " + (names.last ?? "")
    }
}

extension Setting {
    /// As the file may have it: with what is built in, or else an example.
    var line: String { "\(name) = \(builtIn.isEmpty ? example : builtIn)" }
}
