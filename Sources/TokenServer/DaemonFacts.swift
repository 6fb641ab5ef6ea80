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
    private let losses = Mutex<[PlaceWatch.Loss]>([])
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
        let losses = losses.withLock { $0 }
        return losses.isEmpty ? nil : Self.text(of: losses)
    }

    var isReady: Bool { unreadyReason == nil }
    var lostFileCount: Int { losses.withLock { $0.count } }

    func lose(_ lost: [PlaceWatch.Loss]) {
        losses.withLock { $0 = lost }
    }

    private static func text(of losses: [PlaceWatch.Loss]) -> String {
        let names = [losses.dropLast().map(\.path).joined(separator: ", "), losses.last?.path ?? ""]
            .filter { !$0.isEmpty }.joined(separator: " and ")
        // What makes the units' sockets anew restarts the daemon too.
        let remedy = losses.contains { $0.remedy == .restartUnits } ? PlaceWatch.Remedy.restartUnits : .restart
        let areGone = losses.count == 1 ? "is gone" : "are gone"
        return "\(names) \(areGone), so that new clients don't find tokend: \(remedy.rawValue)"
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
