internal import Glibc
internal import Synchronization

/// The channels of one client: one for this process, and none but that for any other.
///
/// A child of fork(2) has its parent's memory, with locks that threads held which the child doesn't have, and shares its
/// parent's connection. It must touch neither. So each channel is marked with the generation that made it, and a later
/// generation adds its own and leaves the old one as it is, even when the client goes: freeing it might find it half
/// changed.
final class ForkLineage: Sendable {
    private let generation: Int
    private let own: Channel
    private let next = AtomicLazyReference<ForkLineage>()

    init(_ channel: Channel) {
        generation = ForkGeneration.current
        own = channel
    }

    /// The channel of this process.
    func channel() throws(TokenError) -> Channel {
        if generation == ForkGeneration.current { return own }
        if let next = next.load() { return try next.channel() }
        // Where two threads come here at once the first wins; the other's has not been used and goes.
        return try next.storeIfNil(ForkLineage(try Channel(own.settings))).channel()
    }

    /// Lets this process's channel end after its last call.
    func retire() {
        guard generation == ForkGeneration.current else {
            // For ever: see above.
            _ = Unmanaged.passRetained(own)
            next.load()?.retire()
            return
        }
        own.retire()
    }
}

/// How often this process's line has forked since it first made a client.
///
/// pthread_atfork(3) counts. A process made by clone(2) or _Fork(3) without its handlers isn't noticed; such a process
/// may call nothing but async-signal-safe functions anyway.
enum ForkGeneration {
    private static let count = Atomic<Int>(0)

    /// Registers the handler when it is first read.
    private static let isCounting: Bool = {
        _ = count.load(ordering: .relaxed)
        return pthread_atfork(nil, nil, { ForkGeneration.count.add(1, ordering: .relaxed) }) == 0
    }()

    static var current: Int {
        precondition(isCounting, "pthread_atfork(3) failed: no memory")
        return count.load(ordering: .relaxed)
    }
}
