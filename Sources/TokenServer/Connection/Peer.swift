import LinuxIO
import TokenCore

/// The process at the other end of a connection, and what it may do.
struct Peer: Sendable {
    let credentials: PeerCredentials
    let power: PeerPower

    func holds(_ grants: Grants) -> Bool { !power.grants.isDisjoint(with: grants) }
}
