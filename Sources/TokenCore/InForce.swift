import Synchronization

/// A value that is replaced as a whole while threads use it, each by a copy of its own.
///
/// Whether a copy is still the newest costs one load and no lock: it is asked at each use. What `replace` gave is what
/// every use finds that begins after it has returned.
package final class InForce<Value: Sendable>: Sendable {
    /// One thread's copy, with the generation that it is of.
    package struct Copy: Sendable {
        package let value: Value
        /// Rises with each replacement.
        package let generation: UInt64
    }

    private let generation = Atomic<UInt64>(0)
    private let value: Mutex<Value>

    package init(_ value: Value) {
        self.value = Mutex(value)
    }

    package func replace(with new: Value) {
        value.withLock { value in
            value = new
            // Under the lock, so that a copy has the generation of its value; behind the value, so that who sees the
            // generation finds no older value.
            generation.add(1, ordering: .releasing)
        }
    }

    package func copy() -> Copy {
        value.withLock { Copy(value: $0, generation: generation.load(ordering: .relaxed)) }
    }

    /// Whether no value has followed the one of this generation.
    package func isNewest(_ generation: UInt64) -> Bool {
        generation == self.generation.load(ordering: .acquiring)
    }
}
