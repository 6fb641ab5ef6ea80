private import CLinux
import Glibc

/// What kind of file system something lies on.
package enum FileSystemType: Equatable, Sendable {
    /// Nothing is known against it.
    case local
    /// Another host may write to a file there, or flock and mmap are not what they seem.
    case networked(name: String)
    /// It may do, and that is for whoever made it to know: why.
    case doubtful(name: String, reason: String)

    /// The numbers are those of statfs(2).
    private static let networkNames: [Int64: String] = [
        0x6969: "NFS", 0x517B: "SMB", 0xFF53_4D42: "CIFS", 0xFE53_4D42: "SMB2", 0x0102_1997: "9P",
        0x5346_414F: "AFS", 0x7375_7245: "Coda", 0x00C3_6400: "Ceph", 0x0116_1970: "GFS2", 0x7461_636F: "OCFS2",
        0x0BD0_0BD0: "Lustre", 0x4750_4653: "GPFS", 0x2003_0528: "OrangeFS",
    ]

    private static let fuseNumber: Int64 = 0x6573_5546
    private static let overlayNumber: Int64 = 0x794C_7630

    /// By the number that statfs(2) tells.
    package init(number: Int64) {
        self =
            switch number {
            case Self.fuseNumber:
                .doubtful(name: "FUSE", reason: "whether file locks and fsync hold there, its own program decides")
            case Self.overlayNumber:
                .doubtful(name: "overlay", reason: "what a container writes there goes with the container")
            default:
                Self.networkNames[number].map { .networked(name: $0) } ?? .local
            }
    }

    package init(ofDirectory path: String) throws(SystemError) {
        let raw = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        if raw < 0 { throw .last("open") }
        let descriptor = FileDescriptor(owning: raw)
        self.init(number: clinux_file_system_type(descriptor.rawValue))
    }
}
