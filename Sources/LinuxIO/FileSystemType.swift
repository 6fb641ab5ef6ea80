private import CLinux
import Glibc

/// What kind of file system something lies on.
package enum FileSystemType {
    /// File systems on which another host may write to a file, or on which flock or mmap are not what they seem. The
    /// numbers are those of statfs(2).
    private static let networked: [Int64: String] = [
        0x6969: "NFS", 0x517B: "SMB", 0xFF53_4D42: "CIFS", 0xFE53_4D42: "SMB2", 0x0102_1997: "9P",
        0x5346_414F: "AFS", 0x7375_7245: "Coda", 0x00C3_6400: "Ceph",
    ]

    /// The name of the network file system that a directory lies on; none for a local one.
    package static func networkName(ofDirectory path: String) throws(SystemError) -> String? {
        let raw = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        if raw < 0 { throw .last("open") }
        let descriptor = FileDescriptor(owning: raw)
        return networked[clinux_file_system_type(descriptor.rawValue)]
    }
}
