/// The version of tokend, its client library and its tools, which are released together (semver.org).
package enum Version {
    package static let current = "0.1.0"
}
