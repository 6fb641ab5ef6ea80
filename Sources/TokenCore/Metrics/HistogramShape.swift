/// How a histogram lies in counters: one for each bound with what is at most as large, one for what is larger than all
/// bounds, and one for the sum.
public struct HistogramShape: Sendable {
    /// Rising.
    public let bounds: [UInt64]

    package init(bounds: [UInt64]) {
        self.bounds = bounds
    }

    /// Nanoseconds: 1, 2 and 5 of each power of ten from a microsecond to five seconds.
    public static let durations = HistogramShape(
        bounds: (3...9).flatMap { exponent in
            let unit = (0..<exponent).reduce(UInt64(1)) { power, _ in power * 10 }
            return [unit, 2 * unit, 5 * unit]
        })

    /// Powers of two up to as many changes as the writer commits at once.
    package static let batchSizes = HistogramShape(bounds: (0...10).map { 1 << $0 })

    package var counterCount: Int { bounds.count + 2 }

    /// Counts `count` observations of the same value. For the thread that the counters belong to.
    public func record(_ value: UInt64, count: UInt64 = 1, in counters: Counters, at offset: Int) {
        var bucket = 0
        // From the smallest: those are what comes most.
        while bucket < bounds.count && value > bounds[bucket] { bucket += 1 }
        counters.add(count, at: offset + bucket)
        counters.add(value &* count, at: offset + bounds.count + 1)
    }

    package func read(_ counters: Counters, at offset: Int) -> HistogramReading {
        HistogramReading(
            shape: self, counts: (0..<counterCount - 1).map { counters.value(at: offset + $0) },
            sum: counters.value(at: offset + bounds.count + 1))
    }
}

/// What a histogram held when it was read.
package struct HistogramReading: Sendable {
    package let shape: HistogramShape
    /// For each bound how many observations lie between it and the bound before; the last for those above all bounds.
    package private(set) var counts: [UInt64]
    package private(set) var sum: UInt64

    init(shape: HistogramShape, counts: [UInt64], sum: UInt64) {
        self.shape = shape
        self.counts = counts
        self.sum = sum
    }

    /// Without observations.
    package init(shape: HistogramShape) {
        self.init(shape: shape, counts: Array(repeating: 0, count: shape.bounds.count + 1), sum: 0)
    }

    package var count: UInt64 { counts.reduce(0, &+) }

    /// Takes in another of the same shape.
    package mutating func add(_ other: HistogramReading) {
        counts = zip(counts, other.counts).map { $0 &+ $1 }
        sum &+= other.sum
    }
}
