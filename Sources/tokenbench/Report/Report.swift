import TokenClient

/// What one run found. This is what `--json` prints and `compare` reads: all durations in microseconds.
struct Report: Codable {
    /// Another number where an older reader would misunderstand a newer report.
    static let formatNumber = 1

    var format = Report.formatNumber
    /// Version of tokenbench.
    var version = TokenClient.version
    /// When it ended, RFC 3339.
    var time: String
    var machine: Machine
    var settings: LoadSettings
    /// How long was counted: less than was asked for when the run was interrupted.
    var countedSeconds: Double
    /// By what the calls did, for kinds of which there were any.
    var calls: [String: Series]
    /// Calls that failed, by why. They are in no other number but the processor time by call.
    var failures: [String: Int]
    /// At a fixed rate: calls that were due and never made, because all callers were waiting. Nil in a closed loop.
    var missed: Int?
    var daemonVersion: String
    /// Nil when the operator's socket did not answer.
    var daemon: Daemon?
    var client: Client
    /// The share of the machine's cores that went to others. Nil without the daemon's processor time.
    var otherProcessorShare: Double?

    struct Series: Codable, Equatable {
        var samples: Int
        var perSecond: Double
        /// From when a call was due, which in a closed loop is when it was sent.
        var latency: Latency
        /// From when a call was sent; only at a fixed rate.
        var serviceTime: Latency?
        var distribution: [Picture.Bin]
    }

    /// Microseconds. `p999` is p99.9, and `p9999` p99.99.
    struct Latency: Codable, Equatable {
        var minimum: Double
        var mean: Double
        var p50: Double
        var p90: Double
        var p99: Double
        var p999: Double
        var p9999: Double
        var maximum: Double
    }

    struct Daemon: Codable, Equatable {
        var pid: Int
        /// The cores it may run on. Nil, as all that follows, when it is not a process that can be seen from here.
        var cores: String?
        var processorMicrosecondsPerCall: Double?
        var residentKibibytes: Int?
        var peakResidentKibibytes: Int?
        var storeTokens: Int
        /// The share of verifications that it answered from its cache.
        var cacheHitShare: Double?
    }

    struct Client: Codable, Equatable {
        var cores: String
        /// Nil at a fixed rate, where it would for the most part be the time that callers wait awake.
        var processorMicrosecondsPerCall: Double?
        var peakResidentKibibytes: Int
    }
}

extension Report.Latency {
    /// Nil when there is no value.
    init?(_ histogram: Histogram) {
        guard histogram.count > 0 else { return nil }
        func microseconds(_ nanoseconds: UInt64?) -> Double { Double(nanoseconds ?? 0) / 1000 }
        minimum = microseconds(histogram.minimumNanoseconds)
        mean = microseconds(histogram.sumNanoseconds / histogram.count)
        p50 = microseconds(histogram.percentileNanoseconds(5_000))
        p90 = microseconds(histogram.percentileNanoseconds(9_000))
        p99 = microseconds(histogram.percentileNanoseconds(9_900))
        p999 = microseconds(histogram.percentileNanoseconds(9_990))
        p9999 = microseconds(histogram.percentileNanoseconds(9_999))
        maximum = microseconds(histogram.maximumNanoseconds)
    }
}

extension Report {
    init(_ outcome: Load.Outcome, _ settings: LoadSettings, daemonVersion: String) {
        let (before, after) = (outcome.before, outcome.after)
        time = Timestamp.now.description
        machine = Machine(storePath: after.status?.storePath)
        self.settings = settings
        countedSeconds = outcome.countedSeconds
        calls = [:]
        for kind in CallKind.allCases {
            calls[kind.rawValue] = Series(
                outcome.tally.latencies(of: kind), outcome.tally.serviceTimes(of: kind), outcome.countedSeconds)
        }
        failures = outcome.tally.failures
        missed = outcome.missedCount
        self.daemonVersion = daemonVersion
        let callCount = Double(outcome.tally.callCount)
        func perCall(_ seconds: Double?) -> Double? {
            callCount > 0 ? seconds.map { ($0 / callCount * 1e9).rounded() / 1000 } : nil
        }
        daemon = after.status.map { status in
            Daemon(
                pid: Int(status.processID), cores: after.daemon?.cores,
                processorMicrosecondsPerCall: perCall(Snapshot.processorSeconds(before.daemon, after.daemon)),
                residentKibibytes: after.daemon?.residentKibibytes,
                peakResidentKibibytes: after.daemon?.peakKibibytes, storeTokens: Int(clamping: status.tokenCount),
                cacheHitShare: Self.cacheHitShare(before.status, status))
        }
        client = Client(
            cores: after.own?.cores ?? "",
            processorMicrosecondsPerCall: settings.ratePerSecond == nil
                ? perCall(Snapshot.processorSeconds(before.own, after.own)) : nil,
            peakResidentKibibytes: after.own?.peakKibibytes ?? 0)
        otherProcessorShare = Snapshot.otherShare(from: before, to: after)
    }

    private static func cacheHitShare(_ before: ServerStatus.Details?, _ after: ServerStatus.Details) -> Double? {
        guard let before, after.verificationCount > before.verificationCount,
            after.verificationCacheHitCount >= before.verificationCacheHitCount
        else { return nil }
        return Double(after.verificationCacheHitCount - before.verificationCacheHitCount)
            / Double(after.verificationCount - before.verificationCount)
    }
}

extension Report.Series {
    /// Nil when there were no such calls.
    init?(_ latencies: Histogram, _ serviceTimes: Histogram, _ seconds: Double) {
        guard let latency = Report.Latency(latencies) else { return nil }
        samples = Int(latencies.count)
        perSecond = seconds > 0 ? Double(latencies.count) / seconds : 0
        self.latency = latency
        serviceTime = Report.Latency(serviceTimes)
        distribution = Picture.bins(of: latencies)
    }
}
