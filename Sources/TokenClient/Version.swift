internal import TokenCore

extension TokenClient {
    /// The version of this library, which is that of the tokend it was released with (semver.org).
    public static let version = Version.current
}
