/// What came of a history, for people.
struct HistoryReport {
    let outcome: HistoryRun.Outcome
    let settings: HistorySettings

    var exitCode: ExitCode {
        if !outcome.findings.violations.isEmpty { return .promiseBroken }
        return isSeenEnough ? .success : .incomplete
    }

    /// Whether the promise was put to the test: each reader was answered something, about secrets whose history is known.
    private var isSeenEnough: Bool {
        outcome.findings.checkedSecretCount > 0
            && (0..<settings.readerCount).allSatisfy { outcome.counts[$0]?.answered ?? 0 > 0 }
    }

    var text: String {
        ([headline, TextTable.text(rows)] + outcome.findings.violations.prefix(10).map(\.description))
            .joined(separator: "\n\n")
    }

    private var headline: String {
        let verifications = NumberText.count(answeredCount)
        let count = outcome.findings.violations.count
        return switch exitCode {
        case .success: "The promise holds in all of \(verifications) verifications."
        case .promiseBroken:
            "THE PROMISE IS BROKEN: \(count) \(count == 1 ? "contradiction" : "contradictions") in "
                + "\(verifications) verifications."
        default: "NOTHING IS SHOWN: there was no secret, or a reader that was never answered."
        }
    }

    private func sum(_ value: (ReaderReport.Counts) -> Int) -> Int {
        outcome.counts.values.reduce(0) { $0 + value($1) }
    }

    private var answeredCount: Int { sum(\.answered) }

    /// All readers of a process tell the same number: its largest is taken of each.
    private var fromMemoryCount: Int {
        (0..<settings.processCount).reduce(0) { sum, process in
            let readers = process * settings.ways.count..<(process + 1) * settings.ways.count
            return sum + (readers.compactMap { outcome.counts[$0]?.fromMemory }.max() ?? 0)
        }
    }

    private var rows: [[String]] {
        let findings = outcome.findings
        let valid = sum(\.valid)
        return [
            ["valid", NumberText.count(valid)],
            ["refused", NumberText.count(answeredCount - valid)],
            ["answered from memory", NumberText.count(fromMemoryCount)],
            ["without an answer", NumberText.count(sum(\.failed))],
            ["seconds", NumberText.threeDigits(outcome.seconds)],
            ["secrets", NumberText.count(findings.checkedSecretCount)],
            ["changes of them", NumberText.count(findings.changeCount)],
            ["  seen from both sides", NumberText.count(findings.closelyWatchedCount)],
        ]
            + outcome.changes.sorted { $0.key < $1.key }.map { ["  " + $0.key, NumberText.count($0.value)] }
            + [
                ["daemon killed", NumberText.count(outcome.harm.killCount)],
                ["epoch page lost", NumberText.count(outcome.harm.lostPageCount)],
            ]
    }
}
