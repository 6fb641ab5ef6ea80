import Foundation
import Testing

@testable import tokenbench

@Suite("Report") struct ReportTests {
    private func latency(_ p50: Double) -> Report.Latency {
        .init(
            minimum: 8, mean: p50, p50: p50, p90: 2 * p50, p99: 3 * p50, p999: 4 * p50, p9999: 5 * p50, maximum: 9_999)
    }

    private func report(p50: Double, connections: Int = 1, failures: [String: Int] = [:]) -> Report {
        var settings = LoadSettings()
        settings.connections = connections
        return Report(
            time: "2026-11-25T00:00:00Z", machine: Machine(storePath: nil), settings: settings, countedSeconds: 5,
            calls: [
                "verify": .init(
                    samples: 5_000, perSecond: 1_000, latency: latency(p50),
                    distribution: [.init(upToMicroseconds: 16, count: 5_000)])
            ],
            failures: failures,
            daemonVersion: "0.1.0",
            daemon: .init(
                pid: 7, cores: "0", processorMicrosecondsPerCall: p50 / 2,
                residentKibibytes: 10_240, peakResidentKibibytes: 20_480, storeTokens: 1),
            client: .init(cores: "1", processorMicrosecondsPerCall: 4, peakResidentKibibytes: 1_024))
    }

    @Test func whatWasInterruptedBeforeThereWasAFigureIsNoSuccess() {
        var report = report(p50: 10)
        #expect(report.exitCode == .success)
        report.missed = 1
        #expect(report.exitCode == .incomplete)
        report.calls = [:]
        #expect(report.exitCode == .incomplete)
        report.missed = nil
        #expect(report.exitCode == .software)
        #expect(StartReport(milliseconds: [5]).exitCode == .success)
        #expect(StartReport(milliseconds: []).exitCode == .software)
        #expect(VerifierReport(tokens: 1, wantsAll: false).exitCode == .software)
    }

    @Test func aComparisonShowsRatiosOfTheSecondToTheFirst() {
        let text = Comparison(before: report(p50: 10), after: report(p50: 15)).text
        let lines = text.split(separator: "\n").map { $0.split(separator: " ").joined(separator: " ") }
        #expect(lines.contains("verify, p50 10.0 µs 15.0 µs 1.50 ×"))
        #expect(lines.contains("verify, max 10.0 ms 10.0 ms 1.00 ×"))
        // 5,000 samples have five beyond.
        #expect(lines.contains("verify, p99.9 ~40.0 µs ~60.0 µs 1.50 ×"))
        #expect(lines.contains("verify, a second 1,000 1,000 1.00 ×"))
        #expect(lines.contains("tokend, processor time a call 5.00 µs 7.50 µs 1.50 ×"))
        #expect(lines.contains("tokend, resident 10.0 MiB 10.0 MiB 1.00 ×"))
        #expect(lines.contains("failed calls 0 0 –"))
        #expect(!text.contains("differ"))
    }

    @Test func aComparisonSaysFirstWhatElseDiffers() {
        let text = Comparison(before: report(p50: 10), after: report(p50: 10, connections: 64)).text
        #expect(text.hasPrefix("These runs differ in more than their results:\n  load: A 1 connection "))
        #expect(text.contains("load: B 64 connections"))
    }

    @Test func aComparisonSaysBeforeItsFiguresWhatMakesARunWorthless() {
        var (before, after) = (report(p50: 10), report(p50: 15))
        before.otherProcessorShare = 0.5
        after.countedSeconds = 1
        after.missed = 1_234
        let text = Comparison(before: before, after: after).text
        #expect(
            text.hasPrefix(
                """
                A: The machine was not quiet: don't compare this run.
                B: Interrupted: 1.00 s were counted.
                B: NOT MADE: 1,234 calls
                """))
        // It stands below the table, as in the reports.
        #expect(text.hasSuffix("~ fewer than ten calls lie beyond: chance, not a property."))
    }

    @Test func aReportIsReadAsItWasWritten() throws {
        let path = "/tmp/tokenbench-test-\(UInt64.random(in: 0 ... .max)).json"
        defer { unlink(path) }
        var report = report(p50: 10, failures: ["unavailable": 3])
        report.missed = 4
        try report.json().write(toFile: path, atomically: true, encoding: .utf8)
        #expect(try Report.read(path).json() == report.json())
    }

    @Test func failuresAndPercentilesOfChanceAreMarked() {
        let text = report(p50: 10, failures: ["unavailable": 3]).text
        #expect(text.contains("FAILED, and timed nowhere: unavailable: 3"))
        // 5,000 samples have five beyond p99.9.
        #expect(text.contains("~40.0 µs") && !text.contains("~30.0 µs"))
        #expect(text.contains("~ fewer than ten calls lie beyond"))
    }

    @Test func callsThatWereNeverMadeAreSaid() {
        var report = report(p50: 10)
        report.missed = 1_234
        #expect(report.text.contains("NOT MADE: 1,234 calls"))
    }
}
