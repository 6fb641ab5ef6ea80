import Synchronization
package import TokenCore

/// What any thread may ask of the store without its connections.
package final class StoreState: Sendable {
    package struct Snapshot: Sendable {
        /// Of the newest committed event.
        package var sequence: Int64 = 0
        package var head: Digest = .zero
    }

    private let snapshot = Mutex(Snapshot())

    package var current: Snapshot { snapshot.withLock { $0 } }

    func update(sequence: Int64, head: Digest) {
        snapshot.withLock { $0 = Snapshot(sequence: sequence, head: head) }
    }
}
