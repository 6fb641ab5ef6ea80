import TokenServer

/// What `--help` prints.
enum Help {
    static let general = """
        tokend issues and verifies API tokens for the services of this host.

        Usage: tokend <command> [options]

        Commands:
          init     make an empty store
          serve    serve a store until SIGTERM

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

        Usage: tokend serve [--store DIR] [--socket PATH] [--event-loops N] [--config FILE]

        Options:
          --store DIR       directory of the store (default: the configuration's, else /var/lib/tokend)
          --socket PATH     where to listen (default: the configuration's, else /run/tokend/tokend.sock)
          --event-loops N   threads that answer, 1 to 64 (default: 1, which is enough for most hosts)
          --config FILE     configuration to read (default: /etc/tokend/tokend.conf if it exists)

        The configuration holds lines of the form key = value; # begins a comment:
          store = /var/lib/tokend
          socket = /run/tokend/tokend.sock
          event-loops = 1
          token-prefixes = clp      the first issues, all verify

        Signals: SIGTERM and SIGINT answer what is in flight and end; a second one ends at once.
        """
}
