import Testing
import TokenCore

@Suite("Counters and histograms")
struct MetricsTests {
    @Test func whatIsAddedIsReadAndNothingElse() {
        let counters = Counters(count: 3)
        counters.add(2, at: 1)
        counters.add(40, at: 1)
        counters.addAmongOthers(7, at: 2)
        #expect((0..<3).map { counters.value(at: $0) } == [0, 42, 7])
    }

    @Test func durationsReachFromAMicrosecondToFiveSeconds() {
        let bounds = HistogramShape.durations.bounds
        #expect(bounds.first == 1_000 && bounds.last == 5_000_000_000)
        #expect(bounds == bounds.sorted() && Set(bounds).count == 21)
    }

    @Test(arguments: [(0, 0), (1, 0), (2, 1), (3, 2), (4, 2), (5, 3), (1_024, 10), (1_025, 11), (UInt64.max, 11)])
    func anObservationIsInTheFirstBucketThatHoldsIt(_ value: UInt64, _ bucket: Int) {
        let shape = HistogramShape.batchSizes
        let counters = Counters(count: shape.counterCount + 5)
        shape.record(value, in: counters, at: 5)
        let reading = shape.read(counters, at: 5)
        #expect(reading.counts.firstIndex(of: 1) == bucket && reading.count == 1 && reading.sum == value)
        #expect((0..<5).allSatisfy { counters.value(at: $0) == 0 })
    }

    @Test func histogramsOfTheSameShapeAddUp() {
        let shape = HistogramShape.batchSizes
        let counters = Counters(count: shape.counterCount)
        shape.record(3, count: 4, in: counters, at: 0)
        var sum = HistogramReading(shape: shape)
        for _ in 0..<2 { sum.add(shape.read(counters, at: 0)) }
        #expect(sum.count == 8 && sum.sum == 24 && sum.counts[2] == 8)
    }
}
