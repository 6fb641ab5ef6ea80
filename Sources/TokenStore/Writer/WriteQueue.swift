import LinuxIO
import Synchronization

/// What waits for the writer. Any thread adds; the writer's thread takes what there is: that is the group of one commit.
final class WriteQueue: Sendable {
    private struct State {
        var jobs: [any Job] = []
        var isClosed = false
    }

    /// More than this many waiting changes are refused at once, so that a slow disk fills no memory.
    static let jobCountMax = 65_536

    /// More than this many are not committed at once, so that the first of them need not wait for all, nor the WAL hold
    /// them all before it can be checkpointed. Shared by so many, the fsync costs none of them anything.
    static let groupCountMax = 1_024

    private let state = Mutex(State())
    private let waker: BlockingWaker

    init() throws(SystemError) {
        waker = try BlockingWaker()
    }

    /// False when the queue is closed or full: then the job was not taken, and its owner fails it.
    func add(_ job: any Job) -> Bool {
        enum Admission { case refused, first, later }
        let admission = state.withLock { state -> Admission in
            if state.isClosed || state.jobs.count >= Self.jobCountMax { return .refused }
            state.jobs.append(job)
            return state.jobs.count == 1 ? .first : .later
        }
        if admission == .first { waker.wake() }
        return admission != .refused
    }

    /// Waits for jobs and takes the next group; none once the queue is closed and empty.
    func takeGroup() -> [any Job]? {
        while true {
            let (jobs, isClosed) = state.withLock { state in
                let jobs = Array(state.jobs.prefix(Self.groupCountMax))
                state.jobs.removeFirst(jobs.count)
                return (jobs, state.isClosed)
            }
            if !jobs.isEmpty { return jobs }
            if isClosed { return nil }
            waker.wait()
        }
    }

    /// No job is taken any more; those that wait are still done.
    func close() {
        state.withLock { $0.isClosed = true }
        waker.wake()
    }

    var waitingCount: Int { state.withLock { $0.jobs.count } }
}
