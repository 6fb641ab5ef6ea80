import LinuxIO
import Synchronization

/// One copy of the store on its way to a peer: what the thread that reads it and the loop that sends it tell each other.
///
/// There is never more than one piece between them: the thread reads the next one when the peer's socket has taken the last.
final class BackupTransfer: Sendable {
    /// Why it ends early.
    enum Ending: Sendable {
        case peerIsGone
        case daemonStops
    }

    private struct State {
        var ending: Ending?
        /// A piece waits for the socket.
        var isPieceQueued = false
        /// It has been taken.
        var isPieceTaken = false
    }

    let streamID: UInt32
    private let state = Mutex(State())
    private let waker: BlockingWaker

    init(streamID: UInt32) throws(SystemError) {
        self.streamID = streamID
        waker = try BlockingWaker()
    }

    // MARK: The loop's

    func pieceIsQueued() {
        state.withLock { $0.isPieceQueued = true }
    }

    /// The socket has taken all that was queued.
    func queueIsEmpty() {
        let isNews = state.withLock { state in
            if !state.isPieceQueued { return false }
            state.isPieceQueued = false
            state.isPieceTaken = true
            return true
        }
        if isNews { waker.wake() }
    }

    func end(_ ending: Ending) {
        state.withLock { $0.ending = $0.ending ?? ending }
        waker.wake()
    }

    // MARK: The thread's

    var ending: Ending? { state.withLock { $0.ending } }

    /// Waits until the last piece was taken, the transfer is to end, or the moment has come (CLOCK_MONOTONIC).
    func waitForTaking(until deadlineNanoseconds: Int64?) {
        while true {
            let isOver = state.withLock { state in
                if state.ending != nil { return true }
                defer { state.isPieceTaken = false }
                return state.isPieceTaken
            }
            if isOver { return }
            guard let deadlineNanoseconds else {
                waker.wait()
                continue
            }
            let rest = deadlineNanoseconds - SystemClock.monotonicNanoseconds()
            if rest <= 0 { return }
            _ = waker.wait(atMostMilliseconds: Int32(clamping: rest / 1_000_000 + 1))
        }
    }
}
