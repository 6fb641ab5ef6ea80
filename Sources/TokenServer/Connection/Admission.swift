import LinuxIO
import Synchronization
import TokenCore
import TokenWire

/// Decides at accept who a peer is and whether it may have another connection, at each call what it may do, and how much
/// of its bytes is kept. Shared by the loops.
final class Admission: Sendable {
    /// The connections of a uid on one socket. What they keep counts apart from what those on the other keep: in a
    /// container others are root too, and must not keep the host's root from the operator's.
    private struct Key: Hashable {
        let userID: UInt32
        var socket: SocketKind

        init(_ peer: Peer) {
            userID = peer.credentials.userID
            socket = peer.socket
        }

        var onOtherSocket: Key {
            var key = self
            key.socket = socket == .service ? .operator : .service
            return key
        }
    }

    private struct Entry {
        var connectionCount = 0
        let share = BufferBudget.Share()
    }

    private let policy: InForce<PeerPolicy>
    private let daemonUserID: UInt32
    private let log: Log
    private let budget = BufferBudget(byteCount: ServerLimits.keptByteCountMax)
    private let entries = Mutex<[Key: Entry]>([:])

    init(policy: PeerPolicy, daemonUserID: UInt32, log: Log) {
        self.policy = InForce(policy)
        self.daemonUserID = daemonUserID
        self.log = log
    }

    /// None when the connection is to be closed: its uid has as many as it may, or the kernel does not say who it is.
    func admit(_ descriptor: Int32, on kind: SocketKind) -> (peer: Peer, share: BufferBudget.Share)? {
        let credentials: PeerCredentials
        do throws(SystemError) {
            credentials = try PeerCredentials(ofSocket: descriptor)
        } catch {
            noteFailure(error)
            return nil
        }
        let peer = Peer(credentials: credentials, socket: kind, policy: policy.copy(), daemonUserID: daemonUserID)
        let share = entries.withLock { entries -> BufferBudget.Share? in
            let key = Key(peer)
            var entry = entries[key] ?? Entry()
            let countOnOther = entries[key.onOtherSocket]?.connectionCount ?? 0
            guard entry.connectionCount < countMax(peer),
                entry.connectionCount + countOnOther < WireLimits.connectionCountPerUIDMax
            else { return nil }
            entry.connectionCount += 1
            entries[key] = entry
            return entry.share
        }
        if let share { return (peer, share) }
        log.limited(
            .warning, "a uid has as many connections as it may; the next is closed",
            ["uid": String(credentials.userID), "limit": String(countMax(peer))])
        return nil
    }

    /// On the socket that it came in by. Of those who may use the operator's, so many fewer on the other as are kept for
    /// that one.
    private func countMax(_ peer: Peer) -> Int {
        let userID = peer.credentials.userID
        let isKept = peer.socket == .service && (userID == 0 || userID == daemonUserID)
        return WireLimits.connectionCountPerUIDMax - (isKept ? WireLimits.operatorConnectionCountKept : 0)
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

    /// Takes note of what the connection keeps by now. False when that is too much: then it is to be closed.
    func mayKeep(_ connection: Connection) -> Bool {
        let byteCount =
            connection.input.capacity + connection.output.capacity + connection.slicedByteCount
            + connection.tailByteCount
        let growth = byteCount - connection.keptByteCount
        if growth == 0 { return true }
        connection.keptByteCount = byteCount
        if budget.change(connection.share, by: growth) { return true }
        log.limited(
            .warning, "the connections of a uid keep as many bytes as they may; one of them is closed",
            ["uid": String(connection.peer.credentials.userID)])
        return false
    }

    /// The connection is closed.
    func release(_ connection: Connection) {
        _ = budget.change(connection.share, by: -connection.keptByteCount)
        release(connection.peer)
    }

    /// The same for one that never came to be.
    func release(_ peer: Peer) {
        entries.withLock { entries in
            guard var entry = entries.removeValue(forKey: Key(peer)) else { return }
            entry.connectionCount -= 1
            if entry.connectionCount > 0 { entries[Key(peer)] = entry }
        }
    }

    /// By rising user id, those with the most connections; none for all others together.
    func connectionCountsByUser(atMost countMax: Int) -> [(user: UInt32?, count: Int)] {
        let all = entries.withLock { entries in
            entries.reduce(into: [UInt32: Int]()) { $0[$1.key.userID, default: 0] += $1.value.connectionCount }
        }
        let busiest = all.sorted { ($0.value, $1.key) > ($1.value, $0.key) }
        var counts: [(user: UInt32?, count: Int)] = []
        for (user, count) in busiest.prefix(countMax).sorted(by: { $0.key < $1.key }) { counts.append((user, count)) }
        let others = busiest.dropFirst(countMax).reduce(0) { $0 + $1.value }
        if others > 0 { counts.append((nil, others)) }
        return counts
    }

    var connectionCount: Int { entries.withLock { $0.values.reduce(0) { $0 + $1.connectionCount } } }

    func noteTurnedAway() {
        log.limited(.warning, "no descriptor is left: a connection was turned away; raise LimitNOFILE")
    }

    func noteFailure(_ error: SystemError) {
        log.limited(.warning, "a connection could not be accepted", ["error": error.description])
    }
}
