package import TokenCore
import TokenStore

/// What an operator can set: the built-in values, then the configuration file, then the command line. `Setting.all` says
/// what each is for.
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

    /// What was said of settings, by their names.
    private var given: [String: [SettingValue]] = [:]

    package init() {}

    static let operatorSocketName = "operator.sock"

    package var operatorSocketPath: String {
        guard let slash = socketPath.utf8.lastIndex(of: UInt8(ascii: "/")) else { return Self.operatorSocketName }
        return socketPath[...slash] + Self.operatorSocketName
    }

    /// Where clients find the epoch page: see PROTOCOL.md ("The epoch page").
    var epochPagePath: String { socketPath + ".epochs" }

    /// Every setting with its value, in the order of the table, and one that has several with all of them.
    package var values: [SettingValue] {
        Setting.all.flatMap { setting in
            given[setting.name] ?? [SettingValue(name: setting.name, text: setting.builtIn, origin: .builtIn)]
        }
    }

    /// Sets a value, or adds it to those of a setting that has several.
    package mutating func set(
        _ setting: Setting, to text: String, from origin: SettingOrigin
    ) throws(SettingProblem) {
        try setting.set(&self, text)
        let value = SettingValue(name: setting.name, text: text, origin: origin)
        given[setting.name] = (setting.isRepeatable ? given[setting.name] ?? [] : []) + [value]
    }

    /// Takes what another configuration has of a setting.
    mutating func take(_ setting: Setting, of other: ServerConfiguration) {
        setting.copy(other, &self)
        given[setting.name] = other.given[setting.name]
    }
}
