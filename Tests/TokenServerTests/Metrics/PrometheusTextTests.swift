import Testing
import TokenCore

@testable import TokenServer

@Suite("Prometheus' text format")
struct PrometheusTextTests {
    @Test(arguments: [
        (0, "0"), (1_000, "0.000001"), (1_500_000_000, "1.5"), (5_000_000_000, "5"), (20_000, "0.00002"),
        (1_000_000_001, "1.000000001"), (1_234_567_890_123_456_789, "1234567890.123456789"),
    ])
    func nanosecondsAreWrittenAsSeconds(_ nanoseconds: UInt64, _ expected: String) {
        var text = PrometheusText()
        text.sample(seconds: nanoseconds)
        #expect(text.text == " \(expected)\n")
    }

    @Test func aMetricHasHelpTypeAndSamples() {
        var text = PrometheusText()
        text.metric("a_total", .counter, "All of a.", 7)
        text.metric("b", .gauge, "Each b.")
        text.sample(1, labels: "uid=\"0\"")
        text.sample(seconds: 250_000_000)
        #expect(
            text.text == """
                # HELP a_total All of a.
                # TYPE a_total counter
                a_total 7
                # HELP b Each b.
                # TYPE b gauge
                b{uid="0"} 1
                b 0.25

                """)
    }

    @Test func theBucketsOfAHistogramHoldTheSmallerOnesToo() {
        let shape = HistogramShape(bounds: [1, 2, 4])
        let counters = Counters(count: shape.counterCount)
        for value in [1, 2, 2, 3, 9] as [UInt64] { shape.record(value, in: counters, at: 0) }
        var text = PrometheusText()
        text.metric("sizes", .histogram, "Of things.")
        text.samples(shape.read(counters, at: 0), labels: "of=\"x\"", in: .one)
        #expect(
            text.text.split(separator: "\n").dropFirst(2) == [
                "sizes_bucket{of=\"x\",le=\"1\"} 1", "sizes_bucket{of=\"x\",le=\"2\"} 3",
                "sizes_bucket{of=\"x\",le=\"4\"} 4", "sizes_bucket{of=\"x\",le=\"+Inf\"} 5",
                "sizes_sum{of=\"x\"} 17", "sizes_count{of=\"x\"} 5",
            ])
    }
}
