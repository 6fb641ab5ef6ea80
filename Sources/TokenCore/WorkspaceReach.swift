/// The workspaces in which a peer may do something.
package enum WorkspaceReach: Sendable, Equatable {
    case everywhere
    case only(Set<String>)

    /// Allocates nothing.
    package func covers(_ workspaceID: String) -> Bool {
        switch self {
        case .everywhere: true
        case .only(let workspaces): workspaces.contains(workspaceID)
        }
    }

    package var isLimited: Bool { self != .everywhere }

    package func union(_ other: WorkspaceReach) -> WorkspaceReach {
        switch (self, other) {
        case (.only(let some), .only(let more)): .only(some.union(more))
        default: .everywhere
        }
    }
}
