import Foundation
import Testing

@testable import tokenbench

/// `tokenbench history` against daemons that are killed, lose their page, or do a step of a change in the wrong place.
///
/// Those of one test run at the same time: for the most part they wait.
@Suite("A history of a daemon's tokens", .serialized) struct HistoryTests {
    struct Run: Sendable {
        let failpoints: String
        let arguments: [String]

        init(_ failpoints: String, _ arguments: String...) {
            self.failpoints = failpoints
            self.arguments = arguments.flatMap { $0.split(separator: " ").map(String.init) }
        }

        /// On few places, so that calls and changes meet often.
        private static let common = "history --processes 2 --ways memory,socket,store --places 4 --pause 1ms"

        func start() throws -> (process: Process, output: Pipe, errors: Pipe) {
            let (output, errors) = (Pipe(), Pipe())
            let process = try Tokenbench.start(
                Self.common.split(separator: " ").map(String.init) + arguments, output, errors,
                environment: ["TOKEND_FAILPOINTS": failpoints])
            return (process, output, errors)
        }
    }

    private func outcomes(_ runs: [Run]) throws -> [(run: Run, outcome: Tokenbench.Outcome)] {
        let started = try runs.map { ($0, try $0.start()) }
        return try started.map { run, program in (run, try Tokenbench.outcome(of: program)) }
    }

    /// The number behind a word in the table of results.
    private func count(_ name: String, _ outcome: Tokenbench.Outcome) -> Int {
        let line = outcome.output.split(separator: "\n").first { $0.hasPrefix(name) }
        return line?.split(separator: " ").last.flatMap { Int($0.filter { $0 != "," }) } ?? 0
    }

    /// Also where it is killed at each point there is in a change, while all that could go wrong is made to take long; and
    /// where the page is lost.
    @Test func keepsThePromise() throws {
        let points = "beforeOdd,afterOdd,afterCommit,afterMark,afterEven,beforeReply,afterReply"
        let slow = "afterOdd=wait:2,afterCommit=wait:2,afterReply=wait:1,loopBeforeKeeping=wait:1"
        let outcomes = try outcomes([
            Run("", "--duration 2s"),
            Run("\(slow),verifierBeforeKeeping=wait:1", "--kills 14 --kill-at \(points)"),
            Run("lease=200", "--kills 6 --kill-every 300ms --lose-page"),
        ]).map(\.outcome)
        for outcome in outcomes {
            #expect(outcome.exitCode == 0, "\(outcome.output)\(outcome.errors)")
            for name in ["valid", "refused", "secrets", "changes of them"] {
                #expect(count(name, outcome) > 0, "\(name)\n\(outcome.output)")
            }
        }
        // In the second run kills may follow each other too fast for anything to be remembered.
        for outcome in [outcomes[0], outcomes[2]] { #expect(count("answered from memory", outcome) > 0) }
        #expect(count("without an answer", outcomes[0]) == 0)
        #expect(count("daemon killed", outcomes[1]) >= 14)
        #expect(count("epoch page lost", outcomes[2]) >= 6)
    }

    /// The right order passes above with waits at the same places.
    @Test func findsEachMistakeInTheOrderOfSteps() throws {
        let runs = [
            Run("moveOnlyBefore,afterOdd=wait:3"),
            Run("moveOnlyAfter,afterCommit=wait:4"),
            Run("answerBeforeMoving,afterReply=wait:4"),
            Run("loopTagsAtStoreTime,loopBeforeKeeping=wait:4"),
            Run("verifierTagsAtStoreTime,verifierBeforeKeeping=wait:4"),
            Run("loopKeepsUnderAnOddEpoch,afterOdd=wait:6,afterCommit=wait:6"),
            Run("verifierKeepsUnderAnOddEpoch,afterOdd=wait:4,afterCommit=wait:4"),
            Run("commitWithoutWaiting,lease=2000", "--kill-every 300ms --lose-page"),
            Run("restartWithoutMoving,afterOdd=wait:4,afterCommit=wait:4", "--kill-at afterMark"),
        ]
        for (run, outcome) in try outcomes(runs) {
            #expect(outcome.exitCode == 2, "\(run.failpoints)\n\(outcome.output)\(outcome.errors)")
            #expect(outcome.output.contains("THE PROMISE IS BROKEN"))
        }
    }

    @Test func aFailpointThatDoesNotExistIsRefused() throws {
        let outcome = try #require(try outcomes([Run("afterLunch=wait:1")]).first?.outcome)
        #expect(outcome.exitCode == 69)
        #expect(outcome.errors.contains("TOKEND_FAILPOINTS has “afterLunch=wait:1”"))
        #expect(outcome.errors.contains("afterCommit"))
    }
}

/// What a history comes to in which too little was seen.
@Suite("A history's report") struct HistoryReportTests {
    private let settings: HistorySettings = {
        var settings = HistorySettings()
        (settings.processCount, settings.ways) = (1, [.memory, .socket])
        return settings
    }()

    private func report(answered: [Int], secretCount: Int) -> HistoryReport {
        var findings = HistoryBook.Findings()
        findings.checkedSecretCount = secretCount
        let counts = answered.map { ReaderReport.Counts(answered: $0) }
        return HistoryReport(
            outcome: .init(
                seconds: 1, findings: findings, counts: Dictionary(uniqueKeysWithValues: zip(0..., counts)),
                changes: [:], harm: .init()),
            settings: settings)
    }

    @Test func thePromiseHoldsWhereEachReaderWasAnswered() {
        let report = report(answered: [1, 1], secretCount: 1)
        #expect(report.text.hasPrefix("The promise holds in all of 2 verifications."))
        #expect(report.exitCode == .success)
    }

    @Test(arguments: [([0, 0], 1), ([5, 0], 1), ([5], 1), ([], 1), ([5, 5], 0)])
    func nothingIsShownWhereTooLittleWasSeen(answered: [Int], secretCount: Int) {
        let report = report(answered: answered, secretCount: secretCount)
        #expect(!report.text.contains("The promise holds"))
        #expect(report.exitCode == .incomplete)
    }
}
