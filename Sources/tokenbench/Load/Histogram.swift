/// Counts durations in buckets that grow with them, as HdrHistogram does: one for each nanosecond below 256, and above
/// 128 to each power of two. So a value is told at most 1/128, less than 1 %, too high, and never too low.
///
/// Histograms that were filled apart can be added to one. Memory is taken at the first value.
struct Histogram: Sendable {
    private static let powerBitCount = 7
    /// Buckets to each power of two.
    private static let powerBucketCount = 1 << powerBitCount
    /// 18 minutes. What is longer counts as this long; `maximumNanoseconds` stays exact.
    static let largestNanoseconds: UInt64 = 1 << 40 - 1

    private var counts: [UInt64] = []
    private(set) var count: UInt64 = 0
    private(set) var sumNanoseconds: UInt64 = 0
    private(set) var minimumNanoseconds = UInt64.max
    private(set) var maximumNanoseconds: UInt64 = 0

    mutating func record(nanoseconds: UInt64) {
        if counts.isEmpty {
            counts = [UInt64](repeating: 0, count: Self.index(of: Self.largestNanoseconds) + 1)
        }
        counts[Self.index(of: min(nanoseconds, Self.largestNanoseconds))] += 1
        count += 1
        sumNanoseconds += nanoseconds
        minimumNanoseconds = min(minimumNanoseconds, nanoseconds)
        maximumNanoseconds = max(maximumNanoseconds, nanoseconds)
    }

    mutating func add(_ other: Histogram) {
        if other.counts.isEmpty { return }
        if counts.isEmpty {
            self = other
            return
        }
        for index in counts.indices { counts[index] += other.counts[index] }
        count += other.count
        sumNanoseconds += other.sumNanoseconds
        minimumNanoseconds = min(minimumNanoseconds, other.minimumNanoseconds)
        maximumNanoseconds = max(maximumNanoseconds, other.maximumNanoseconds)
    }

    /// The value that this many of ten thousand values do not exceed: 9,990 for p99.9. Nil when there is no value.
    func percentileNanoseconds(_ ofTenThousand: UInt64) -> UInt64? {
        if count == 0 { return nil }
        let rank = max(1, (count * ofTenThousand + 9_999) / 10_000)
        var seen: UInt64 = 0
        for index in counts.indices {
            seen += counts[index]
            if seen >= rank { return min(Self.largestValue(at: index), maximumNanoseconds) }
        }
        return maximumNanoseconds
    }

    /// How many values lie in buckets that end at or below this value.
    func count(upToNanoseconds limit: UInt64) -> UInt64 {
        var seen: UInt64 = 0
        for index in counts.indices where Self.largestValue(at: index) <= limit { seen += counts[index] }
        return seen
    }

    /// The bucket of a value. Of a value with more than eight bits the highest eight count: they say which of its power's
    /// buckets it is.
    static func index(of value: UInt64) -> Int {
        let exponent = max(0, UInt64.bitWidth - value.leadingZeroBitCount - powerBitCount - 1)
        return exponent * powerBucketCount + Int(value >> UInt64(exponent))
    }

    /// The largest value that falls into a bucket.
    static func largestValue(at index: Int) -> UInt64 {
        let exponent = max(0, index / powerBucketCount - 1)
        return UInt64(index - exponent * powerBucketCount + 1) << UInt64(exponent) - 1
    }
}
