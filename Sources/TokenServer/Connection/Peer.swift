import LinuxIO
import TokenCore
import TokenStore
import TokenWire

/// The process at the other end of a connection, and what it may do under the policy in force when it was last judged.
struct Peer: Sendable {
    /// Fixed when the connection was accepted.
    let credentials: PeerCredentials
    let socket: SocketKind
    let power: PeerPower
    /// Of the policy that gave the power.
    let policyGeneration: UInt64
    /// It may verify tokens of all workspaces.
    let verifiesEverywhere: Bool

    init(
        credentials: PeerCredentials, socket: SocketKind, policy: InForce<PeerPolicy>.Copy, daemonUserID: UInt32
    ) {
        self.credentials = credentials
        self.socket = socket
        let identity = PeerIdentity(
            uid: credentials.userID, gid: credentials.groupID, groups: credentials.groupIDs)
        power = policy.value.power(of: identity, on: socket, daemonUID: daemonUserID)
        policyGeneration = policy.generation
        verifiesEverywhere = power.grants.contains(.verify) && !power.reach.isLimited
    }

    func holds(_ grants: Grants) -> Bool { !power.grants.isDisjoint(with: grants) }

    /// Whether it may call the method at all: refused if not.
    func check(_ method: Method) throws(Refusal) {
        let grants = MethodRule.rule(of: method).grants
        if !grants.isEmpty && !holds(grants) { throw CallerMetadata.missing(grants) }
    }

    /// Whether it may make a call for whom it says: refused if not. Whether that is true is the store's to say.
    func check(_ claim: CallerClaim) throws(Refusal) {
        switch claim {
        case .bearer:
            if !holds(.act) { throw CallerMetadata.missing(.act) }
        case .delegated(_, let workspaceID):
            guard holds(.delegate), power.delegation.covers(workspaceID) else {
                throw CallerMetadata.missing(.delegate)
            }
        case .host:
            if !holds(.operate) { throw CallerMetadata.missing(.operate) }
        case .none:
            break
        }
    }
}
