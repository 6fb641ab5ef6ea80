import Testing

@testable import tokenbench

@Suite("Histogram") struct HistogramTests {
    @Test func aValueIsToldNeverTooLowAndLessThanOnePercentTooHigh() {
        var random = SplitMix64(state: 1)
        for bitCount in 1...40 {
            for _ in 0..<200 {
                let value = UInt64.random(in: 0...(1 << UInt64(bitCount) - 1), using: &random)
                let told = Histogram.largestValue(at: Histogram.index(of: value))
                #expect(told >= value)
                #expect(Double(told - value) <= Double(value) / 128)
            }
        }
    }

    @Test func bucketsFollowEachOtherWithoutGapOrOverlap() {
        for index in 0..<Histogram.index(of: Histogram.largestNanoseconds) {
            let largest = Histogram.largestValue(at: index)
            #expect(Histogram.index(of: largest) == index)
            #expect(Histogram.index(of: largest + 1) == index + 1)
        }
    }

    @Test(arguments: [(5_000, 50), (9_000, 90), (9_900, 99), (9_901, 100), (9_999, 100), (1, 1)] as [(UInt64, UInt64)])
    func aPercentileIsTheSmallestValueThatSoManyDoNotExceed(ofTenThousand: UInt64, expected: UInt64) {
        var histogram = Histogram()
        for value in (1...100 as ClosedRange<UInt64>).reversed() { histogram.record(nanoseconds: value) }
        #expect(histogram.percentileNanoseconds(ofTenThousand) == expected)
    }

    @Test func noValueHasNoPercentile() {
        #expect(Histogram().percentileNanoseconds(5_000) == nil)
    }

    @Test func noPercentileExceedsTheLargestValue() {
        var histogram = Histogram()
        histogram.record(nanoseconds: 1_000_001)
        #expect(histogram.percentileNanoseconds(5_000) == 1_000_001)
    }

    @Test func aValueBeyondTheLastBucketKeepsItsMaximum() {
        var histogram = Histogram()
        histogram.record(nanoseconds: 1 << 50)
        #expect(histogram.maximumNanoseconds == 1 << 50)
        #expect(histogram.percentileNanoseconds(9_999) == Histogram.largestNanoseconds)
    }

    @Test func partsAddUpToTheWhole() {
        var random = SplitMix64(state: 2)
        var whole = Histogram()
        var parts = [Histogram](repeating: Histogram(), count: 3)
        for number in 0..<30_000 {
            let value = UInt64.random(in: 0...10_000_000, using: &random)
            whole.record(nanoseconds: value)
            parts[number % 2].record(nanoseconds: value)
        }
        var sum = Histogram()
        for part in parts { sum.add(part) }
        #expect(sum.count == whole.count)
        #expect(sum.sumNanoseconds == whole.sumNanoseconds)
        #expect(sum.minimumNanoseconds == whole.minimumNanoseconds)
        #expect(sum.maximumNanoseconds == whole.maximumNanoseconds)
        for place in [5_000, 9_000, 9_990, 9_999] as [UInt64] {
            #expect(sum.percentileNanoseconds(place) == whole.percentileNanoseconds(place))
        }
    }
}

@Suite("Picture") struct PictureTests {
    @Test func everyCallIsInOneBin() {
        var histogram = Histogram()
        var random = SplitMix64(state: 3)
        for _ in 0..<10_000 { histogram.record(nanoseconds: .random(in: 1_000...2_000_000, using: &random)) }
        histogram.record(nanoseconds: 1 << 45)
        let bins = Picture.bins(of: histogram)
        #expect(bins.reduce(0) { $0 + $1.count } == 10_001)
        #expect(bins.count <= 24)
        #expect(zip(bins, bins.dropFirst()).allSatisfy { $0.upToMicroseconds < $1.upToMicroseconds })
    }

    @Test func theLongestBarIsTheFullestBinAndNoCallIsInvisible() {
        let text = Picture.text([
            .init(upToMicroseconds: 16, count: 500), .init(upToMicroseconds: 22.6, count: 9_499),
            .init(upToMicroseconds: 32, count: 1),
        ])
        let bar = String(repeating: "#", count: 40)
        #expect(
            text == """
                  16.0 µs  ##                                          5.000 %    5.000 %
                  22.6 µs  \(bar)   94.990 %   99.990 %
                  32.0 µs  .                                           0.010 %      100 %
                """)
    }

    @Test func nothingHasNoPicture() {
        #expect(Picture.bins(of: Histogram()) == [])
        #expect(Picture.text([]) == "")
    }
}
