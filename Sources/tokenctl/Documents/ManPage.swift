import TokenClient

/// The manual, tokenctl(1), made of the table of commands: roff with the macros of man(7).
enum ManPage {
    static var text: String {
        let commands = CommandTable.groups.map { group in
            ".SS \(plain(group.title))\n" + group.commands.map(section(about:)).joined(separator: "\n")
        }
        let parts =
            [head, ".SH COMMANDS"] + commands
            + [".SH OPTIONS\n" + plain("A command has those of these that mean something to it, as its --help shows.")]
            + Command.commonOptions.map { item(synopsis(of: $0), $0.help) }
            + [item(bold("--version"), "show the version"), ".SH EXIT STATUS"]
            + ExitCode.allCases.map { item(bold(String($0.rawValue)), $0.meaning) }
            + [tail]
        return parts.joined(separator: "\n")
    }

    private static let head = #"""
        .TH TOKENCTL 1 "" "tokend \#(TokenClient.version)" "tokend"
        .SH NAME
        tokenctl \- manage and verify the API tokens of the tokend on this host
        .SH SYNOPSIS
        .B tokenctl
        .I command
        .RI [ operand ...\&]
        .RI [ option ...\&]
        .SH DESCRIPTION
        .B tokenctl
        does everything that
        .BR tokend (8)
        offers to people and scripts, over the daemon's socket.
        .B tokenctl demo
        shows it at work without an installation.
        .PP
        An option is written as
        .BI \-\-name\~ value
        or
        .BI \-\-name= value\fR,
        behind the command, before it or between its words; after
        .B \-\-
        every word is an operand.
        A duration is a number and one of s, m, h, d and w: 90s, 15m, 12h, 30d, 2w.
        A time is written as in RFC 3339: 2027\-01\-31T12:00:00Z.
        .PP
        A secret comes by standard input or by a file, never as an argument, and goes once to standard output or
        into a new file of mode 0600.
        Lists are tables for people; with
        .B \-\-json
        they are JSON, and with
        .B \-\-quiet
        one id a line.
        Three commands end what can't be made again,
        .BR "member remove" ,
        .B service\-account delete
        and
        .BR "workspace end" :
        they ask on a terminal, and want
        .B \-\-yes
        where there is none.
        .B token revoke
        is as final, and does not ask.
        """#

    private static let tail = #"""
        .SH ENVIRONMENT
        .TP
        .B TOKEND_SOCKET
        the daemon's socket, unless
        .B \-\-socket
        names one; the operator's,
        .IR operator.sock ,
        lies beside it
        .TP
        .B TOKEND_SERVER_USER
        whom the daemon runs as, unless
        .B \-\-server\-user
        names one. No token is sent to a daemon that runs as anybody else but root, the user
        .I tokend
        or the caller
        .TP
        .B NO_COLOR
        when not empty, output has no colours on a terminal either, nor has it where
        .B TERM
        is dumb
        .TP
        .B XDG_CONFIG_HOME
        where the login is kept, in place of
        .I ~/.config
        .SH FILES
        .TP
        .I ~/.config/tokend/token
        the token of
        .BR "tokenctl login" ,
        mode 0600; a file that others can read is refused
        .TP
        .I /run/tokend/tokend.sock
        the daemon's socket
        .TP
        .I /run/tokend/operator.sock
        that of the host's operator: root and the daemon's own user
        .SH SEE ALSO
        .BR tokend (8),
        .BR tokend.conf (5)
        """#

    /// One command: what it is called with, what it does, its operands and options, and lines to copy.
    private static func section(about command: Command) -> String {
        let operands = command.operands.map { $0.isOptional ? " [\(italic($0.name))]" : " \(italic($0.name))" }
        let options = command.options.isEmpty ? "" : " [\(italic("option"))...]"
        var parts = [item(bold(command.name) + operands.joined() + options, command.summary + ".")]
        let paragraphs = command.details.split(separator: "\n\n").map { ".IP\n" + plain(joined(String($0))) }
        parts += paragraphs
        let words =
            command.operands.map { item(italic($0.name), $0.help) }
            + command.options.map { item(synopsis(of: $0), $0.help) }
        if !words.isEmpty { parts += [".RS"] + words + [".RE"] }
        if !command.examples.isEmpty {
            parts += [".RS", ".PP", ".EX"] + command.examples.map { plain($0) } + [".EE", ".RE"]
        }
        return parts.joined(separator: "\n")
    }

    private static func item(_ term: String, _ text: String) -> String { ".TP\n\(term)\n\(plain(text))" }

    private static func synopsis(of option: Command.Option) -> String {
        bold(option.name) + (option.value.map { " " + italic($0) } ?? "")
    }

    private static func bold(_ text: String) -> String { #"\fB\#(plain(text))\fR"# }

    private static func italic(_ text: String) -> String { #"\fI\#(plain(text))\fR"# }

    private static func joined(_ text: String) -> String {
        text.split(whereSeparator: \.isWhitespace).joined(separator: " ")
    }

    /// The text as roff reads it: a minus that can be copied, nothing at the start of a line that is a request, and
    /// only ASCII.
    private static func plain(_ text: String) -> String {
        let escaped = text.unicodeScalars.map { scalar in
            switch scalar {
            case "\\": #"\e"#
            case "-": #"\-"#
            case "'": #"\(aq"#
            case "“": #"\(lq"#
            case "”": #"\(rq"#
            case "…": "..."
            case "~": #"\(ti"#
            case "^": #"\(ha"#
            default: scalar.isASCII ? String(scalar) : #"\[u\#(hexadecimal(scalar))]"#
            }
        }.joined()
        return escaped.hasPrefix(".") ? #"\&"# + escaped : escaped
    }

    private static func hexadecimal(_ scalar: Unicode.Scalar) -> String {
        String(scalar.value, radix: 16, uppercase: true).zeroPadded(to: 4)
    }
}
