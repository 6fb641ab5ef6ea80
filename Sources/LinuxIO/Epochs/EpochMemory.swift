private import CLinux
import Glibc

/// The words of a mapped epoch page. Whoever holds the value keeps the mapping.
///
/// A shard's epoch only rises. It is odd while a change of the shard is being committed; an answer that was read while it
/// was even is good for as long as it is that number.
package final class EpochMemory: @unchecked Sendable {
    // Sound: the address never changes, every word behind it is read and written by atomic instructions alone, and the
    // mapping ends with the last reference.
    private let start: UnsafeMutableRawPointer

    /// Maps a file of the layout's size, or memory of this process alone.
    package init(mapping descriptor: Int32?, isWritable: Bool) throws(SystemError) {
        let protection = isWritable ? PROT_READ | PROT_WRITE : PROT_READ
        let mapped = mmap(
            nil, EpochLayout.byteCount, protection, descriptor == nil ? MAP_SHARED | MAP_ANONYMOUS : MAP_SHARED,
            descriptor ?? -1, 0)
        guard let mapped, mapped != MAP_FAILED else { throw .last("mmap") }
        start = mapped
    }

    deinit {
        munmap(start, EpochLayout.byteCount)
    }

    private func word(_ offset: Int) -> UnsafeMutablePointer<UInt64> {
        (start + offset).assumingMemoryBound(to: UInt64.self)
    }

    private func epochWord(_ shard: Int) -> UnsafeMutablePointer<UInt64> {
        precondition(UInt(bitPattern: shard) < UInt(EpochLayout.shardCount))
        return word(EpochLayout.epochsOffset + shard * MemoryLayout<UInt64>.stride)
    }

    /// The words to read without holding the value; good for as long as somebody does.
    package var view: EpochView { EpochView(start) }

    /// The shard's epoch now. Whatever is read behind this call is read after it.
    @inline(__always)
    package func epoch(_ shard: Int) -> UInt64 { clinux_word_load(epochWord(shard)) }

    package var instance: UInt64 { clinux_word_load(word(EpochLayout.instanceOffset)) }

    /// CLOCK_BOOTTIME in nanoseconds, up to which the page is good for other processes.
    package var leaseEnd: UInt64 { clinux_word_load(word(EpochLayout.leaseOffset)) }

    package var pageID: [UInt8] {
        Array(UnsafeRawBufferPointer(start: start + EpochLayout.pageIDOffset, count: EpochLayout.pageIDByteCount))
    }

    /// Whether the header is of this layout. What is behind it any bytes can be.
    package var isOfThisLayout: Bool {
        let header = UnsafeRawBufferPointer(start: start, count: EpochLayout.pageIDOffset)
        return header.prefix(EpochLayout.magic.count).elementsEqual(EpochLayout.magic)
            && header.load(fromByteOffset: EpochLayout.layoutNumberOffset, as: UInt32.self) == EpochLayout.layoutNumber
            && header.load(fromByteOffset: EpochLayout.shardCountOffset, as: UInt32.self)
                == UInt32(EpochLayout.shardCount)
    }
}

// MARK: - For the one process that writes

extension EpochMemory {
    /// Moves an epoch on by one and makes the move seen before anything that follows.
    func move(_ shard: Int) {
        _ = clinux_word_add(epochWord(shard), 1)
    }

    func fence() { clinux_word_fence() }

    func setInstance(_ instance: UInt64) { clinux_word_store(word(EpochLayout.instanceOffset), instance) }

    func setLeaseEnd(_ end: UInt64) { clinux_word_store(word(EpochLayout.leaseOffset), end) }

    /// Before anybody else maps it.
    func writeHeader(pageID: [UInt8]) {
        start.copyMemory(from: EpochLayout.magic, byteCount: EpochLayout.magic.count)
        start.storeBytes(
            of: EpochLayout.layoutNumber, toByteOffset: EpochLayout.layoutNumberOffset, as: UInt32.self)
        start.storeBytes(
            of: UInt32(EpochLayout.shardCount), toByteOffset: EpochLayout.shardCountOffset, as: UInt32.self)
        (start + EpochLayout.pageIDOffset).copyMemory(from: pageID, byteCount: EpochLayout.pageIDByteCount)
    }
}
