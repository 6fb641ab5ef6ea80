private import CLinux

/// The words of a mapped epoch page as a bare address, so that reading them neither retains nor releases.
///
/// Whoever makes one keeps its `EpochMemory` for as long as any thread may read by it.
public struct EpochView {
    private let start: UnsafeRawPointer

    init(_ start: UnsafeRawPointer) { self.start = start }

    /// The view of a page whose address was kept as a number; nil for zero.
    package init?(address: UInt) {
        guard let start = UnsafeRawPointer(bitPattern: address) else { return nil }
        self.start = start
    }

    package var address: UInt { UInt(bitPattern: start) }

    @inline(__always)
    private func load(_ offset: Int) -> UInt64 {
        clinux_word_load((start + offset).assumingMemoryBound(to: UInt64.self))
    }

    /// The shard's epoch now. Whatever is read behind this call is read after it.
    public func epoch(_ shard: Int) -> UInt64 {
        precondition(UInt(bitPattern: shard) < UInt(EpochLayout.shardCount))
        return load(EpochLayout.epochsOffset + shard * MemoryLayout<UInt64>.stride)
    }

    /// Of the daemon that serves now.
    public var instance: UInt64 { load(EpochLayout.instanceOffset) }

    /// CLOCK_BOOTTIME in nanoseconds.
    public var leaseEnd: UInt64 { load(EpochLayout.leaseOffset) }
}
