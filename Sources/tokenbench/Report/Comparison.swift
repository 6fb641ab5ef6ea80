import Foundation

/// Two runs side by side.
struct Comparison {
    let before: Report
    let after: Report

    /// The second divided by the first, for everything that both have.
    var text: String {
        var parts: [String] = []
        let differences = self.differences
        if !differences.isEmpty {
            parts.append("These runs differ in more than their results:\n" + differences.joined(separator: "\n"))
        }
        let warnings = before.warnings.map { "A: " + $0 } + after.warnings.map { "B: " + $0 }
        if !warnings.isEmpty { parts.append(warnings.joined(separator: "\n")) }
        let rows = figures.map { figure in
            [
                figure.name, figure.beforeText, figure.afterText,
                figure.before > 0 ? String(format: "%.2f ×", figure.after / figure.before) : "–",
            ]
        }
        parts.append(TextTable.text([["", "A", "B", "B/A"]] + rows))
        if let remark = before.chanceRemark ?? after.chanceRemark { parts.append(remark) }
        return parts.joined(separator: "\n\n")
    }

    private struct Figure {
        let name: String
        let before: Double
        let after: Double
        let beforeText: String
        let afterText: String
    }

    private var figures: [Figure] {
        var figures: [Figure] = []
        func add(_ name: String, _ before: Double?, _ after: Double?, _ text: (Double) -> String) {
            guard let before, let after else { return }
            figures.append(
                Figure(
                    name: name, before: before, after: after, beforeText: text(before), afterText: text(after)))
        }
        for (kind, series) in before.sortedCalls {
            guard let other = after.calls[kind] else { continue }
            add("\(kind), a second", series.perSecond, other.perSecond) { NumberText.count(Int($0)) }
            figures += Report.Latency.parts.map { part in
                Figure(
                    name: "\(kind), \(part.name)", before: series.latency[keyPath: part.path],
                    after: other.latency[keyPath: part.path],
                    beforeText: part.text(of: series.latency, samples: series.samples),
                    afterText: part.text(of: other.latency, samples: other.samples))
            }
        }
        let duration = { (microseconds: Double) in NumberText.duration(microseconds: microseconds) }
        add(
            "tokend, processor time a call", before.daemon?.processorMicrosecondsPerCall,
            after.daemon?.processorMicrosecondsPerCall, duration)
        add(
            "tokenbench, processor time a call", before.client.processorMicrosecondsPerCall,
            after.client.processorMicrosecondsPerCall, duration)
        add(
            "tokend, resident", before.daemon?.residentKibibytes.map(Double.init),
            after.daemon?.residentKibibytes.map(Double.init)
        ) { String(format: "%.1f MiB", $0 / 1024) }
        add("failed calls", Double(before.failureCount), Double(after.failureCount)) { NumberText.count(Int($0)) }
        return figures
    }

    private var differences: [String] {
        let pairs = [
            ("load", before.settings.text, after.settings.text),
            ("kernel", before.machine.kernel, after.machine.kernel),
            ("processor", before.machine.processorText, after.machine.processorText),
            ("store on", before.machine.storeFileSystem ?? "?", after.machine.storeFileSystem ?? "?"),
            ("cores of tokend", before.daemon?.cores ?? "?", after.daemon?.cores ?? "?"),
            ("cores of tokenbench", before.client.cores, after.client.cores),
        ]
        return pairs.filter { $0.1 != $0.2 }.map { "  \($0.0): A \($0.1)\n  \($0.0): B \($0.2)" }
    }
}

extension Report {
    var failureCount: Int { failures.values.reduce(0, +) }
}

extension Machine {
    var processorText: String { "\(cores) cores of \(processor)" }
}
