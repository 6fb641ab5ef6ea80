/// The process at the other end of a connection, as the kernel named it when the connection was accepted.
package struct PeerIdentity: Sendable, Equatable {
    package var uid: UInt32
    package var gid: UInt32
    package var groups: [UInt32]

    package init(uid: UInt32, gid: UInt32, groups: [UInt32]) {
        self.uid = uid
        self.gid = gid
        self.groups = groups
    }
}

/// Which of the two sockets a connection came in by.
package enum SocketKind: Sendable, Equatable, CaseIterable {
    /// `tokend.sock`, for every member of the clients' group.
    case service
    /// `operator.sock`, for root and the daemon's own user.
    case `operator`
}

/// What a peer may do, and in which workspaces.
package struct PeerPower: Sendable, Equatable {
    package var grants: Grants
    /// Where `delegate` holds. Without that grant, nowhere.
    package var delegation: WorkspaceReach
    /// Where it may do anything at all: tokens of other workspaces don't exist for it.
    package var reach: WorkspaceReach

    package init(grants: Grants, delegation: WorkspaceReach, reach: WorkspaceReach = .everywhere) {
        self.grants = grants
        self.delegation = delegation
        self.reach = reach
    }

    package static let none = PeerPower(grants: [], delegation: .only([]), reach: .only([]))
}

/// Says what a peer may do. The answer follows from the kernel's ids and the socket alone, never from a message or a pid.
package struct PeerPolicy: Sendable, Equatable {
    /// What the kernel shows for an id that the reader's user namespace doesn't map: many users in one, so it names none.
    package static let overflowID: UInt32 = 65534

    /// Only on the service socket: the operator's is for those who have every grant anyway.
    package var grants: [PeerGrant]

    /// Without arguments, the policy of a host that has configured nothing.
    package init(grants: [PeerGrant] = []) {
        self.grants = grants
    }

    package func power(of peer: PeerIdentity, on socket: SocketKind, daemonUID: UInt32) -> PeerPower {
        switch socket {
        case .service: servicePower(of: peer)
        case .operator: operatorPower(of: peer, daemonUID: daemonUID)
        }
    }

    /// The socket's mode chooses who can open it. Root gets no more than others here: root in a container that the socket
    /// is shared with is uid 0 as well. Whom a grant names is limited to the workspaces of all that name it.
    private func servicePower(of peer: PeerIdentity) -> PeerPower {
        var power = PeerPower(grants: [.verify, .act], delegation: .only([]))
        var named = WorkspaceReach.only([])
        var isNamed = false
        for grant in grants where Self.matches(grant.subject, peer) {
            isNamed = true
            named = named.union(grant.workspaces)
            if grant.right == .delegate {
                power.grants.insert(.delegate)
                power.delegation = power.delegation.union(grant.workspaces)
            }
        }
        if isNamed { power.reach = named }
        return power
    }

    /// Whoever may open this socket may open the other one too, so it gives what that one gives, and so `tokenctl` does
    /// with one connection.
    private func operatorPower(of peer: PeerIdentity, daemonUID: UInt32) -> PeerPower {
        guard peer.uid != Self.overflowID, peer.uid == 0 || peer.uid == daemonUID else { return .none }
        return PeerPower(grants: [.verify, .act, .delegate, .operate], delegation: .everywhere)
    }

    private static func matches(_ subject: PeerGrant.Subject, _ peer: PeerIdentity) -> Bool {
        switch subject {
        case .user(let uid): uid != overflowID && uid == peer.uid
        case .group(let gid): gid != overflowID && (gid == peer.gid || peer.groups.contains(gid))
        }
    }
}
