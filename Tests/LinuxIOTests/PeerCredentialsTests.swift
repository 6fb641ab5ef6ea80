import Glibc
import LinuxIO
import Testing

@Suite("Who is at the other end")
struct PeerCredentialsTests {
    @Test func aSocketOfOursHasOurIdentity() throws {
        var pair: [Int32] = [0, 0]
        try #require(socketpair(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0, &pair) == 0)
        defer { for raw in pair { close(raw) } }
        for raw in pair {
            let peer = try PeerCredentials(ofSocket: raw)
            #expect(peer.userID == geteuid())
            #expect(peer.groupID == getegid())
            #expect(peer.processID == getpid())
            var groups = [gid_t](repeating: 0, count: 65_536)
            let count = getgroups(Int32(groups.count), &groups)
            #expect(Set(peer.groupIDs) == Set(groups.prefix(Int(count))))
        }
    }

    @Test func whatIsNoSocketHasNone() throws {
        let null = FileDescriptor(owning: open("/dev/null", O_RDONLY | O_CLOEXEC))
        let raw = null.rawValue
        #expect(throws: SystemError("getsockopt SO_PEERCRED", code: ENOTSOCK)) {
            _ = try PeerCredentials(ofSocket: raw)
        }
        withExtendedLifetime(null.rawValue) {}
    }
}
