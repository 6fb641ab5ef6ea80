import Foundation

extension Report {
    /// All of it, for a person.
    var text: String {
        var parts = [heading, table]
        if let serviceTable { parts.append(serviceTable) }
        parts.append(costs)
        parts += warnings
        if let chanceRemark { parts.append(chanceRemark) }
        for (kind, series) in sortedCalls {
            parts.append("\(kind): share of calls up to this latency\n" + Picture.text(series.distribution))
        }
        return parts.joined(separator: "\n\n")
    }

    var exitCode: ExitCode {
        // Interrupted before its first call that counts.
        if calls.isEmpty && failures.isEmpty && missed ?? 0 == 0 { return .software }
        return failures.isEmpty && missed ?? 0 == 0 ? .success : .incomplete
    }

    /// In the order of `CallKind`.
    var sortedCalls: [(kind: String, series: Series)] {
        CallKind.allCases.compactMap { kind in calls[kind.rawValue].map { (kind.rawValue, $0) } }
    }

    private var heading: String {
        let onFileSystem = machine.storeFileSystem.map { ", store on \($0)" } ?? ""
        return """
            tokend \(daemonVersion), \(machine.cores) cores of \(machine.processor), Linux \(machine.kernel)\(onFileSystem)
            \(settings.text)
            """
    }

    private var table: String {
        Self.table(sortedCalls.map { ($0.kind, $0.series, $0.series.latency) })
    }

    private var serviceTable: String? {
        let rows = sortedCalls.compactMap { call in call.series.serviceTime.map { (call.kind, call.series, $0) } }
        if rows.isEmpty { return nil }
        return "From when the call was sent, and not from when it was due:\n" + Self.table(rows)
    }

    private static func table(_ rows: [(kind: String, series: Series, latency: Latency)]) -> String {
        let header = ["", "calls", "a second"] + Latency.parts.map(\.name)
        return TextTable.text(
            [header]
                + rows.map { row in
                    [row.kind, NumberText.count(row.series.samples), NumberText.count(Int(row.series.perSecond))]
                        + Latency.parts.map { $0.text(of: row.latency, samples: row.series.samples) }
                })
    }

    private var costs: String {
        var rows: [[String]] = []
        func cost(_ microseconds: Double?) -> String {
            microseconds.map { "\(NumberText.duration(microseconds: $0)) of processor time a call" } ?? "?"
        }
        func memory(_ kibibytes: Int) -> String { String(format: "%.1f MiB", Double(kibibytes) / 1024) }
        if let daemon {
            let resident = daemon.residentKibibytes.map { ", \(memory($0)) resident" } ?? ""
            let peak = daemon.peakResidentKibibytes.map { ", \(memory($0)) at most" } ?? ""
            let hits = daemon.cacheHitShare.map { ", \(NumberText.percent($0)) from its cache" } ?? ""
            let cores = daemon.cores.map { " (cores \($0))" } ?? ""
            rows.append(["tokend\(cores):", cost(daemon.processorMicrosecondsPerCall) + resident + peak + hits])
        }
        if daemon == nil { rows.append(["tokend:", "no figures, because its operator.sock did not answer"]) }
        rows.append([
            "tokenbench (cores \(client.cores)):",
            settings.ratePerSecond == nil
                ? cost(client.processorMicrosecondsPerCall) : "no figure, because callers wait awake at a fixed rate",
        ])
        if let otherProcessorShare {
            rows.append(["others:", "\(NumberText.percent(otherProcessorShare)) of the machine"])
        }
        let width = rows.map(\.[0].count).max() ?? 0
        return rows.map { "\($0[0].padded(to: width))  \($0[1])" }.joined(separator: "\n")
    }

    /// What makes the figures worth less than they seem, or nothing.
    var warnings: [String] {
        var warnings: [String] = []
        if countedSeconds < settings.durationSeconds * 0.99 {
            warnings.append("Interrupted: \(NumberText.threeDigits(countedSeconds)) s were counted.")
        }
        if !failures.isEmpty {
            let reasons = failures.sorted { $0.key < $1.key }.map { "\($0.key): \(NumberText.count($0.value))" }
            warnings.append("FAILED, and timed nowhere: \(reasons.joined(separator: ", "))")
        }
        if let missed, missed > 0 {
            warnings.append(
                "NOT MADE: \(NumberText.count(missed)) calls that were due, because every caller still waited. "
                    + "The latencies are too low; ask for less, or allow more in flight.")
        }
        if let otherProcessorShare, otherProcessorShare > 0.06 {
            warnings.append("The machine was not quiet: don't compare this run.")
        }
        return warnings
    }

    /// What the table means by `~`, if it says so anywhere.
    var chanceRemark: String? {
        let isAllKnown = sortedCalls.allSatisfy { call in
            Latency.parts.allSatisfy { $0.isKnown(from: call.series.samples) }
        }
        return isAllKnown ? nil : "~ fewer than ten calls lie beyond: chance, not a property."
    }
}
