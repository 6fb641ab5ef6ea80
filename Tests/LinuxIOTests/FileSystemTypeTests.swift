import Foundation
import LinuxIO
import Testing

@Suite("Kinds of file systems")
struct FileSystemTypeTests {
    /// ext4, XFS, Btrfs, tmpfs, ZFS, and one that nobody knows.
    @Test(arguments: [0xEF53, 0x5846_5342, 0x9123_683E, 0x0102_1994, 0x2FC1_2FC1, 0x1234] as [Int64])
    func whatNothingIsKnownAgainstIsLocal(number: Int64) {
        #expect(FileSystemType(number: number) == .local)
    }

    @Test(
        arguments: [
            (0x6969, "NFS"), (0xFF53_4D42, "CIFS"), (0xFE53_4D42, "SMB2"), (0x0102_1997, "9P"), (0x00C3_6400, "Ceph"),
            (0x0116_1970, "GFS2"), (0x7461_636F, "OCFS2"), (0x0BD0_0BD0, "Lustre"),
        ] as [(Int64, String)])
    func whatOtherHostsWriteToIsNamed(number: Int64, name: String) {
        #expect(FileSystemType(number: number) == .networked(name: name))
    }

    @Test(arguments: [(0x6573_5546, "FUSE"), (0x794C_7630, "overlay")] as [(Int64, String)])
    func whatMayDoIsDoubtful(number: Int64, expected: String) {
        guard case .doubtful(let name, let reason) = FileSystemType(number: number) else {
            Issue.record("not doubtful")
            return
        }
        #expect(name == expected)
        #expect(!reason.isEmpty)
    }

    @Test func aDirectorysOwnIsTold() throws {
        #expect(try FileSystemType(ofDirectory: "/dev/shm") == .local)
        #expect(throws: SystemError.self) { try FileSystemType(ofDirectory: "/dev/null") }
    }
}
