import LinuxIO
import TokenCore

/// Writes the rollback mark after each commit, and decides when it has to reach the disk.
///
/// A mark that is behind the store is allowed, one that is ahead is not; so its fdatasync can be spared for most commits.
/// It can't be for the first behind each step of a checkpoint: the database goes on to that commit by itself, and a WAL that
/// is then lost takes the commits after it along unseen.
struct MarkKeeper: ~Copyable {
    static let synchronizationIntervalNanoseconds: Int64 = 1_000_000_000

    private let lock: StoreLock
    private let store: StoreID
    private var generation: UInt64
    private var synchronizedAtNanoseconds: Int64 = 0
    private var mustSynchronize = true
    private var newest: RollbackMark?
    /// The event named by a mark that has reached the disk: after a power failure, that one may be the newest there.
    private(set) var synchronizedSequence: Int64

    init(lock: consuming StoreLock, store: StoreID, generation: UInt64, synchronizedSequence: Int64) {
        self.lock = lock
        self.store = store
        self.generation = generation
        self.synchronizedSequence = synchronizedSequence
    }

    /// What went wrong, if anything did.
    mutating func advance(sequence: Int64, head: Digest) -> StoreFailure? {
        let now = SystemClock.monotonicNanoseconds()
        let isDue = mustSynchronize || now - synchronizedAtNanoseconds >= Self.synchronizationIntervalNanoseconds
        newest = RollbackMark(store: store, sequence: sequence, head: head)
        if let failure = write(synchronously: isDue) { return failure }
        if isDue {
            synchronizedAtNanoseconds = now
            mustSynchronize = false
        }
        return nil
    }

    /// The database by itself holds what was committed until now.
    mutating func databaseMoved() {
        mustSynchronize = true
    }

    /// Brings the newest mark to the disk, at the end.
    mutating func synchronize() -> StoreFailure? {
        newest == nil ? nil : write(synchronously: true)
    }

    private mutating func write(synchronously: Bool) -> StoreFailure? {
        guard let newest else { return nil }
        // One that failed is tried again in the same slot: the other holds the newest mark that is known to be whole.
        let next = generation + 1
        do throws(StoreFailure) {
            try lock.write(MarkPage(mark: newest, generation: next), synchronously: synchronously)
            generation = next
            if synchronously { synchronizedSequence = newest.sequence }
            return nil
        } catch {
            return error
        }
    }
}
