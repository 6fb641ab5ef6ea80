import LinuxIO
import TokenCore
import TokenStore
import TokenWire

/// All metrics as they are now. PROTOCOL.md ("Metrics") lists them.
struct MetricsReport {
    private let facts: DaemonFacts
    private let store: Store
    private let loops: [LoopMetrics]
    private var output = PrometheusText()

    init(of facts: DaemonFacts, _ store: Store) {
        self.facts = facts
        self.store = store
        loops = facts.loopMetrics
    }

    /// The text for whoever collects them.
    mutating func text() -> String {
        writeDaemon()
        writeRequests()
        writeVerifications()
        writeUsers()
        writeWriter()
        writeStore()
        return output.text
    }

    private mutating func writeDaemon() {
        output.metric("tokend_build_info", .gauge, "Version of the daemon; always 1.")
        output.sample(1, labels: "version=\"\(Version.current)\"")
        output.metric(
            "tokend_ready", .gauge,
            "Whether the daemon serves: 1, or 0 while it stops, or when new clients don't find it.",
            facts.isReady ? 1 : 0)
        output.metric(
            "tokend_lost_files", .gauge,
            "Sockets and pages of epochs of the daemon that are not where it has put them.",
            UInt64(facts.lostFileCount))
        output.metric("tokend_start_time_seconds", .gauge, "When the daemon started, in seconds since 1970.")
        output.sample(seconds: UInt64(max(facts.startedAt.microseconds, 0)) * 1_000)
        output.metric("tokend_uptime_seconds", .gauge, "How long the daemon has run; the host's sleep counts.")
        output.sample(seconds: UInt64(max(SystemClock.boottimeNanoseconds() - facts.startedAtBoottime, 0)))
        output.metric("tokend_cpu_seconds_total", .counter, "User and system time of the daemon.")
        output.sample(seconds: ProcessUsage.processorMicroseconds * 1_000)
        output.metric(
            "tokend_resident_memory_bytes", .gauge, "Memory of the daemon that is in RAM.",
            ProcessUsage.residentByteCount)
        output.metric(
            "tokend_log_events_dropped_total", .counter, "Events of the log that were lost because nobody read it.",
            facts.log.droppedEventCount)
    }

    private mutating func writeRequests() {
        output.metric("tokend_requests_total", .counter, "Requests, by method; of no known method: unknown.")
        for (method, labels) in Self.methods {
            output.sample(sum(.requests(Int(method.rawValue))), labels: labels)
        }
        output.sample(sum(.requests(LoopMetrics.Place.unknownMethod)), labels: "method=\"unknown\"")
        output.metric(
            "tokend_request_duration_seconds", .histogram,
            "From the reading of a request to its answer, by method. Requests that came together have the same time, and of "
                + "verifications from memory it is that of one in sixteen.")
        for (method, labels) in Self.methods {
            let place = LoopMetrics.Place.durations(ofMethod: Int(method.rawValue))
            var all = HistogramReading(shape: .durations)
            for loop in loops { all.add(HistogramShape.durations.read(loop.counters, at: place)) }
            if all.count > 0 { output.samples(all, labels: labels) }
        }
        output.metric("tokend_requests_failed_total", .counter, "Requests that were answered with an error, by reason.")
        for (reason, count) in facts.failures.all {
            output.sample(count, labels: "reason=\"\(reason.rawValue)\"")
        }
    }

    private mutating func writeVerifications() {
        output.metric("tokend_verifications_total", .counter, "Tokens that were verified, by outcome.")
        for (outcome, name) in Self.outcomes {
            let remembered = outcome == .valid ? facts.cacheHitCount : 0
            output.sample(sum(.outcomes(outcome)) + remembered, labels: "outcome=\"\(name)\"")
        }
        output.metric(
            "tokend_verification_cache_hits_total", .counter,
            "Verifications that were answered from the daemon's memory.", facts.cacheHitCount)
        output.metric(
            "tokend_verifications_reported_total", .counter,
            "Verifications that clients answered from their own memory, as far as they have reported them.",
            sum(.usesReported))
    }

