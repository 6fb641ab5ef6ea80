/// Where the value of a setting comes from.
package enum SettingOrigin: Sendable, Equatable {
    case builtIn
    /// The line counts from 1.
    case file(String, line: Int)
    case commandLine
}

/// A value of a setting, as it was written.
package struct SettingValue: Sendable, Equatable {
    package let name: String
    package let text: String
    package let origin: SettingOrigin
}
