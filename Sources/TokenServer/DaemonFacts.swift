import LinuxIO
import Synchronization
import TokenCore

/// What the loops share about the daemon. Every part may be read by any thread.
final class DaemonFacts: Sendable {
    let startedAt: Instant
    /// CLOCK_BOOTTIME, nanoseconds.
    let startedAtBoottime: Int64
    let admission: Admission
    let failures = FailureCounts()
    let refusals = RefusalCounts()
    let changes: ChangeLimiter
    let log: Log
    let reporter: ServiceReporter
    private let isStopping = Atomic(false)
    private let retentionDays: Atomic<Int>
    /// Each loop's, from its start on.
    private let loops = Mutex<[LoopMetrics]>([])

    init(admission: Admission, changes: ChangeLimiter, auditRetentionDays: Int, log: Log, reporter: ServiceReporter) {
        retentionDays = Atomic(auditRetentionDays)
        self.admission = admission
        self.changes = changes
        self.log = log
        self.reporter = reporter
        startedAt = Instant(microseconds: SystemClock.realtimeMicroseconds())
        startedAtBoottime = SystemClock.boottimeNanoseconds()
    }

    /// For how many days events of the audit are kept.
    var auditRetentionDays: Int {
        get { retentionDays.load(ordering: .relaxed) }
        set { retentionDays.store(newValue, ordering: .relaxed) }
    }

    var isReady: Bool { !isStopping.load(ordering: .relaxed) }

    func stop() {
        isStopping.store(true, ordering: .relaxed)
    }
}

/// What the loops have counted.
extension DaemonFacts {
    func add(_ metrics: LoopMetrics) { loops.withLock { $0.append(metrics) } }

    var loopMetrics: [LoopMetrics] { loops.withLock { $0 } }

    var verificationCount: UInt64 { loopMetrics.reduce(0) { $0 &+ $1.verificationCount } }
    /// Of these, answered from a loop's memory.
    var cacheHitCount: UInt64 { loopMetrics.reduce(0) { $0 &+ $1.cacheHitCount } }
}
