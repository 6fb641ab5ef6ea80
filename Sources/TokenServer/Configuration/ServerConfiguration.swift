package import TokenCore
import TokenStore

/// What an operator can set: the built-in values, then the configuration file, then the command line.
package struct ServerConfiguration: Sendable, Equatable {
    package typealias Problem = ConfigurationProblem

    /// Read when it exists and no other is named.
    package static let defaultPath = "/etc/tokend/tokend.conf"

    package var storeDirectory = "/var/lib/tokend"
    /// The operator's socket lies beside it.
    package var socketPath = "/run/tokend/tokend.sock"
    package var eventLoopCount = 1
    /// For the answers that the loops remember, all of them together.
    package var cacheByteCount = 16 << 20
    /// How long a loop with traffic asks for more before it sleeps; 0 for not at all.
    package var pollNanoseconds: Int64 = 50_000
    package var prefixes = TokenPrefixes.standard
    /// None for the built-in catalogue.
    package var scopesFile: String?
    /// None for the built-in roles.
    package var rolesFile: String?
    package var lifetimes = LifetimeLimits()
    package var changeRate = ChangeRate()
    /// For how many days events of the audit are kept.
    package var auditRetentionDays = Int(PruneEvents.retentionDaysMin)
    package var log = LogSettings()
    package var grants: [PeerGrant] = []

    package init() {}

    package var operatorSocketPath: String {
        guard let slash = socketPath.utf8.lastIndex(of: UInt8(ascii: "/")) else { return "operator.sock" }
        return socketPath[...slash] + "operator.sock"
    }
}

/// The settings, by their names in the file.
enum Setting: String, CaseIterable, Sendable {
    case store
    case socket
    case eventLoops = "event-loops"
    case cacheMegabytes = "cache-megabytes"
    case pollMicroseconds = "poll-microseconds"
    case tokenPrefixes = "token-prefixes"
    case scopesFile = "scopes-file"
    case rolesFile = "roles-file"
    case maxLifetimePersonal = "max-lifetime-personal"
    case maxLifetimeServiceAccount = "max-lifetime-service-account"
    case changesPerSecond = "changes-per-second"
    case changesBurst = "changes-burst"
    case auditRetentionDays = "audit-retention-days"
    case logFormat = "log-format"
    case logLevel = "log-level"
    case grant

    /// Whether a running daemon keeps what it was started with.
    var needsRestart: Bool {
        switch self {
        case .store, .socket, .eventLoops, .cacheMegabytes, .pollMicroseconds, .tokenPrefixes: true
        default: false
        }
    }

    /// Whether there may be several lines of it.
    var isRepeatable: Bool { self == .grant }
}
