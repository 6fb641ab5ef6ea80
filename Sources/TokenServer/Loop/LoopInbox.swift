import LinuxIO
import Synchronization
import TokenWire

/// What other threads have for a loop: replies of the writer, and the wish to end.
final class LoopInbox: Sendable {
    /// The answer of a call that left the loop.
    struct Reply: Sendable {
        let registration: UInt64
        let streamID: UInt32
        /// Appends the response frame; runs on the loop's thread.
        let encode: @Sendable (inout WireBuffer, UInt32) -> Void
    }

    enum Ending: Sendable {
        case running
        /// Answer what is in flight, take nothing new.
        case draining
        /// End now.
        case stopping
    }

    private struct State {
        var replies: [Reply] = []
        var ending = Ending.running
    }

    private let state = Mutex(State())
    private let waker: Waker

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

    func take() -> (replies: [Reply], ending: Ending) {
        waker.clear()
        return state.withLock { state in
            let replies = state.replies
            state.replies = []
            return (replies, state.ending)
        }
    }
}
