/// How the epoch page lies in its file, in the processor's own byte order. PROTOCOL.md ("The epoch page") is the source.
public enum EpochLayout {
    package static let magic: [UInt8] = Array("tokendEP".utf8)
    package static let layoutNumber: UInt32 = 1
    /// A digest belongs to one of so many shards, each with an epoch.
    public static let shardCount = 4_096
    package static let pageIDByteCount = 16

    static let layoutNumberOffset = 8
    static let shardCountOffset = 12
    static let pageIDOffset = 16
    static let instanceOffset = 32
    static let leaseOffset = 40
    static let epochsOffset = 64
    package static let byteCount = epochsOffset + shardCount * MemoryLayout<UInt64>.stride

    /// Clients of the group read it; nobody but the daemon writes.
    package static let mode: UInt32 = 0o640
    /// How long a lease is good for, and how often it is renewed.
    package static let leaseNanoseconds = Failpoint.leaseNanoseconds ?? 10_000_000_000
    package static let renewalsPerLease: Int64 = 5
}
