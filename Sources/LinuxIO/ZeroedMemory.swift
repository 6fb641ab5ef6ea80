import Glibc

/// Memory of this process alone that reads as zeroes until it is written, and takes none of the machine's before that.
///
/// In huge pages where the kernel has them (madvise(2), MADV_HUGEPAGE): a large table that is read at random is otherwise
/// slowed by misses of the TLB.
package struct ZeroedMemory: ~Copyable, @unchecked Sendable {
    // Sound: this is an address and a size that never change. What is done with the memory is the owner's to order.
    package let start: UnsafeMutableRawPointer
    private let byteCount: Int

    package init(byteCount: Int) throws(SystemError) {
        let mapped = mmap(nil, byteCount, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0)
        guard let mapped, mapped != MAP_FAILED else { throw .last("mmap") }
        // Advice only: it may fail where huge pages are switched off.
        madvise(mapped, byteCount, MADV_HUGEPAGE)
        start = mapped
        self.byteCount = byteCount
    }

    deinit {
        munmap(start, byteCount)
    }
}
