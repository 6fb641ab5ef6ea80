import TokenServer

/// The manual of the configuration, tokend.conf(5), made of the table of settings.
enum ConfigurationPage {
    static var text: String {
        ([head] + Setting.all.map(section) + [tail]).joined(separator: "\n")
    }

    private static let head = #"""
        .\" Commands and keys are to be copied: neither divided nor justified.
        .nr HY 0
        .TH TOKEND.CONF 5 "" "tokend \#(Daemon.version)" "tokend"
        .ad l
        .SH NAME
        tokend.conf \- configuration of the API token daemon
        .SH SYNOPSIS
        .I \#(ServerConfiguration.defaultPath)
        .SH DESCRIPTION
        .BR tokend (8)
        reads this file when it starts, if it is there, or the file that
        .B \-\-config
        names.
        It reads it again at SIGHUP and at
        .BR "tokenctl reload" ,
        as a whole or not at all: a fault leaves everything as it was, and is told with its file and line.
        A file that was read and is gone is such a fault; an empty one stands for what is built in.
        So is one that others than root and the daemon's user may write to, or put in its place: a line can grant everything.
        .PP
        A line is of the form
        .IR "key \fB=\fR value" ;
        .B #
        begins a comment, and blanks around key and value don't count.
        A key stands there once, but for
        .BR grant .
        One that is none is refused.
        What the command line of the daemon says stands over the file.
        .PP
        .B tokend serve \-\-check\-config
        says what is wrong with the file, and
        .B tokenctl status \-\-verbose
        shows each setting that is in force and where it comes from.
        .SH SETTINGS
        """#

    private static let tail = #"""
        .SH EXAMPLE
        .EX
        # tokens of users end within a quarter of a year
        max\-lifetime\-personal = 90d
        # the API server acts for users, in two workspaces
        grant = user:api delegate ws_a ws_b
        .EE
        .SH FILES
        .TP
        .I \#(ServerConfiguration.defaultPath)
        this file
        .SH SEE ALSO
        .BR tokend (8),
        .BR tokenctl (1)
        """#

    private static func section(about setting: Setting) -> String {
        let facts = [
            "It has to be \(setting.takes).",
            setting.builtIn.isEmpty ? "None is built in." : "Built in: \(setting.builtIn).",
            setting.needsRestart ? "A change waits for a restart." : "A reload puts a change in force.",
            setting.isOption ? "The option --\(setting.name) stands over it." : "",
        ].filter { !$0.isEmpty }
        let term = "\(Roff.bold(setting.name)) = \(Roff.italic(setting.placeholder))"
        return Roff.item(term, [setting.sentence, setting.details].filter { !$0.isEmpty }.joined(separator: " "))
            + "\n.IP\n" + Roff.plain(facts.joined(separator: " "))
    }
}