    private mutating func writeUsers() {
        output.metric("tokend_connections", .gauge, "Open connections, by the user id of the peer.")
        for (user, count) in facts.admission.connectionCountsByUser(atMost: LoopMetrics.Place.userCount) {
            output.sample(UInt64(count), labels: "uid=\"\(user.map(String.init) ?? "other")\"")
        }
        output.metric("tokend_user_requests_total", .counter, "Requests, by the user id of the peer.")
        for (user, count) in requestCountsByUser() {
            output.sample(count, labels: "uid=\"\(user.map(String.init) ?? "other")\"")
        }
    }

    private mutating func writeWriter() {
        let writer = store.writerMetrics
        output.metric(
            "tokend_writer_queue_length", .gauge, "Changes that wait for the writer.", UInt64(store.waitingChangeCount))
        output.metric(
            "tokend_writer_operations_total", .counter, "Changes that the writer has carried out or refused.",
            writer.operationCount)
        output.metric("tokend_writer_batch_operations", .histogram, "Changes that were committed together.")
        output.samples(writer.batchSizes, in: .one)
        output.metric(
            "tokend_writer_commit_duration_seconds", .histogram,
            "Of a commit, with the wait for the disk, the rollback mark and the epochs.")
        output.samples(writer.commitDurations)
        output.metric(
            "tokend_epochs_moved_total", .counter, "Shards of the verification caches that a change made read again.",
            writer.epochMoveCount)
    }

    private mutating func writeStore() {
        let head = store.state.current
        output.metric("tokend_store_changes_total", .counter, "Changes committed since the start.", head.changeCount)
        output.metric(
            "tokend_store_hindered", .gauge,
            "Whether changes fail, as on a full disk, for what may pass: 1, or 2 if revocations do too, else 0.",
            store.state.hindrance.map { $0.allowsRevoking ? 1 : 2 } ?? 0)
        output.metric(
            "tokend_store_checkpoints_total", .counter, "Checkpoints of the write-ahead log.",
            store.writerMetrics.checkpointCount)
        output.metric(
            "tokend_store_wal_bytes", .gauge, "Size of the store's write-ahead log.", store.writeAheadLogByteCount)
        output.metric(
            "tokend_audit_head_sequence", .gauge, "Number of the newest event of the audit.", UInt64(head.sequence))
    }
}

// MARK: - Of all loops together

extension MetricsReport {
    private enum Item {
        case requests(Int)
        case outcomes(TokenWire.VerifyOutcome)
        case usesReported

        var place: Int {
            switch self {
            case .requests(let method): LoopMetrics.Place.requests + method
            case .outcomes(let outcome): LoopMetrics.Place.outcomes + Int(outcome.rawValue)
            case .usesReported: LoopMetrics.Place.usesReported
            }
        }
    }

    /// With their labels, which are made once.
    private static let methods = Method.allCases.map { (method: $0, labels: "method=\"\($0.auditName)\"") }

    private static let outcomes: [(TokenWire.VerifyOutcome, String)] = [
        (.valid, "valid"), (.malformed, "malformed"), (.unknown, "unknown"),
        (.workspaceMismatch, "workspace_mismatch"), (.revoked, "revoked"), (.superseded, "superseded"),
        (.expired, "expired"), (.disabled, "disabled"), (.ownerSuspended, "owner_suspended"),
        (.insufficientScope, "insufficient_scope"),
    ]

    private func sum(_ item: Item) -> UInt64 { loops.reduce(0) { $0 &+ $1.counters.value(at: item.place) } }

    /// By rising user id; none for those who have no place of their own.
    private func requestCountsByUser() -> [(user: UInt32?, count: UInt64)] {
        var counts: [UInt32: UInt64] = [:]
        var others: UInt64 = 0
        for loop in loops {
            for (user, count) in loop.requestCountsByUser {
                if let user { counts[user, default: 0] &+= count } else { others &+= count }
            }
        }
        var all: [(user: UInt32?, count: UInt64)] = []
        for (user, count) in counts.sorted(by: { $0.key < $1.key }) { all.append((user, count)) }
        if others > 0 { all.append((nil, others)) }
        return all
    }
}
