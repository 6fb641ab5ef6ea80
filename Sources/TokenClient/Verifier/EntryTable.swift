internal import Glibc
internal import LinuxIO
internal import Synchronization

/// What a verifier keeps, in memory of a fixed size. Any number of threads read it without a lock; one at a time writes.
///
/// A bucket is eight slots, and a secret's entry is in one of those of its bucket. A slot is two lines of the processor's
/// cache, words that are all read and written by atomic instructions:
///
///      0 sequence    see below                          64 scopes 64 to 255, three words
///      8 digest      the last 16 bytes                  88 address of the answer, a Verification.Facts
///     24 epoch       that it was kept under             96 workspace: a byte that says how many, and up to 31 of
///     32 dies at     CLOCK_BOOTTIME, ns                     them; 255 for a longer one, which is looked up in
///     40 dies at     wall clock, µs                         the answer
///     48 scopes      0 to 63
///     56 usage       count << 32 | second of the last
///
/// An empty slot has died at 0. The sequence is a seqlock: bit 0 is set while a writer is at work, and a higher number
/// follows. A reader loads it, reads, and loads it again: what it read is of one entry if both are the same. All loads
/// acquire and all of the writer's stores release, behind a read-modify-write that sets bit 0; so who has read one word of
/// an entry that is being written reads the sequence as it was changed before.
///
/// Bit 1 is set by a reader for the two or three instructions in which it retains the answer: a writer waits for it.
/// Nobody else does, and the holder waits for nothing, so nobody waits for long; a reader that finds it set tries some times
/// more, and then asks the daemon.
// Sound: every word is atomic, the memory stays where it is, and the addresses of objects in it are used as above.
struct EntryTable: ~Copyable, @unchecked Sendable {
    static let slotsPerBucket = 8
    let slotCount: Int
    private let memory: ZeroedMemory
    private let words: UnsafeMutablePointer<Atomic<UInt64>>

    /// A table with room for at least so many entries, and fewer than twice as many.
    init(slotCountMin: Int) throws(SystemError) {
        var slotCount = Self.slotsPerBucket
        while slotCount < slotCountMin { slotCount *= 2 }
        self.slotCount = slotCount
        let byteCount = slotCount * EntrySlot.wordCount * MemoryLayout<UInt64>.stride
        memory = try ZeroedMemory(byteCount: byteCount)
        // An atomic word is laid out as the word itself, so that memory of zeroes is words of zero.
        words = memory.start.bindMemory(to: Atomic<UInt64>.self, capacity: slotCount * EntrySlot.wordCount)
    }

    deinit {
        for index in 0..<slotCount { slot(index).releaseAnswer() }
    }

    @inline(__always)
    func slot(_ index: Int) -> EntrySlot { EntrySlot(words: words + index * EntrySlot.wordCount) }

    /// The slots of a secret's bucket, the one to try first as the first.
    @inline(__always)
    func slot(of key: EntryKey, attempt: Int) -> EntrySlot {
        let bucketCount = slotCount / Self.slotsPerBucket
        let bucket = Int(truncatingIfNeeded: key.place) & (bucketCount - 1)
        let first = Int(truncatingIfNeeded: key.place >> 44)
        return slot(bucket * Self.slotsPerBucket + (first + attempt) & (Self.slotsPerBucket - 1))
    }

    /// Has the processor fetch the slot that is tried first, which takes it longer than all the rest of a hit.
    @inline(__always)
    func prefetch(_ key: EntryKey) {
        let words = UnsafeRawPointer(slot(of: key, attempt: 0).words)
        Prefetch.line(at: words)
        Prefetch.line(at: words + EntrySlot.wordCount / 2 * MemoryLayout<UInt64>.stride)
    }

    /// What is kept for a secret, as it was at some moment in this call.
    @inline(__always)
    func read(_ key: EntryKey) -> EntryReading? {
        for attempt in 0..<Self.slotsPerBucket {
            let slot = slot(of: key, attempt: attempt)
            if let reading = slot.read(key) { return reading }
        }
        return nil
    }
}
