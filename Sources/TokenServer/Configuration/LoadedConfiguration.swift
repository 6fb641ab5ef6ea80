import TokenCore
package import TokenStore

/// The settings with what the files that they name hold.
package struct LoadedConfiguration: Sendable, Equatable {
    package var settings: ServerConfiguration
    package var rules: AccessRules

    package init(settings: ServerConfiguration = ServerConfiguration(), rules: AccessRules = .builtIn) {
        self.settings = settings
        self.rules = rules
    }

    var policy: PeerPolicy { PeerPolicy(grants: settings.grants) }

    /// The settings by which another configuration differs from this one, in the order of their definition.
    func settingsChanged(in new: LoadedConfiguration) -> [Setting] {
        Setting.allCases.filter { hasChanged($0, in: new) }
    }

    private func hasChanged(_ setting: Setting, in new: LoadedConfiguration) -> Bool {
        let (old, new, oldRules, newRules) = (settings, new.settings, rules, new.rules)
        return switch setting {
        case .store: old.storeDirectory != new.storeDirectory
        case .socket: old.socketPath != new.socketPath
        case .eventLoops: old.eventLoopCount != new.eventLoopCount
        case .cacheMegabytes: old.cacheByteCount != new.cacheByteCount
        case .pollMicroseconds: old.pollNanoseconds != new.pollNanoseconds
        case .tokenPrefixes: old.prefixes != new.prefixes
        case .scopesFile: old.scopesFile != new.scopesFile || oldRules.catalogue != newRules.catalogue
        case .rolesFile:
            old.rolesFile != new.rolesFile || oldRules.roles.definitions != newRules.roles.definitions
        case .maxLifetimePersonal: old.lifetimes.personalSeconds != new.lifetimes.personalSeconds
        case .maxLifetimeServiceAccount: old.lifetimes.serviceAccountSeconds != new.lifetimes.serviceAccountSeconds
        case .changesPerSecond: old.changeRate.perSecond != new.changeRate.perSecond
        case .changesBurst: old.changeRate.burst != new.changeRate.burst
        case .auditRetentionDays: old.auditRetentionDays != new.auditRetentionDays
        case .logFormat: old.log.format != new.log.format
        case .logLevel: old.log.level != new.log.level
        case .grant: old.grants != new.grants
        }
    }

    /// The other configuration with what only a restart changes as it is here.
    func adopting(_ new: LoadedConfiguration) -> LoadedConfiguration {
        var adopted = new
        adopted.settings.storeDirectory = settings.storeDirectory
        adopted.settings.socketPath = settings.socketPath
        adopted.settings.pollNanoseconds = settings.pollNanoseconds
        adopted.settings.eventLoopCount = settings.eventLoopCount
        adopted.settings.cacheByteCount = settings.cacheByteCount
        adopted.settings.prefixes = settings.prefixes
        return adopted
    }
}
