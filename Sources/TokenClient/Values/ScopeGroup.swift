internal import TokenWire

/// Scopes of the catalogue that belong together.
///
/// The catalogue is the daemon's: it can change while it runs, so don't build it into a program.
public struct ScopeGroup: Hashable, Sendable {
    /// Name of the group, for people.
    public let name: String
    /// Its scopes, in the order in which to show them. A group may be empty.
    public let scopes: [Scope]

    /// One scope of the catalogue.
    public struct Scope: Hashable, Sendable {
        /// `resource:verb`, for example `issues:read`.
        public let name: String
        /// What it allows, for people.
        public let description: String
        /// Whether the caller holds it now and so may give it to a token.
        public let isGrantable: Bool
    }
}

/// The catalogue, in the order in which to show it.
struct ScopeCatalogue: Answer {
    let groups: [ScopeGroup]

    init?(decoding payload: Span<UInt8>) throws(WireError) {
        groups = try ListScopesResponse.View(payload).groups.map { group in
            let scopes = group.scopes.map { scope in
                ScopeGroup.Scope(
                    name: String(copying: scope.name), description: String(copying: scope.description),
                    isGrantable: scope.grantable)
            }
            return ScopeGroup(name: String(copying: group.name), scopes: scopes)
        }
    }
}
