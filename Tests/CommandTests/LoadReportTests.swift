import Testing

@testable import tokenctl

@Suite("What tokenctl top makes of the metrics")
struct LoadReportTests {
    private static func text(uptime: Int, factor: Int, start: Int = 1_795_000_000) -> String {
        """
        # HELP tokend_build_info Version of the daemon; always 1.
        # TYPE tokend_build_info gauge
        tokend_build_info{version="0.1.0"} 1
        tokend_ready 1
        tokend_start_time_seconds \(start)
        tokend_uptime_seconds \(uptime)
        tokend_cpu_seconds_total \(Double(factor) * 0.5)
        tokend_requests_total{method="VerificationService/Verify"} \(1_000 * factor)
        tokend_requests_total{method="TokenService/CreateToken"} \(10 * factor)
        tokend_requests_total{method="TokenService/ListTokens"} 5
        tokend_request_duration_seconds_bucket{method="VerificationService/Verify",le="0.001"} \(900 * factor)
        tokend_request_duration_seconds_bucket{method="VerificationService/Verify",le="0.002"} \(1_000 * factor)
        tokend_request_duration_seconds_bucket{method="VerificationService/Verify",le="+Inf"} \(1_000 * factor)
        tokend_request_duration_seconds_bucket{method="TokenService/CreateToken",le="0.001"} 0
        tokend_request_duration_seconds_bucket{method="TokenService/CreateToken",le="0.002"} \(5 * factor)
        tokend_request_duration_seconds_bucket{method="TokenService/CreateToken",le="+Inf"} \(10 * factor)
        tokend_verifications_total{outcome="valid"} \(900 * factor)
        tokend_verifications_total{outcome="unknown"} \(100 * factor)
        tokend_verifications_total{outcome="revoked"} 7
        tokend_verification_cache_hits_total \(500 * factor)
        tokend_connections{uid="0"} 2
        tokend_connections{uid="4242"} 1
        tokend_user_requests_total{uid="0"} 50
        tokend_user_requests_total{uid="1000"} \(1_000 * factor)
        tokend_writer_operations_total \(10 * factor)
        tokend_writer_commit_duration_seconds_bucket{le="0.002"} \(5 * factor)
        tokend_writer_commit_duration_seconds_bucket{le="+Inf"} \(5 * factor)
        """
    }

    private let earlier = MetricsReading(text(uptime: 100, factor: 1))
    private let later = MetricsReading(text(uptime: 110, factor: 3))

    @Test func ratesAreOfWhatCameBetweenTwoReadings() {
        let report = LoadReport(from: earlier, to: later)
        #expect(report.seconds == 10 && !report.isSinceStart && report.isReady && report.version == "0.1.0")
        #expect(report.verificationsPerSecond == 200)
        #expect(report.cacheHitShare == 0.5)
        #expect(report.outcomes.map(\.name) == ["valid", "unknown"])
        #expect(report.outcomes.map(\.perSecond) == [180, 20])
        #expect(report.changesPerSecond == 2)
        #expect(report.operationsPerCommit == 2)
        #expect(report.processorShare == 0.1)
    }

    @Test func methodsComeTheSlowestFirstAndPeersTheBusiest() {
        let report = LoadReport(from: earlier, to: later)
        #expect(report.methods.map(\.name) == ["TokenService/CreateToken", "VerificationService/Verify"])
        #expect(report.methods.map(\.perSecond) == [2, 200])
        let expected = [0.002, 0.0019]
        #expect(zip(report.methods, expected).allSatisfy { abs(($0.p99 ?? 0) - $1) < 1e-9 })
        #expect(report.users.map(\.id) == ["1000", "0", "4242"])
        #expect(report.users.map(\.connectionCount) == [0, 2, 1])
    }

    @Test func withoutAnEarlierReadingOfTheSameDaemonRatesAreSinceItsStart() {
        let other = MetricsReading(Self.text(uptime: 50, factor: 9, start: 1_794_000_000))
        for before in [nil, other] {
            let report = LoadReport(from: before, to: later)
            #expect(report.isSinceStart && report.seconds == 110)
            #expect(report.changesPerSecond == 30.0 / 110)
        }
    }

    @Test func anythingElseIsZeroOrNothing() {
        let report = LoadReport(from: nil, to: MetricsReading("nonsense\n\n# no\nx{ 1\n"))
        #expect(report.verificationsPerSecond == 0 && report.cacheHitShare == nil && report.methods.isEmpty)
        #expect(report.commitP99 == nil)
    }

    @Test(arguments: [(0.5, 1.0), (0.75, 1.5), (1.0, 2.0)])
    func aQuantileLiesBetweenTheBoundsOfItsBucket(_ part: Double, _ expected: Double) {
        let buckets = [("1", 2.0), ("2", 4.0), ("5", 4.0), ("+Inf", 4.0)].map {
            MetricsReading.Sample(labels: ["le": $0.0], value: $0.1)
        }
        #expect(Histogram(buckets).quantile(part) == expected)
        #expect(Histogram([]).quantile(part) == nil)
        #expect(Histogram(buckets).since(Histogram(buckets)).quantile(part) == nil)
    }

    @Test func theTablesLeaveRoomForEachOther() {
        var names = UserNames()
        let report = LoadReport(from: earlier, to: later)
        #expect(report.lines(rowCountMax: .max, names: &names).count == LoadReport.otherLineCount + 5)
        #expect(report.lines(rowCountMax: 3, names: &names).count == LoadReport.otherLineCount + 3)
        #expect(report.lines(rowCountMax: -4, names: &names).count <= LoadReport.otherLineCount + 2)
    }

    @Test(arguments: [
        (0, "0"), (0.25, "0.3"), (3, "3"), (99.94, "99.9"), (100.4, "100"), (1_234.6, "1,235"),
        (1_234_567, "1,234,567"),
    ])
    func numbersAreShort(_ value: Double, _ expected: String) {
        #expect(Figure.number(value) == expected)
    }

    @Test func timesAndSizesHaveTheirUnits() {
        #expect([nil, 0.000_001_5, 0.002, 1.25].map(Figure.duration) == ["–", "1.5 µs", "2 ms", "1.3 s"])
        #expect(
            [0, 59, 3_600, 3_661, 90_000, 864_000].map(Figure.span) == [
                "0 s", "59 s", "1 h 0 min", "1 h 1 min", "1 d 1 h", "10 d 0 h",
            ])
        #expect([512, 4_194_304].map(Figure.bytes) == ["0.5 KiB", "4 MiB"])
    }
}
