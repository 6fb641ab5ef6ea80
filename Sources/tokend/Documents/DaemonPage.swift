import TokenServer

/// The manual of the daemon, tokend(8), made of the table of commands.
enum DaemonPage {
    static var text: String {
        let parts =
            [head, ".SH COMMANDS"] + Command.all.map(section)
            + [".SH OPTIONS"] + Help.generalOptions.map { Roff.item(Roff.bold($0.name), $0.text) }
            + [".SH SIGNALS"] + ServeCommand.signals.map { Roff.item(Roff.bold($0.name), $0.text) }
            + [".SH EXIT STATUS"]
            + ExitCode.allCases.map { Roff.item(Roff.bold(String($0.rawValue)), $0.meaning) }
            + [".SH ENVIRONMENT"] + environment.map { Roff.item(Roff.bold($0.name), $0.text) }
            + [".SH FILES"] + files.map { Roff.item(Roff.italic($0.name), $0.text) }
            + [tail]
        return parts.joined(separator: "\n")
    }

    private static let head = #"""
        .\" Commands and keys are to be copied: neither divided nor justified.
        .nr HY 0
        .TH TOKEND 8 "" "tokend \#(Daemon.version)" "tokend"
        .ad l
        .SH NAME
        tokend \- issue and verify API tokens for the services of this host
        .SH SYNOPSIS
        .B tokend
        .I command
        .RI [ option ...\&]
        .SH DESCRIPTION
        .B tokend
        keeps API tokens and answers, over a Unix socket, whether one is valid and what it may do.
        .B tokend init
        makes a store,
        .B tokend serve
        is the daemon;
        .BR tokenctl (1)
        does everything else, over the socket.
        A revocation holds from the moment it has returned, and what was answered survives a loss of power.
        .PP
        The daemon runs as a user of its own. Whoever can open its socket may verify tokens, and manage with a token of
        their own; root and that user are the operators of the host.
        .PP
        An option is written as
        .BI \-\-name\~ value
        or
        .BI \-\-name= value\fR.
        """#

    /// What the daemon reads there. It takes no secret from it.
    private static let environment: [(name: String, text: String)] = [
        ("NOTIFY_SOCKET", "where the service manager hears how the daemon is, see sd_notify(3)"),
        ("WATCHDOG_USEC, WATCHDOG_PID", "how often it wants a sign of life, and of whom, see sd_watchdog_enabled(3)"),
        (
            "LISTEN_FDS, LISTEN_FDNAMES, LISTEN_PID",
            "the sockets that it has opened already, by their names, see sd_listen_fds(3)"
        ),
        (
            "SWIFT_BACKTRACE",
            "should be enable=no, as the unit has it: the backtrace of a crash shows memory, and there may be secrets in it"
        ),
    ]

    private static let files: [(name: String, text: String)] = [
        (ServerConfiguration.defaultPath, "the configuration, see tokend.conf(5); it need not be there"),
        (
            "/var/lib/tokend",
            "the store: the database tokend.db with its -wal, and tokend.lock, which one process at a time holds, and "
                + "which knows the newest event that was committed. A database without that event is refused"
        ),
        (
            "/var/lib/tokend/tokend.reserve",
            "room for the day on which the disk is full: what takes rights away is done with it then, and it is made again by itself"
        ),
        (
            "/var/lib/tokend/tokend.db.replaced-*",
            "what tokend restore has put another database in the place of; to be removed when that is as it should be"
        ),
        ("/run/tokend/tokend.sock", "where services ask; mode 0660"),
        ("/run/tokend/operator.sock", "for the operators of the host; mode 0600"),
        (
            "/run/tokend/tokend.sock.epochs",
            "the page by which services learn that something was revoked, mapped by them; it must be the same file after a restart"
        ),
    ]

    private static let tail = #"""
        .SH SEE ALSO
        .BR tokend.conf (5),
        .BR tokenctl (1)
        """#

    private static func section(about command: Command) -> String {
        let operands = command.operands.map { operand in
            operand.isOptional ? " [\(Roff.italic(operand.name))]" : " \(Roff.italic(operand.name))"
        }.joined()
        let options = command.options.isEmpty ? "" : " [\(Roff.italic("option"))...]"
        var parts = [Roff.item(Roff.bold(command.name) + operands + options, command.summary + ".")]
        parts += command.details.split(separator: "\n\n").map { ".IP\n" + Roff.plain(String($0)) }
        let words =
            command.operands.map { Roff.item(Roff.italic($0.name), $0.help) }
            + command.options.map { Roff.item(synopsis(of: $0), $0.help) }
        if !words.isEmpty { parts += [".RS"] + words + [".RE"] }
        if !command.examples.isEmpty { parts += [".RS", Roff.example(command.examples), ".RE"] }
        return parts.joined(separator: "\n")
    }

    private static func synopsis(of option: Command.Option) -> String {
        Roff.bold(option.name) + (option.value.map { " " + Roff.italic($0) } ?? "")
    }
}
