import LinuxIO
import Synchronization

/// Events that wait for the log's thread. Adding never waits for whoever reads the log: what does not fit is counted and
/// dropped.
final class LogQueue: Sendable {
    struct Batch {
        let events: [LogEvent]
        /// How many were dropped since the batch before.
        let droppedCount: Int
    }

    private struct State {
        var events: [LogEvent] = []
        var byteCount = 0
        var droppedCount = 0
        var isClosed = false
    }

    private let state = Mutex(State())
    private let waker: BlockingWaker
    private let dropped = Atomic<UInt64>(0)

    init() throws(SystemError) {
        waker = try BlockingWaker()
    }

    /// All events that were dropped, here or because they could not be written.
    var droppedCount: UInt64 { dropped.load(ordering: .relaxed) }

    func noteDropped() {
        dropped.wrappingAdd(1, ordering: .relaxed)
    }

    func add(_ event: LogEvent) {
        let byteCount = event.byteCount
        let isFirst = state.withLock { state in
            if state.isClosed || state.byteCount + byteCount > ServerLimits.logQueueByteCountMax {
                state.droppedCount += 1
                noteDropped()
                return false
            }
            state.events.append(event)
            state.byteCount += byteCount
            return state.events.count == 1
        }
        if isFirst { waker.wake() }
    }

    /// Waits for events and takes all there are; none once the queue is closed and empty.
    func take() -> Batch? {
        while true {
            let (batch, isClosed) = state.withLock { state in
                let batch = Batch(events: state.events, droppedCount: state.droppedCount)
                state = State(isClosed: state.isClosed)
                return (batch, state.isClosed)
            }
            if !batch.events.isEmpty || batch.droppedCount > 0 { return batch }
            if isClosed { return nil }
            waker.wait()
        }
    }

    /// No event is taken any more; those that wait are still to be written.
    func close() {
        state.withLock { $0.isClosed = true }
        waker.wake()
    }
}
