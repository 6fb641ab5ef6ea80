import Synchronization

/// Counters that one thread adds to and any thread reads.
///
/// Adding takes no lock and no locked instruction: a load and a store of one word, both relaxed, between which no other
/// writer can come because there is none. A reader sees each word whole, as it was at some moment; words that belong
/// together it may see a few events apart, which no rate over seconds shows.
public final class Counters: @unchecked Sendable {
    // Sound: the words are atomics, allocated here for `count` of them, never moved, and freed when nobody has this object
    // any more. That only one thread calls `add` is the caller's to hold; if two did, they would lose counts and nothing
    // else.
    private let words: UnsafeMutablePointer<Atomic<UInt64>>
    private let count: Int

    package init(count: Int) {
        self.count = count
        words = .allocate(capacity: count)
        for index in 0..<count { (words + index).initialize(to: Atomic(0)) }
    }

    deinit {
        words.deinitialize(count: count)
        words.deallocate()
    }

    /// For the thread that the counters belong to.
    @inline(__always)
    public func add(_ amount: UInt64, at index: Int) {
        precondition(UInt(bitPattern: index) < UInt(bitPattern: count))
        let word = words + index
        word.pointee.store(word.pointee.load(ordering: .relaxed) &+ amount, ordering: .relaxed)
    }

    /// For counters of which several threads are the owner: some ten times as much work.
    package func addAmongOthers(_ amount: UInt64, at index: Int) {
        precondition(UInt(bitPattern: index) < UInt(bitPattern: count))
        words[index].wrappingAdd(amount, ordering: .relaxed)
    }

    /// As it was at some moment just now.
    public func value(at index: Int) -> UInt64 {
        precondition(UInt(bitPattern: index) < UInt(bitPattern: count))
        return words[index].load(ordering: .relaxed)
    }
}
