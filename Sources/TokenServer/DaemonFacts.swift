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
    let failureKinds = FailureKinds()
    let changes: ChangeLimiter
    let log: Log
    let reporter: ServiceReporter
    private let hasStopped = Atomic(false)
    /// Files by which clients find the daemon, and which are not where they were.
    private let lostPaths = Mutex<[String]>([])
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

    var isStopping: Bool { hasStopped.load(ordering: .acquiring) }

    func stop() {
        hasStopped.store(true, ordering: .releasing)
    }

    /// What keeps the daemon from serving whoever comes; nil for nothing.
    var unreadyReason: String? {
        if isStopping { return "the daemon is stopping" }
        let lost = lostPaths.withLock { $0 }
        return lost.isEmpty ? nil : Self.text(ofLost: lost)
    }

    var isReady: Bool { unreadyReason == nil }
    var lostFileCount: Int { lostPaths.withLock { $0.count } }

    func lose(_ paths: [String]) {
        lostPaths.withLock { $0 = paths }
    }

    private static func text(ofLost paths: [String]) -> String {
        let names = paths.joined(separator: " and ")
        return "\(names) \(paths.count == 1 ? "is" : "are") gone, so that new clients don't find tokend: restart it"
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
