extension Report.Latency {
    /// A figure of a latency, as tables and comparisons name it.
    struct Part: Sendable {
        let name: String
        let path: any KeyPath<Report.Latency, Double> & Sendable
        /// How many calls of ten thousand lie beyond; nil for a figure that takes all into account.
        let beyondOfTenThousand: Int?

        /// Whether at least ten calls lie beyond. With fewer, chance decides what the figure is.
        func isKnown(from samples: Int) -> Bool {
            beyondOfTenThousand.map { samples * $0 >= 10 * 10_000 } ?? true
        }

        /// The figure, marked if it is chance.
        func text(of latency: Report.Latency, samples: Int) -> String {
            let text = NumberText.duration(microseconds: latency[keyPath: path])
            return isKnown(from: samples) ? text : "~" + text
        }
    }

    static let parts = [
        Part(name: "mean", path: \.mean, beyondOfTenThousand: nil),
        Part(name: "p50", path: \.p50, beyondOfTenThousand: 5_000),
        Part(name: "p90", path: \.p90, beyondOfTenThousand: 1_000),
        Part(name: "p99", path: \.p99, beyondOfTenThousand: 100),
        Part(name: "p99.9", path: \.p999, beyondOfTenThousand: 10),
        Part(name: "p99.99", path: \.p9999, beyondOfTenThousand: 1),
        Part(name: "max", path: \.maximum, beyondOfTenThousand: nil),
    ]
}

extension LoadSettings {
    /// One line.
    var text: String {
        var parts: [String] = []
        if connections > 0 {
            let callers = taskThreads.map { "tasks on \($0) threads" } ?? "blocking threads"
            let plural = connections == 1 ? "" : "s"
            parts.append("\(connections) connection\(plural) × \(depth) in flight, \(callers)")
            parts.append("\(NumberText.count(tokens)) tokens, \(NumberText.percent(hitShare)) known")
            if let requiredScope { parts.append("requiring \(requiredScope)") }
            if writeShare > 0 { parts.append("\(NumberText.percent(writeShare)) writes") }
            parts.append(ratePerSecond.map { "\(NumberText.count(Int($0))) calls a second" } ?? "closed loop")
        }
        if writers > 0 { parts.append("\(writers) connection\(writers == 1 ? " that creates" : "s that create")") }
        parts.append(
            "\(NumberText.threeDigits(durationSeconds)) s after \(NumberText.threeDigits(warmupSeconds)) s of warm-up")
        return parts.joined(separator: " · ")
    }
}
