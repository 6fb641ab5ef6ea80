/// What `--help` prints.
enum Help {
    private static let commands = Command.all
        .map { "  \($0.name.padded(to: 9))\($0.summary)" }
        .joined(separator: "\n")

    static let general = """
        tokend issues and verifies API tokens for the services of this host.

        Usage: tokend <command> [options]

        Commands:
        \(commands)

        Options:
          --help       show this; tokend <command> --help shows a command's options
          --version    show the version

        Start here:
          tokend init --store /var/lib/tokend
          tokend serve --store /var/lib/tokend --socket /run/tokend/tokend.sock
          tokenctl bootstrap --workspace ws_example --user you

        Exit codes: 0 ended as asked · 64 wrong usage · 71 the system refused · 74 the store's disk failed
        (restart) · 75 another process has the store · 77 not permitted · 78 store or configuration is wrong
        """

    static let initialize = """
        Makes an empty store. It never overwrites anything.

        Usage: tokend init [--store DIR] [--config FILE]

        Options:
          --store DIR     directory of the store, made with mode 0700 if it is not there
                          (default: the configuration's, else /var/lib/tokend)
          --config FILE   configuration to read (default: /etc/tokend/tokend.conf if it exists)

        Run as root for a directory that is another user's, it becomes that user first.
        """

    static let serve = """
        Serves a store on two Unix sockets: the one named, for the services of the host, and operator.sock
        beside it, for root and the daemon's own user.

        Usage: tokend serve [--store DIR] [--socket PATH] [--event-loops N] [--config FILE] [--check-config]

        Options:
          --store DIR       directory of the store (default: the configuration's, else /var/lib/tokend)
          --socket PATH     where to listen (default: the configuration's, else /run/tokend/tokend.sock)
          --event-loops N   threads that answer, 1 to 64 (default: 1, which is enough for most hosts)
          --config FILE     configuration to read (default: /etc/tokend/tokend.conf if it exists)
          --check-config    read the configuration, say what is wrong with it, and exit: 0 for nothing, else 78

        The configuration holds lines of the form key = value; # begins a comment:
          store = /var/lib/tokend
          socket = /run/tokend/tokend.sock
          event-loops = 1
          cache-megabytes = 16      for the answers that are remembered, some 100,000 tokens
          poll-microseconds = 50    how long a loop with traffic looks for more before it sleeps
          token-prefixes = clp      the first issues, all verify
          scopes-file = /etc/tokend/scopes.conf
                                    the catalogue: [Group] sections of lines scope = description
          roles-file = /etc/tokend/roles.conf
                                    [role] sections from least to most, a line for each scope a role adds,
                                    resource:* for all of a resource; tenant_admin is the last
          max-lifetime-personal = 90d
          max-lifetime-service-account = 365d
                                    how long a new token may live (default: as long as its maker likes)
          changes-per-second = 10   of each bearer; 0 for no limit
          changes-burst = 100       how many of them at once
          audit-retention-days = 365
                                    how long the audit is kept, at least 365
          log-format = auto         the journal's own fields under systemd, else logfmt; or logfmt, or json
          log-level = info          debug, info, warning or error: what is below it is not logged
          grant = user:api delegate ws_a ws_b
          grant = group:500 verify *
                                    who may act for users, and where; whom a line names sees no other
                                    workspaces; there may be many lines

        Signals: SIGTERM and SIGINT answer what is in flight and end; a second one ends at once. SIGHUP reads the
        configuration and its files again; store, socket, event-loops, cache-megabytes, poll-microseconds and
        token-prefixes wait for a restart.
        """
}

extension String {
    fileprivate func padded(to count: Int) -> String {
        self + String(repeating: " ", count: max(0, count - unicodeScalars.count))
    }
}
