internal import TokenWire

/// A tenant of this host's daemon.
public struct Workspace: Hashable, Sendable, Identifiable {
    /// `ws_…`.
    public let id: String
    /// Whether its tokens verify.
    public let state: WorkspaceState
    /// When it was made.
    public let createdAt: Timestamp
}

/// Whether a workspace's tokens verify.
public enum WorkspaceState: Hashable, Sendable {
    /// They do.
    case active
    /// They don't until it is active again, and nobody may call for its members.
    case suspended
    /// They are revoked. Final: an ended workspace has no other state ever again, and its id stays taken.
    case ended
    /// A state that this version of the library doesn't know, by its number in the protocol.
    case unrecognized(Int32)
}

/// What reading the configuration again has changed.
public struct ReloadReport: Hashable, Sendable {
    /// Names of the settings and files whose change is in force now.
    public let changedSettings: [String]
    /// Names of the settings whose change waits for a restart of the daemon.
    public let restartSettings: [String]
}

extension Workspace {
    /// A received workspace. A missing `created_at`, which no daemon leaves out, reads as 1970.
    init(_ view: TokenWire.Workspace.View) {
        id = String(copying: view.id)
        state = WorkspaceState(view.state)
        createdAt = Timestamp(view.createdAt ?? TokenWire.Timestamp())
    }
}

extension WorkspaceState {
    init(_ wire: TokenWire.WorkspaceState) {
        switch wire {
        case .active: self = .active
        case .suspended: self = .suspended
        case .ended: self = .ended
        default: self = .unrecognized(wire.rawValue)
        }
    }

    var wire: TokenWire.WorkspaceState {
        switch self {
        case .active: .active
        case .suspended: .suspended
        case .ended: .ended
        case .unrecognized(let number): TokenWire.WorkspaceState(rawValue: number)
        }
    }
}

extension Workspace: Answer {
    init?(decoding payload: Span<UInt8>) throws(WireError) {
        let view = try SetWorkspaceStateResponse.View(payload)
        guard view.workspace.isPresent else { return nil }
        self.init(view.workspace)
    }
}

extension Workspace: PageElement {
    static func page(decoding payload: Span<UInt8>) throws(WireError) -> Page<Workspace> {
        let view = try ListWorkspacesResponse.View(payload)
        return Page(
            elements: view.workspaces.map { Workspace($0) }, nextPageToken: String(nonEmpty: view.nextPageToken),
            totalSize: Int(view.totalSize))
    }
}

extension ReloadReport: Answer {
    init?(decoding payload: Span<UInt8>) throws(WireError) {
        let view = try ReloadResponse.View(payload)
        changedSettings = view.changedSettings.strings
        restartSettings = view.restartSettings.strings
    }
}
