import LinuxIO
import Synchronization
import TokenCore
import TokenWire

/// Decides at accept who a peer is and whether it may have another connection, and at each call what it may do. Shared by
/// the loops.
final class Admission: Sendable {
    private let policy: InForce<PeerPolicy>
    private let daemonUserID: UInt32
    private let log: Log
    private let connectionCounts = Mutex<[UInt32: Int]>([:])

    init(policy: PeerPolicy, daemonUserID: UInt32, log: Log) {
        self.policy = InForce(policy)
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
        return Peer(credentials: credentials, socket: kind, policy: policy.copy(), daemonUserID: daemonUserID)
    }

    /// Judges the connection's peer by the policy in force. Unless that has changed it is one load: no lock lies on the way
    /// of a verification.
    func judgeAgain(_ connection: Connection) {
        if policy.isNewest(connection.peer.policyGeneration) { return }
        connection.peer = Peer(
            credentials: connection.peer.credentials, socket: connection.peer.socket, policy: policy.copy(),
            daemonUserID: daemonUserID)
    }

    /// For every call that is begun from now on, of connections that exist too.
    func replacePolicy(with new: PeerPolicy) {
        policy.replace(with: new)
    }

    func release(_ peer: Peer) {
        connectionCounts.withLock { counts in
            let count = counts[peer.credentials.userID, default: 1] - 1
            counts[peer.credentials.userID] = count == 0 ? nil : count
        }
    }

    /// By rising user id, those with the most connections; none for all others together.
    func connectionCountsByUser(atMost countMax: Int) -> [(user: UInt32?, count: Int)] {
        let busiest = connectionCounts.withLock { Array($0) }.sorted { ($0.value, $1.key) > ($1.value, $0.key) }
        var counts: [(user: UInt32?, count: Int)] = []
        for (user, count) in busiest.prefix(countMax).sorted(by: { $0.key < $1.key }) { counts.append((user, count)) }
        let others = busiest.dropFirst(countMax).reduce(0) { $0 + $1.value }
        if others > 0 { counts.append((nil, others)) }
        return counts
    }

    var connectionCount: Int { connectionCounts.withLock { $0.values.reduce(0, +) } }

    func noteTurnedAway() {
        log.limited(.warning, "no descriptor is left: a connection was turned away; raise LimitNOFILE")
    }

    func noteFailure(_ error: SystemError) {
        log.limited(.warning, "a connection could not be accepted", ["error": error.description])
    }
}
