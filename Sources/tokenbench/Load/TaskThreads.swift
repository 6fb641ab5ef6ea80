import Foundation

/// Threads that run the tasks which prefer them, so that callers can be tasks on as many threads as one likes: Swift's
/// own pool has one for each core.
///
/// They live as long as the process.
final class TaskThreads: TaskExecutor {
    private let condition = NSCondition()
    // Sound: only touched with `condition` locked.
    private nonisolated(unsafe) var jobs: [UnownedJob] = []
    // Sound: only touched with `condition` locked.
    private nonisolated(unsafe) var nextIndex = 0

    init(count: Int) {
        for _ in 0..<count {
            let thread = Thread { [self] in while true { next().runSynchronously(on: asUnownedTaskExecutor()) } }
            thread.start()
        }
    }

    func enqueue(_ job: consuming ExecutorJob) {
        let job = UnownedJob(job)
        condition.withLock { jobs.append(job) }
        condition.signal()
    }

    /// Waits for the next job, first come first served.
    private func next() -> UnownedJob {
        condition.withLock {
            while nextIndex == jobs.count { condition.wait() }
            let job = jobs[nextIndex]
            nextIndex += 1
            if nextIndex == jobs.count {
                jobs.removeAll(keepingCapacity: true)
                nextIndex = 0
            }
            return job
        }
    }
}
