import LinuxIO
import Synchronization
import TokenCore
import TokenWire

/// Decides at accept who a peer is and whether it may have another connection. Shared by the loops.
final class Admission: Sendable {
    private let policy: PeerPolicy
    private let daemonUserID: UInt32
    private let log: Log
    private let connectionCounts = Mutex<[UInt32: Int]>([:])

    init(policy: PeerPolicy, daemonUserID: UInt32, log: Log) {
        self.policy = policy
        self.daemonUserID = daemonUserID
        self.log = log
    }

    /// None when the connection is to be closed: its uid has as many as it may, or the kernel does not say who it is.
    func admit(_ descriptor: Int32, on kind: SocketKind) -> Peer? {
        let credentials: PeerCredentials
        do throws(SystemError) {
            credentials = try PeerCredentials(ofSocket: descriptor)
        } catch {
            noteFailure(error)
            return nil
        }
        let isAdmitted = connectionCounts.withLock { counts in
            let count = counts[credentials.userID, default: 0]
            if count >= WireLimits.connectionCountPerUIDMax { return false }
            counts[credentials.userID] = count + 1
            return true
        }
        if !isAdmitted {
            log.limited(
                .warning, "a uid has as many connections as it may; the next is closed",
                ["uid": String(credentials.userID), "limit": String(WireLimits.connectionCountPerUIDMax)])
            return nil
        }
        let identity = PeerIdentity(
            uid: credentials.userID, gid: credentials.groupID, groups: credentials.groupIDs)
        let power = policy.power(of: identity, on: kind, daemonUID: daemonUserID)
        return Peer(credentials: credentials, power: power)
    }

    func release(_ peer: Peer) {
        connectionCounts.withLock { counts in
            let count = counts[peer.credentials.userID, default: 1] - 1
            counts[peer.credentials.userID] = count == 0 ? nil : count
        }
    }

    var connectionCount: Int { connectionCounts.withLock { $0.values.reduce(0, +) } }

    func noteTurnedAway() {
        log.limited(.warning, "no descriptor is left: a connection was turned away; raise LimitNOFILE", [:])
    }

    func noteFailure(_ error: SystemError) {
        log.limited(.warning, "a connection could not be accepted", ["error": error.description])
    }
}
