import TokenCore
package import TokenStore

/// The settings with what the files that they name hold.
package struct LoadedConfiguration: Sendable, Equatable {
    package var settings: ServerConfiguration
    package var rules: AccessRules
    /// The file that the settings were read from; none if there was none.
    var file: String?

    package init(settings: ServerConfiguration = ServerConfiguration(), rules: AccessRules = .builtIn) {
        self.settings = settings
        self.rules = rules
    }

    var policy: PeerPolicy { PeerPolicy(grants: settings.grants) }

    /// The settings by which another configuration differs from this one, in the order of the table.
    func settingsChanged(in new: LoadedConfiguration) -> [Setting] {
        Setting.all.filter { hasChanged($0, in: new) }
    }

    /// A setting that names a file has changed with what the file holds.
    private func hasChanged(_ setting: Setting, in new: LoadedConfiguration) -> Bool {
        if setting.differs(settings, new.settings) { return true }
        return switch setting.name {
        case Setting.scopesFile.name: rules.catalogue != new.rules.catalogue
        case Setting.rolesFile.name: rules.roles.definitions != new.rules.roles.definitions
        default: false
        }
    }

    /// The other configuration with what only a restart changes as it is here.
    func adopting(_ new: LoadedConfiguration) -> LoadedConfiguration {
        var adopted = new
        for setting in Setting.all where setting.needsRestart { adopted.settings.take(setting, of: settings) }
        return adopted
    }
}
