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
    package var storeDirectory: String?
    package var socketPath: String?
    package var eventLoopCount: Int?

    package init(file: String? = nil) {
        self.file = file
    }

    /// The settings alone, without the files they name.
    package func settings() throws(ConfigurationProblem) -> ServerConfiguration {
        var settings = ServerConfiguration()
        let path = file ?? ServerConfiguration.defaultPath
        if file != nil || access(path, F_OK) == 0 || errno != ENOENT {
            try settings.apply(try Self.read(path), file: path)
        }
        if let storeDirectory { settings.storeDirectory = storeDirectory }
        if let socketPath { settings.socketPath = socketPath }
        if let eventLoopCount { settings.eventLoopCount = eventLoopCount }
        return settings
    }

    /// Everything. It waits for the disk, and perhaps for whoever knows the host's users.
    package func load() throws(ConfigurationProblem) -> LoadedConfiguration {
        let settings = try settings()
        var catalogue = Catalogue.standard
        if let path = settings.scopesFile {
            catalogue = try Catalogue(text: try Self.read(path, namedBy: .scopesFile), file: path)
        }
        var roles = Roles.standard(in: catalogue)
        if let path = settings.rolesFile {
            roles = try Roles(text: try Self.read(path, namedBy: .rolesFile), file: path, in: catalogue)
        }
        return LoadedConfiguration(
            settings: settings,
            rules: AccessRules(catalogue: catalogue, roles: roles, lifetimes: settings.lifetimes))
    }

    private static func read(_ path: String, namedBy setting: Setting? = nil) throws(ConfigurationProblem) -> String {
        func problem(_ message: String) -> ConfigurationProblem {
            let remedy = setting.map { "; \($0.rawValue) names it" } ?? ""
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
