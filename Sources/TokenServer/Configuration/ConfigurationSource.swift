import Glibc
import LinuxIO
package import TokenCore
import TokenStore

/// Where the configuration comes from, so that it can be read again: the built-in values, over them a file, over that what
/// the command line says.
package struct ConfigurationSource: Sendable {
    /// A file has at most so many bytes.
    private static let fileByteCountMax = 1 << 20

    /// None for the default file, which need not be there.
    package var file: String?
    /// A test has another.
    var defaultFile = ServerConfiguration.defaultPath
    /// What the command line says, in the order of its words.
    private var options: [(setting: Setting, text: String)] = []

    package init(file: String? = nil) {
        self.file = file
    }

    /// Lets the command line's word stand over the file's. A path may be relative there, to the directory in which the
    /// daemon was started.
    package mutating func override(_ setting: Setting, with text: String) throws(ConfigurationProblem) {
        let option = (setting: setting, text: setting.isPath ? Self.absolute(text) : text)
        var tried = ServerConfiguration()
        try Self.apply(option, to: &tried)
        options.append(option)
    }

    private static func apply(
        _ option: (setting: Setting, text: String), to settings: inout ServerConfiguration
    ) throws(ConfigurationProblem) {
        do throws(SettingProblem) {
            try settings.set(option.setting, to: option.text, from: .commandLine)
        } catch {
            throw ConfigurationProblem(file: "--\(option.setting.name)", line: 0, message: error.message)
        }
    }

    /// The settings alone, without the files they name.
    package func settings() throws(ConfigurationProblem) -> ServerConfiguration {
        try settings(from: presentFile)
    }

    /// The file to be read: none where the default one is not there.
    private var presentFile: String? {
        file ?? (access(defaultFile, F_OK) == 0 || errno != ENOENT ? defaultFile : nil)
    }

    private func settings(from path: String?) throws(ConfigurationProblem) -> ServerConfiguration {
        var settings = ServerConfiguration()
        if let path { try settings.apply(try Self.read(path), file: path) }
        for option in options { try Self.apply(option, to: &settings) }
        if let path { try Self.checkIsTrusted(path, settings) }
        return settings
    }

    /// Whoever may write to what grants, scopes and roles are read from has all power there is.
    private static func checkIsTrusted(
        _ path: String, _ settings: ServerConfiguration
    ) throws(ConfigurationProblem) {
        do throws(TrustedPath.Violation) {
            try TrustedPath.check(file: path, userID: daemonUserID(settings))
        } catch {
            throw ConfigurationProblem(
                file: error.path, line: 0,
                message: "\(error.problem); \(error.remedy), because who may write to it can grant everything")
        }
    }

    /// Root may read it for a daemon that is another user: the store's owner.
    private static func daemonUserID(_ settings: ServerConfiguration) -> UInt32 {
        var status = stat()
        if geteuid() != 0 || stat(settings.storeDirectory, &status) != 0 { return geteuid() }
        return status.st_uid
    }

    private static func absolute(_ path: String) -> String {
        if path.hasPrefix("/") { return path }
        guard let directory = getcwd(nil, 0) else { return path }
        defer { free(directory) }
        return String(cString: directory) + "/" + path
    }

    /// Everything, in place of what is in force if anything is. It waits for the disk, and perhaps for whoever knows the
    /// host's users.
    package func load(after inForce: LoadedConfiguration? = nil) throws(ConfigurationProblem) -> LoadedConfiguration {
        let path = presentFile
        if path == nil, let file = inForce?.file {
            // Its limits would go with it, and nobody has said so.
            throw ConfigurationProblem(
                file: file, line: 0, message: "was read before and is gone; leave it empty for the built-in settings")
        }
        let settings = try settings(from: path)
        var catalogue = Catalogue.standard
        if let path = settings.scopesFile {
            catalogue = try Catalogue(text: try Self.read(path, namedBy: .scopesFile), file: path)
            try Self.checkIsTrusted(path, settings)
        }
        var roles = Roles.standard(in: catalogue)
        if let path = settings.rolesFile {
            roles = try Roles(text: try Self.read(path, namedBy: .rolesFile), file: path, in: catalogue)
            try Self.checkIsTrusted(path, settings)
        }
        var loaded = LoadedConfiguration(
            settings: settings,
            rules: AccessRules(catalogue: catalogue, roles: roles, lifetimes: settings.lifetimes))
        loaded.file = path
        return loaded
    }

    private static func read(_ path: String, namedBy setting: Setting? = nil) throws(ConfigurationProblem) -> String {
        func problem(_ message: String) -> ConfigurationProblem {
            let remedy = setting.map { "; \($0.name) names it" } ?? ""
            return ConfigurationProblem(file: path, line: 0, message: message + remedy)
        }
        // A pipe would be empty when it is read again, and may never end.
        var status = stat()
        if stat(path, &status) == 0, status.st_mode & S_IFMT == S_IFIFO {
            throw problem("is a pipe, which can't be read again; write a file")
        }
        do throws(SystemError) {
            return try TextFile.read(path, byteCountMax: fileByteCountMax)
        } catch {
            throw problem(error.code == EFBIG ? "is larger than \(fileByteCountMax) bytes" : error.description)
        }
    }
}
