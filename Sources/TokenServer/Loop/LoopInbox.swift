import LinuxIO
import Synchronization
import TokenWire

/// What other threads have for a loop: replies of the writer, news of commits, and the wishes of the daemon.
final class LoopInbox: Sendable {
    /// The answer of a call that left the loop, or a part of it.
    struct Reply: Sendable {
        let registration: UInt64
        let streamID: UInt32
        /// False for a message of a stream that goes on.
        var endsCall = true
        /// Appends the response frame; runs on the loop's thread.
        let encode: @Sendable (inout WireBuffer, UInt32) -> Void
    }

    enum Ending: Sendable {
        case running
        /// Answer what has been received, take nothing new.
        case draining
        /// End now.
        case stopping
    }

    struct State {
        var replies: [Reply] = []
        var ending = Ending.running
        /// The store is to hear which tokens were used.
        var isAskedForUses = false
        /// The store is done with the table of uses.
        var areUsesTaken = false
        /// Called by the loop's thread, which so shows that it turns.
        var signs: [@Sendable () -> Void] = []
    }

    private let state = Mutex(State())
    private let waker: Waker
    private let isFollowing = Atomic(false)
    private let hasCommitNote = Atomic(false)

    init() throws(SystemError) {
        waker = try Waker()
    }

    var pollableDescriptor: Int32 { waker.rawValue }

    func add(_ reply: Reply) {
        let isFirst = state.withLock { state in
            state.replies.append(reply)
            return state.replies.count == 1
        }
        // The loop takes all there is at each wake, so that only the first has to wake it.
        if isFirst { waker.wake() }
    }

    func end(_ ending: Ending) {
        state.withLock { $0.ending = ending }
        waker.wake()
    }

    func askForUses() {
        state.withLock { $0.isAskedForUses = true }
        waker.wake()
    }

    /// The store has written the table of uses, or can't.
    func noteUsesAreTaken() {
        state.withLock { $0.areUsesTaken = true }
        waker.wake()
    }

    func askForSign(_ sign: @escaping @Sendable () -> Void) {
        state.withLock { $0.signs.append(sign) }
        waker.wake()
    }

    func take() -> State {
        waker.clear()
        return state.withLock { state in
            let taken = state
            state.replies = []
            state.isAskedForUses = false
            state.areUsesTaken = false
            state.signs = []
            return taken
        }
    }
}

/// News of commits, for a loop that follows the events.
extension LoopInbox {
    /// Set by the loop's thread before it looks at the store: then a commit that the look misses wakes the loop.
    var wantsCommits: Bool {
        get { isFollowing.load(ordering: .relaxed) }
        set { isFollowing.store(newValue, ordering: .sequentiallyConsistent) }
    }

    /// Called by the writer's thread. Notes that come before the loop looks are one.
    func noteCommit() {
        guard isFollowing.load(ordering: .sequentiallyConsistent),
            !hasCommitNote.exchange(true, ordering: .sequentiallyConsistent)
        else { return }
        waker.wake()
    }

    /// Whether there was a commit since the last time.
    func takeCommitNote() -> Bool { hasCommitNote.exchange(false, ordering: .sequentiallyConsistent) }
}
