internal import LinuxIO
internal import Synchronization

/// The cores of one verifier, one a process, as `ForkLineage` has the channels of a client: a child of fork(2) finds its
/// parent's table as threads that it doesn't have left it, and the uses in it are its parent's to report.
final class VerifierLineage: Sendable {
    private let generation: Int
    private let own: VerifierCore
    /// The same, to be lent.
    private let lent: Unmanaged<VerifierCore>
    private let next = AtomicLazyReference<VerifierLineage>()

    init(_ core: VerifierCore) {
        generation = ForkGeneration.current
        own = core
        lent = Unmanaged.passUnretained(core)
    }

    /// Lends the core of this process; nil if it can have none. No reference to it is counted: threads that count those of one
    /// object wait for each other.
    @inline(__always)
    func withCore<Result>(_ body: (VerifierCore) -> Result?) -> Result? {
        // Sound: `own` keeps the core as long as this object is there, which the caller keeps.
        if generation == ForkGeneration.current { return lent._withUnsafeGuaranteedRef(body) }
        return later.flatMap(body)
    }

    /// The core of this process; nil if it can have none, because it has no memory or no descriptor left.
    @inline(__always)
    var core: VerifierCore? { generation == ForkGeneration.current ? own : later }

    @inline(never)
    private var later: VerifierCore? {
        if let next = next.load() { return next.core }
        guard let another = try? own.makeAnother() else { return nil }
        // Where two threads come here at once the first wins; the other's has not been used and goes.
        return next.storeIfNil(VerifierLineage(another)).core
    }

    /// Lets this process's core report once more and go.
    func retire() {
        guard generation == ForkGeneration.current else {
            // For ever: freeing it might find it half changed.
            _ = Unmanaged.passRetained(own)
            next.load()?.retire()
            return
        }
        own.retire()
    }
}
