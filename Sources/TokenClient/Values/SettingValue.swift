internal import TokenWire

/// A setting of the daemon's configuration, as it is in force.
public struct SettingValue: Hashable, Sendable {
    /// What names it in the configuration file.
    public let name: String
    /// As the file would have it; nil for none.
    public let value: String?
    /// Where it comes from.
    public let origin: Origin

    /// Where the value of a setting comes from.
    public enum Origin: Hashable, Sendable {
        /// Nothing was said of it.
        case builtIn
        /// A line of the configuration file, as in `/etc/tokend/tokend.conf:7`.
        case file(String)
        /// An option of the daemon's command line.
        case commandLine
        /// An origin that this version of the library doesn't know, by its number in the protocol.
        case unrecognized(Int32)
    }
}

extension SettingValue {
    init(_ view: TokenWire.SettingValue.View) {
        name = String(copying: view.name)
        value = String(nonEmpty: view.value)
        switch view.origin {
        case .builtIn: origin = .builtIn
        case .file: origin = .file(String(copying: view.place))
        case .commandLine: origin = .commandLine
        default: origin = .unrecognized(view.origin.rawValue)
        }
    }
}
