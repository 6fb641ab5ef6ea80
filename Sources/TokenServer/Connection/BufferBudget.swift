import Synchronization

/// The memory that all connections' buffers may take together, those of frames that are not whole and of replies that
/// nobody reads. Shared by the loops.
///
/// The connections of one uid may keep as much as is left over for all others: one that takes what it gets has half, two
/// have a third each, and there is always something for whoever comes.
final class BufferBudget: Sendable {
    /// What the connections of one uid on one socket keep.
    final class Share: Sendable {
        fileprivate let keptByteCount = Atomic(0)
    }

    private let byteCountMax: Int
    private let keptByteCount = Atomic(0)

    init(byteCount: Int) {
        byteCountMax = byteCount
    }

    /// Counts in every case. False when the share has grown past what it may be.
    func change(_ share: Share, by byteCount: Int) -> Bool {
        let ofShare = share.keptByteCount.wrappingAdd(byteCount, ordering: .relaxed).newValue
        let ofAll = keptByteCount.wrappingAdd(byteCount, ordering: .relaxed).newValue
        return byteCount <= 0 || ofShare <= byteCountMax - ofAll
    }
}
