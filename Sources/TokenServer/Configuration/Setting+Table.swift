import TokenCore

/// All settings, in the order in which they are shown.
extension Setting {
    package static let all = [
        store, socket, eventLoops, cacheMegabytes, pollMicroseconds, tokenPrefixes, scopesFile, rolesFile,
        maxLifetimePersonal,
        maxLifetimeServiceAccount, changesPerSecond, changesBurst, auditRetentionDays, logFormat, logLevel, grant,
    ]

    package static let store = Setting(
        "store", \.storeDirectory, .path("DIR"), builtIn: "/var/lib/tokend", needsRestart: true, isOption: true,
        summary: "directory of the store",
        details: "It has mode 0700, belongs to the daemon's user, and is on a local disk. tokend init makes it.")

    package static let socket = Setting(
        "socket", \.socketPath, .socketPath("PATH"), builtIn: "/run/tokend/tokend.sock", needsRestart: true,
        isOption: true, summary: "where to listen; operator.sock lies beside it",
        details: "Whoever can open it may verify tokens, and manage with a token of their own. operator.sock is for "
            + "root and the daemon's own user. The page by which clients know of revocations lies there too, so that "
            + "a container has to be given the directory, and not the socket alone. As that holds operator.sock, no "
            + "container may run as root there: without a user namespace it would be an operator of this host.")

    package static let eventLoops = Setting(
        "event-loops", \.eventLoopCount, .number(in: 1...64), builtIn: "1", needsRestart: true, isOption: true,
        summary: "threads that answer, 1 to 64",
        details: "One is enough for most hosts: it answers some hundred thousand verifications a second.")

    static let cacheMegabytes = Setting(
        "cache-megabytes", \.cacheByteCount, .number(in: 1...4_096, of: 1 << 20), builtIn: "16", needsRestart: true,
        summary: "memory for answers that are remembered, 16 for some 100,000 tokens; 1 to 4096",
        details: "All loops share it. A token that is not remembered is read from the store.")

    static let pollMicroseconds = Setting(
        "poll-microseconds", \.pollNanoseconds, .number(in: 0...1_000, of: 1_000), builtIn: "50", needsRestart: true,
        summary: "how long a loop with traffic looks for more before it sleeps, 0 to 1000",
        details: "To wake a processor that sleeps takes longer than that on many machines. 0 is for not at all, which"
            + " it always is where the daemon has a single processor.")

    static let tokenPrefixes = Setting(
        "token-prefixes", \.prefixes, .prefixes, builtIn: "clp", needsRestart: true,
        summary: "prefixes of tokens: the first issues, all verify",
        details: "To change it, put the new prefix first and leave the old one until its last token has ended.")

    static let scopesFile = Setting(
        "scopes-file", \.scopesFile, SettingForm.path("FILE").optional, example: "/etc/tokend/scopes.conf",
        summary: "the catalogue of scopes",
        details: "[Group] sections of lines scope = description. Without it the built-in catalogue is in force, which "
            + "tokenctl scopes shows. A scope that is removed stays recorded on the tokens that have it, but nobody "
            + "holds it until it returns.")

    static let rolesFile = Setting(
        "roles-file", \.rolesFile, SettingForm.path("FILE").optional, example: "/etc/tokend/roles.conf",
        summary: "the roles of members",
        details: "[role] sections from the least to the most powerful, with a line for each scope that a role adds to "
            + "those before it, resource:* for all of a resource. tenant_admin is the last and has every scope. A role "
            + "that members have can't be removed.")

    static let maxLifetimePersonal = Setting(
        "max-lifetime-personal", \.lifetimes.personalSeconds, SettingForm.lifetime.optional, example: "90d",
        summary: "how long a new personal token may live, such as 90d or 12h",
        details: "Without it, as long as its maker likes, and for ever. Tokens that are there keep their expiry.")

    static let maxLifetimeServiceAccount = Setting(
        "max-lifetime-service-account", \.lifetimes.serviceAccountSeconds, SettingForm.lifetime.optional,
        example: "365d", summary: "how long a service account's new token may live")

    static let changesPerSecond = Setting(
        "changes-per-second", \.changeRate.perSecond, .number(in: 0...1_000_000), builtIn: "10",
        summary: "changes a bearer may make a second; 0 for no limit",
        details: "Verifying is never limited, and neither is what the operator does.")

    static let changesBurst = Setting(
        "changes-burst", \.changeRate.burst, .number(in: 1...1_000_000), builtIn: "100",
        summary: "how many changes a bearer may make at once")

    static let auditRetentionDays = Setting(
        "audit-retention-days", \.auditRetentionDays, .retentionDays, builtIn: "365",
        summary: "how long events of the audit are kept; never less")

    static let logFormat = Setting(
        "log-format", \.log.format, .choice(of: LogFormat.allCases) { $0.name }, builtIn: "auto",
        summary: "how the log is written: auto, logfmt or json",
        details: "auto is the journal's own fields where standard error is the journal's, and else logfmt, a line an "
            + "event.")

    static let logLevel = Setting(
        "log-level", \.log.level, .choice(of: LogLevel.allCases) { $0.name }, builtIn: "info",
        summary: "what is logged: debug, info, warning or error, and what is worse",
        details: "debug has every failed call with its trace id.")

    static let grant = Setting(
        "grant", list: \.grants, countMax: 1_000, .grant, example: "user:api delegate ws_a ws_b",
        summary: "who may do what on tokend.sock; there may be many",
        details: "user:NAME or group:NAME of this host, then verify or delegate, then the workspaces, or * for all. "
            + "delegate is acting for users, which an API server needs. Whoever any line names is limited to the "
            + "workspaces of all lines that name it: a token of another workspace is to it as if there were none.")

    package static func named(_ name: String) -> Setting? { all.first { $0.name == name } }
}
