import TokenCore

/// Metrics in Prometheus' text format, version 0.0.4:
/// https://prometheus.io/docs/instrumenting/exposition_formats/#text-based-format.
///
/// Written as bytes: a loop writes a thousand lines at once while its peers wait, and a string for each number and line
/// takes several times as long.
struct PrometheusText {
    enum Kind: String {
        case counter, gauge, histogram
    }

    /// What the values of a histogram are.
    enum Unit {
        case one
        /// Written as seconds.
        case nanosecond
    }

    private var bytes: [UInt8] = []
    /// Of the metric whose samples follow.
    private var name = ""

    init() {
        bytes.reserveCapacity(96 << 10)
    }

    var text: String { String(decoding: bytes, as: UTF8.self) }

    /// Begins a metric.
    mutating func metric(_ name: String, _ kind: Kind, _ help: String) {
        self.name = name
        for part in ["# HELP ", name, " ", help, "\n# TYPE ", name, " ", kind.rawValue, "\n"] { bytes += part.utf8 }
    }

    /// A whole metric of one sample.
    mutating func metric(_ name: String, _ kind: Kind, _ help: String, _ value: UInt64) {
        metric(name, kind, help)
        sample(value)
    }

    /// Labels are ours or numbers, so that nothing in them has to be escaped.
    mutating func sample(_ value: UInt64, labels: String = "") {
        line("", labels, value, .one)
    }

    mutating func sample(seconds nanoseconds: UInt64, labels: String = "") {
        line("", labels, nanoseconds, .nanosecond)
    }

    /// The lines of a histogram, each bucket with what is in those before it.
    mutating func samples(_ histogram: HistogramReading, labels: String = "", in unit: Unit = .nanosecond) {
        let opening = Array("\(name)_bucket{\(labels)\(labels.isEmpty ? "" : ",")le=\"".utf8)
        var cumulated: UInt64 = 0
        for (bound, count) in zip(histogram.shape.bounds, histogram.counts) {
            cumulated &+= count
            bytes += opening
            append(bound, unit)
            closeBucket(cumulated)
        }
        cumulated &+= histogram.counts.last ?? 0
        bytes += opening
        bytes += "+Inf".utf8
        closeBucket(cumulated)
        line("_sum", labels, histogram.sum, unit)
        line("_count", labels, cumulated, .one)
    }

    private mutating func closeBucket(_ count: UInt64) {
        bytes.append(UInt8(ascii: "\""))
        bytes.append(UInt8(ascii: "}"))
        endLine(count, .one)
    }

    private mutating func line(_ suffix: String, _ labels: String, _ value: UInt64, _ unit: Unit) {
        bytes += name.utf8
        bytes += suffix.utf8
        if !labels.isEmpty {
            bytes.append(UInt8(ascii: "{"))
            bytes += labels.utf8
            bytes.append(UInt8(ascii: "}"))
        }
        endLine(value, unit)
    }

    private mutating func endLine(_ value: UInt64, _ unit: Unit) {
        bytes.append(UInt8(ascii: " "))
        append(value, unit)
        bytes.append(UInt8(ascii: "\n"))
    }

    private mutating func append(_ value: UInt64, _ unit: Unit) {
        switch unit {
        case .one: append(decimal: value)
        case .nanosecond: append(seconds: value)
        }
    }

    private mutating func append(decimal value: UInt64) {
        var place: UInt64 = 1
        while value / place >= 10 { place *= 10 }
        while place > 0 {
            append(digit: value / place % 10)
            place /= 10
        }
    }

    /// `1.5` for 1,500,000,000 nanoseconds.
    private mutating func append(seconds nanoseconds: UInt64) {
        append(decimal: nanoseconds / 1_000_000_000)
        var (rest, place) = (nanoseconds % 1_000_000_000, UInt64(100_000_000))
        if rest > 0 { bytes.append(UInt8(ascii: ".")) }
        while rest > 0 {
            append(digit: rest / place)
            rest %= place
            place /= 10
        }
    }

    private mutating func append(digit: UInt64) {
        bytes.append(UInt8(ascii: "0") + UInt8(truncatingIfNeeded: digit))
    }
}
