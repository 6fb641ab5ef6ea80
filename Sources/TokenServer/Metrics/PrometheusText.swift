import TokenCore

/// Metrics in Prometheus' text format, version 0.0.4:
/// https://prometheus.io/docs/instrumenting/exposition_formats/#text-based-format.
struct PrometheusText {
    enum Kind: String {
        case counter, gauge, histogram
    }

    private(set) var text = ""
    /// Of the metric whose samples follow.
    private var name = ""

    init() {
        text.reserveCapacity(64 << 10)
    }

    /// Begins a metric.
    mutating func metric(_ name: String, _ kind: Kind, _ help: String) {
        self.name = name
        text += "# HELP \(name) \(help)\n# TYPE \(name) \(kind.rawValue)\n"
    }

    /// A whole metric of one sample.
    mutating func metric(_ name: String, _ kind: Kind, _ help: String, _ value: UInt64) {
        metric(name, kind, help)
        sample(value)
    }

    /// Labels are ours or numbers, so that nothing in them has to be escaped.
    mutating func sample(_ value: UInt64, labels: String = "") {
        line("", labels, String(value))
    }

    mutating func sample(seconds nanoseconds: UInt64, labels: String = "") {
        line("", labels, Self.seconds(nanoseconds))
    }

    /// The lines of a histogram, each bucket with what is in those before it. `bound` writes a bound.
    mutating func samples(
        _ histogram: HistogramReading, labels: String = "", _ number: (UInt64) -> String = Self.seconds
    ) {
        let prefix = labels.isEmpty ? "" : labels + ","
        var cumulated: UInt64 = 0
        for (index, count) in histogram.counts.enumerated() {
            cumulated &+= count
            let bounds = histogram.shape.bounds
            let bound = index < bounds.count ? number(bounds[index]) : "+Inf"
            line("_bucket", "\(prefix)le=\"\(bound)\"", String(cumulated))
        }
        line("_sum", labels, number(histogram.sum))
        line("_count", labels, String(cumulated))
    }

    private mutating func line(_ suffix: String, _ labels: String, _ value: String) {
        text += name
        text += suffix
        if !labels.isEmpty {
            text += "{"
            text += labels
            text += "}"
        }
        text += " "
        text += value
        text += "\n"
    }

    /// `1.5` for 1,500,000,000 nanoseconds.
    static func seconds(_ nanoseconds: UInt64) -> String {
        let (whole, rest) = nanoseconds.quotientAndRemainder(dividingBy: 1_000_000_000)
        if rest == 0 { return String(whole) }
        let digits = String(rest)
        var fraction = Substring(String(repeating: "0", count: 9 - digits.utf8.count) + digits)
        while fraction.last == "0" { fraction.removeLast() }
        return "\(whole).\(fraction)"
    }
}
