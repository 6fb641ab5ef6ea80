import TokenClient

/// Options that commands have by whom they act for. They may stand before the command, too.
extension Command {
    static let commonOptions = daemonOptions + callerOptions + outputOptions

    private static let daemonOptions = [
        Option(
            name: "--socket", value: "PATH",
            help: "the daemon's socket (default: $TOKEND_SOCKET, else \(defaultSocket))", completion: .file),
        Option(
            name: "--server-user", value: "USER",
            help: "whom the daemon runs as, if not root, tokend or you (default: $TOKEND_SERVER_USER)"),
        Option(name: "--timeout", value: "DURATION", help: "give up after this long (default: 5s)"),
    ]

    static let callerOptions = [
        Option.tokenFile,
        Option(name: "--as", value: "USER", help: "act for this user; needs --workspace and the right to"),
        Option(name: "--workspace", value: "WS", help: "workspace of the user named with --as"),
    ]

    private static let outputOptions = [
        Option(name: "--json", help: "print JSON"),
        Option(name: "--quiet", help: "print only what a script needs: an id, a secret, nothing; also -q"),
        Option(name: "--help", help: "show this; also -h"),
    ]

    /// Those of the common options that mean something to this command.
    var commonOptions: [Option] {
        let own = Set(options.map(\.name))
        let common =
            switch caller {
            case .none: Self.outputOptions
            case .nobody, .operator: Self.daemonOptions + Self.outputOptions
            case .principal: Self.commonOptions
            }
        return common.filter { !own.contains($0.name) }
    }
}

/// Options that several commands share.
extension Command.Option {
    static let tokenFile = Self(
        name: "--token-file", value: "FILE", help: "your own token (default: ~/.config/tokend/token)", completion: .file
    )

    static let scope = Self(
        name: "--scope", value: "SCOPE", help: "a scope it holds; repeat for more", isRepeatable: true)

    static let expiry = [
        Self(name: "--expires-in", value: "DURATION", help: "end after 90s, 15m, 12h, 30d … (default: never)"),
        Self(name: "--expires-at", value: "TIME", help: "end at 2027-01-31T12:00:00Z"),
    ]

    static let outputFile = Self(
        name: "--output-file", value: "FILE",
        help: "put the secret in this new file, readable by you alone, and not on the screen", completion: .file)

    static let overlap = Self(
        name: "--overlap", value: "DURATION", help: "how long the old secret still verifies, up to 7d (default: 0s)")

    static let yes = Self(name: "--yes", help: "don't ask; needed where there is no terminal to ask on")

    static let namePrefix = Self(name: "--name-prefix", value: "TEXT", help: "only those whose name begins so")

    static let tokenFilters = [
        Self(
            name: "--state", value: "STATE", help: "only those that are \(alternatives(TokenState.self))",
            completion: .words(TokenState.choices.map(\.text))),
        Self(name: "--scope", value: "SCOPE", help: "only those with this scope"),
        namePrefix,
        Self(name: "--expires-within", value: "DURATION", help: "only those that end within 30d, say"),
        Self(name: "--unused-for", value: "DURATION", help: "only those not used for so long"),
    ]

    static func limit(_ count: Int?) -> Self {
        Self(name: "--limit", value: "N", help: "at most so many (default: \(count.map(String.init) ?? "all"))")
    }

    /// “active, suspended or ended”.
    static func alternatives<Value: NamedValue>(_ type: Value.Type) -> String {
        let names = type.choices.map(\.text)
        return names.dropLast().joined(separator: ", ") + " or " + (names.last ?? "")
    }
}

extension Command.Operand {
    static let tokenID = Self(name: "ID", help: "the token's id, tok_…")
    static let account = Self(name: "ACCOUNT", help: "a service account: its id, sa_…, or its name")
    static let user = Self(name: "USER", help: "the user's id")
    static let workspace = Self(name: "WS", help: "the workspace's id, ws_…")
}
