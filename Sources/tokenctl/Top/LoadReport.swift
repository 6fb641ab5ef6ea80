/// What the daemon did between two readings, or since its start.
struct LoadReport: Sendable {
    struct Method: Sendable {
        let name: String
        let perSecond: Double
        /// Seconds.
        let median, p99: Double?
    }

    struct User: Sendable {
        /// A number, or `other`.
        let id: String
        let connectionCount: Double
        let perSecond: Double
    }

    /// A name and how often a second.
    struct Rate: Sendable {
        let name: String
        let perSecond: Double
    }

    let version: String
    let isReady: Bool
    let uptimeSeconds: Double
    /// What the rates are over.
    let seconds: Double
    /// The rates are over the whole life of the daemon.
    let isSinceStart: Bool
    let verificationsPerSecond, reportedPerSecond: Double
    /// Of the verifications, those answered from the daemon's memory; nil when there were none.
    let cacheHitShare: Double?
    let outcomes: [Rate]
    let failures: [Rate]
    /// The slowest first.
    let methods: [Method]
    /// The busiest first.
    let users: [User]
    let changesPerSecond, queueLength: Double
    let commitMedian, commitP99, operationsPerCommit: Double?
    let walByteCount: Double
    let checkpointsPerSecond: Double
    let processorShare, residentByteCount: Double
    let droppedLogEventCount: Double

    var connectionCount: Double { users.reduce(0) { $0 + $1.connectionCount } }

    init(from earlier: MetricsReading?, to now: MetricsReading) {
        let span = Span(from: earlier, to: now)
        version = now.samples(of: "tokend_build_info").first?.labels["version"] ?? "?"
        isReady = now.value(of: "tokend_ready") == 1
        uptimeSeconds = now.value(of: "tokend_uptime_seconds")
        seconds = span.seconds
        isSinceStart = span.earlier == nil
        let outcomes = span.rates("tokend_verifications_total", by: "outcome")
        verificationsPerSecond = outcomes.reduce(0) { $0 + $1.perSecond }
        let hits = span.rate("tokend_verification_cache_hits_total")
        cacheHitShare = verificationsPerSecond > 0 ? hits / verificationsPerSecond : nil
        reportedPerSecond = span.rate("tokend_verifications_reported_total")
        self.outcomes = outcomes.filter { $0.perSecond > 0 }
        failures = span.rates("tokend_requests_failed_total", by: "reason").filter { $0.perSecond > 0 }
        methods = span.methods.sorted { ($0.p99 ?? 0, $0.perSecond) > ($1.p99 ?? 0, $1.perSecond) }
        users = span.users.sorted { ($0.perSecond, $0.connectionCount) > ($1.perSecond, $1.connectionCount) }
        changesPerSecond = span.rate("tokend_writer_operations_total")
        queueLength = now.value(of: "tokend_writer_queue_length")
        let commits = span.histogram("tokend_writer_commit_duration_seconds")
        commitMedian = commits.quantile(0.5)
        commitP99 = commits.quantile(0.99)
        operationsPerCommit = commits.count > 0 ? changesPerSecond * span.seconds / commits.count : nil
        walByteCount = now.value(of: "tokend_store_wal_bytes")
        checkpointsPerSecond = span.rate("tokend_store_checkpoints_total")
        processorShare = span.rate("tokend_cpu_seconds_total")
        residentByteCount = now.value(of: "tokend_resident_memory_bytes")
        droppedLogEventCount = now.value(of: "tokend_log_events_dropped_total")
    }
}

/// Two readings of the same daemon, and the time between them by its own clock.
private struct Span {
    /// None when nothing is to be subtracted: there was no reading before, or it was of another daemon.
    let earlier: MetricsReading?
    let now: MetricsReading
    let seconds: Double

    init(from earlier: MetricsReading?, to now: MetricsReading) {
        let (start, uptime) = ("tokend_start_time_seconds", "tokend_uptime_seconds")
        let isSame = earlier?.value(of: start) == now.value(of: start)
        self.earlier = isSame ? earlier : nil
        self.now = now
        seconds = max(now.value(of: uptime) - (self.earlier?.value(of: uptime) ?? 0), 0.001)
    }

    func rate(_ name: String) -> Double { (now.value(of: name) - (earlier?.value(of: name) ?? 0)) / seconds }

    /// The most frequent first.
    func rates(_ name: String, by label: String) -> [LoadReport.Rate] {
        let before = earlier?.values(of: name, by: label) ?? [:]
        return now.values(of: name, by: label).map { key, value in
            LoadReport.Rate(name: key, perSecond: (value - (before[key] ?? 0)) / seconds)
        }.sorted { ($0.perSecond, $1.name) > ($1.perSecond, $0.name) }
    }

    func histogram(_ name: String) -> Histogram { now.histogram(name).since(earlier?.histogram(name)) }

    var methods: [LoadReport.Method] {
        let name = "tokend_request_duration_seconds"
        let before = earlier?.histograms(name, by: "method") ?? [:]
        let durations = now.histograms(name, by: "method")
        return rates("tokend_requests_total", by: "method").filter { $0.perSecond > 0 }.map { rate in
            let during = durations[rate.name]?.since(before[rate.name])
            return LoadReport.Method(
                name: rate.name, perSecond: rate.perSecond, median: during?.quantile(0.5), p99: during?.quantile(0.99))
        }
    }

    var users: [LoadReport.User] {
        let connections = now.values(of: "tokend_connections", by: "uid")
        let rates = rates("tokend_user_requests_total", by: "uid")
        let idle = Set(connections.keys).subtracting(rates.map(\.name))
        return (rates + idle.map { LoadReport.Rate(name: $0, perSecond: 0) }).map { rate in
            LoadReport.User(
                id: rate.name, connectionCount: connections[rate.name] ?? 0, perSecond: rate.perSecond)
        }.filter { $0.perSecond > 0 || $0.connectionCount > 0 }
    }
}
