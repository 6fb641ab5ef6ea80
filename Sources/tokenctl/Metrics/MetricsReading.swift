/// What the daemon's metrics said at one moment: Prometheus' text format, as far as tokend writes it.
struct MetricsReading: Sendable {
    struct Sample: Sendable {
        let labels: [String: String]
        let value: Double
    }

    /// By the name at the beginning of their lines.
    private let samples: [String: [Sample]]

    init(_ text: String) {
        var samples: [String: [Sample]] = [:]
        for line in text.split(separator: "\n") where !line.hasPrefix("#") {
            guard let space = line.lastIndex(of: " "), let value = Double(line[line.index(after: space)...]) else {
                continue
            }
            let series = line[..<space]
            let name = series.prefix { $0 != "{" }
            samples[String(name), default: []].append(
                Sample(labels: Self.labels(series.dropFirst(name.count)), value: value))
        }
        self.samples = samples
    }

    /// `{method="TokenService/ListTokens",le="0.001"}`: names and numbers alone, with nothing escaped in them.
    private static func labels(_ text: Substring) -> [String: String] {
        text.dropFirst().dropLast().split(separator: ",").reduce(into: [:]) { labels, pair in
            let parts = pair.split(separator: "=", maxSplits: 1)
            if parts.count == 2 { labels[String(parts[0])] = String(parts[1].dropFirst().dropLast()) }
        }
    }

    var names: [String] { samples.keys.sorted() }

    func samples(of name: String) -> [Sample] { samples[name] ?? [] }

    /// Of a metric without labels; 0 when it is not there.
    func value(of name: String) -> Double { samples(of: name).first?.value ?? 0 }

    /// Of a metric with one label.
    func values(of name: String, by label: String) -> [String: Double] {
        samples(of: name).reduce(into: [:]) { values, sample in
            if let key = sample.labels[label] { values[key] = sample.value }
        }
    }

    func histogram(_ name: String) -> Histogram { Histogram(samples(of: name + "_bucket")) }

    /// One for each value of the label.
    func histograms(_ name: String, by label: String) -> [String: Histogram] {
        let buckets = Dictionary(grouping: samples(of: name + "_bucket")) { $0.labels[label] ?? "" }
        return buckets.mapValues(Histogram.init)
    }
}
