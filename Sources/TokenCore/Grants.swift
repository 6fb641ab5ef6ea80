/// What a peer may ask for at all, before it is asked for whom.
package struct Grants: OptionSet, Sendable, Hashable {
    package let rawValue: UInt8

    package init(rawValue: UInt8) {
        self.rawValue = rawValue
    }

    /// Verify tokens.
    package static let verify = Grants(rawValue: 1)
    /// Manage with a bearer token.
    package static let act = Grants(rawValue: 2)
    /// Manage on behalf of a user it names: what an API server needs.
    package static let delegate = Grants(rawValue: 4)
    /// Operate the daemon: the host's administrator.
    package static let operate = Grants(rawValue: 8)
}
