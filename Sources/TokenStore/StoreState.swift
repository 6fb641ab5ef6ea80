import Synchronization
package import TokenCore

/// What any thread may ask of the store without its connections.
package final class StoreState: Sendable {
    package struct Snapshot: Sendable {
        /// Of the newest committed event.
        package var sequence: Int64 = 0
        package var head: Digest = .zero
        /// Changes committed since the store was opened.
        package var changeCount: UInt64 = 0
    }

    private let snapshot = Mutex(Snapshot())
    private let importNoted: Atomic<Bool>
    private let hindranceNow = Mutex<StoreHindrance?>(nil)
    private let followers = Mutex<[@Sendable () -> Void]>([])

    init(hasImportedTokens: Bool) {
        importNoted = Atomic(hasImportedTokens)
    }

    /// Whether a text that is not of our shape may be a token all the same. Without imported ones none is, and need not be
    /// looked up. Set before the import is answered, never unset.
    package var hasImportedTokens: Bool { importNoted.load(ordering: .relaxed) }

    func noteImport() { importNoted.store(true, ordering: .relaxed) }

    /// Has `follower` called by the writer's thread after each commit that left events, for as long as the store is open.
    package func follow(_ follower: @escaping @Sendable () -> Void) {
        followers.withLock { $0.append(follower) }
    }

    /// Why changes fail now; none if the last one did not, or the writer has seen since that they no longer would.
    package var hindrance: StoreHindrance? { hindranceNow.withLock { $0 } }

    /// Returns the hindrance as it is known from now on.
    func hinder(_ cause: StoreHindrance.Cause, now: Instant) -> StoreHindrance {
        hindranceNow.withLock { hindrance in
            let isNew = hindrance?.cause != cause
            let known = StoreHindrance(cause: cause, since: isNew ? now : hindrance?.since ?? now)
            hindrance = known
            return known
        }
    }

    /// That of the disk that was full, and with `ofStatements` any other too.
    func endHindrance(ofStatements: Bool) {
        hindranceNow.withLock { hindrance in
            if case .other = hindrance?.cause, !ofStatements { return }
            hindrance = nil
        }
    }

    package var current: Snapshot { snapshot.withLock { $0 } }

    func update(sequence: Int64, head: Digest, addingChanges count: Int = 0) {
        snapshot.withLock { snapshot in
            snapshot.sequence = sequence
            snapshot.head = head
            snapshot.changeCount += UInt64(count)
        }
        for follower in followers.withLock({ $0 }) { follower() }
    }
}
