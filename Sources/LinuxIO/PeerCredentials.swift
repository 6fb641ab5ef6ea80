private import CLinux
import Glibc

/// Who is at the other end of a Unix socket, told by the kernel and fixed at connect(2).
package struct PeerCredentials: Equatable, Sendable {
    package let userID: UInt32
    package let groupID: UInt32
    /// Supplementary groups.
    package let groupIDs: [UInt32]
    /// For the record only: a pid may be another process by now.
    package let processID: Int32

    package init(userID: UInt32, groupID: UInt32, groupIDs: [UInt32], processID: Int32) {
        self.userID = userID
        self.groupID = groupID
        self.groupIDs = groupIDs
        self.processID = processID
    }

    /// SO_PEERCRED and SO_PEERGROUPS, see unix(7).
    package init(ofSocket descriptor: Int32) throws(SystemError) {
        var peer = clinux_peer()
        if clinux_peer_credentials(descriptor, &peer) != 0 { throw .last("getsockopt SO_PEERCRED") }
        self.init(
            userID: peer.uid, groupID: peer.gid,
            groupIDs: try Self.groups(of: descriptor), processID: peer.pid)
    }

    private static func groups(of descriptor: Int32) throws(SystemError) -> [UInt32] {
        var capacity = 32
        while true {
            var groups = [UInt32](repeating: 0, count: capacity)
            let count = clinux_peer_groups(descriptor, &groups, Int32(capacity))
            if count >= 0 { return Array(groups.prefix(Int(count))) }
            let code = errno
            // NGROUPS_MAX is 65536 since Linux 2.6.4, see getgroups(2).
            if code != ERANGE || capacity > 65536 { throw SystemError("getsockopt SO_PEERGROUPS", code: code) }
            capacity *= 4
        }
    }
}
