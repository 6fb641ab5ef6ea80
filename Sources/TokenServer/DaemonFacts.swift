import LinuxIO
import Synchronization
import TokenCore

/// What the loops share about the daemon. Every part may be read by any thread.
final class DaemonFacts: Sendable {
    let startedAt: Instant
    /// CLOCK_BOOTTIME, nanoseconds.
    let startedAtBoottime: Int64
    let admission: Admission
    let statistics = Statistics()
    let refusals = RefusalCounts()
    let changes: ChangeLimiter
    let log: Log
    let reporter: ServiceReporter
    private let isStopping = Atomic(false)
    private let retentionDays: Atomic<Int>

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

/// Counters that every loop adds to.
final class Statistics: Sendable {
    private let verifications = Atomic<UInt64>(0)
    private let cacheHits = Atomic<UInt64>(0)
    private let elsewhere = Atomic<UInt64>(0)

    /// Of the verifications, those answered from a loop's memory.
    var cacheHitCount: UInt64 { cacheHits.load(ordering: .relaxed) }
    /// Answered by clients from their own memory, as far as they have reported.
    var verificationCountElsewhere: UInt64 { elsewhere.load(ordering: .relaxed) }

    var verificationCount: UInt64 { verifications.load(ordering: .relaxed) }

    func countVerification() {
        verifications.wrappingAdd(1, ordering: .relaxed)
    }

    func countCacheHit() {
        cacheHits.wrappingAdd(1, ordering: .relaxed)
    }

    /// Verifications that were answered from a loop's memory and are not counted yet.
    func countCacheHits(_ count: Int) {
        if count == 0 { return }
        verifications.wrappingAdd(UInt64(count), ordering: .relaxed)
        cacheHits.wrappingAdd(UInt64(count), ordering: .relaxed)
    }

    func countVerifications(elsewhere count: UInt64) {
        elsewhere.wrappingAdd(count, ordering: .relaxed)
    }
}
