/// Observations by their size.
struct Histogram: Sendable {
    /// How many are at most as large as the bound; bounds rise, the last is infinite.
    private var cumulated: [(bound: Double, count: Double)]

    /// From the lines of buckets, whose label `le` is the bound.
    init(_ buckets: [MetricsReading.Sample]) {
        cumulated = buckets.compactMap { bucket in
            switch bucket.labels["le"] {
            case nil: nil
            case "+Inf": (.infinity, bucket.value)
            case let text?: Double(text).map { ($0, bucket.value) }
            }
        }.sorted { $0.bound < $1.bound }
    }

    var count: Double { cumulated.last?.count ?? 0 }

    /// What came since another reading of the same.
    func since(_ earlier: Histogram?) -> Histogram {
        guard let earlier, earlier.cumulated.count == cumulated.count else { return self }
        var difference = self
        for (index, bucket) in earlier.cumulated.enumerated() { difference.cumulated[index].count -= bucket.count }
        return difference
    }

    /// The size that this part of all observations does not exceed, as if those between two bounds were spread evenly; nil
    /// without observations. Above the largest bound nothing is known but that bound.
    func quantile(_ part: Double) -> Double? {
        let rank = part * count
        var below: (bound: Double, count: Double) = (0, 0)
        for bucket in cumulated where count > 0 {
            if bucket.count >= rank && bucket.count > below.count {
                if bucket.bound.isInfinite { return below.bound }
                let share = (rank - below.count) / (bucket.count - below.count)
                return below.bound + (bucket.bound - below.bound) * share
            }
            below = bucket
        }
        return nil
    }
}
