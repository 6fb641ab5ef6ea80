import Foundation

/// A latency distribution in plain text: a row for each step of time, and a bar as long as its share of the calls.
///
///      16 µs  ####                                        8.1 %    8.1 %
///      23 µs  ########################################   80.2 %   88.3 %
///      32 µs  #####                                      11.6 %   99.9 %
///      45 µs  .                                           0.1 %  100.0 %
enum Picture {
    /// Calls with a latency above the end of the bin before, up to the end of this one.
    struct Bin: Codable, Equatable {
        var upToMicroseconds: Double
        var count: Int
    }

    private static let binCountMax = 24
    private static let barWidth = 40

    /// Steps of the square root of two; of two, or four and so on, where that would be too many rows.
    static func bins(of histogram: Histogram) -> [Bin] {
        if histogram.count == 0 { return [] }
        let smallest = Double(max(1, histogram.minimumNanoseconds))
        let largest = Double(max(1, histogram.maximumNanoseconds))
        var step = 2.0.squareRoot()
        while log(largest / smallest) / log(step) > Double(binCountMax - 2) { step *= step }
        // Powers of the step, so that the same bins come out of every run.
        var end = pow(step, (log(smallest) / log(step)).rounded(.down))
        var bins: [Bin] = []
        var seen: UInt64 = 0
        while seen < histogram.count {
            // The histogram's last bucket has no end.
            let isLast = end >= largest * 2
            let count = isLast ? histogram.count : histogram.count(upToNanoseconds: UInt64(end))
            if count > 0 { bins.append(Bin(upToMicroseconds: end.rounded() / 1000, count: Int(count - seen))) }
            seen = count
            end *= step
        }
        return bins
    }

    static func text(_ bins: [Bin]) -> String {
        let total = max(1, bins.reduce(0) { $0 + $1.count })
        let largest = max(1, bins.map(\.count).max() ?? 1)
        var seen = 0
        return bins.map { bin in
            seen += bin.count
            let length = Int((Double(bin.count) / Double(largest) * Double(barWidth)).rounded())
            // A bin that is not empty shows something, however few its calls are.
            let bar = length == 0 && bin.count > 0 ? "." : String(repeating: "#", count: length)
            let limit = NumberText.duration(microseconds: bin.upToMicroseconds)
            return "\(limit.indented(to: 9))  \(bar.padded(to: barWidth))  "
                + "\(share(bin.count, of: total).indented(to: 9))  \(share(seen, of: total).indented(to: 9))"
        }.joined(separator: "\n")
    }

    /// Rounded down, so that only all is 100 %, and with enough digits to tell the tail.
    private static func share(_ count: Int, of total: Int) -> String {
        let hundredths = Double(count) / Double(total) * 100
        return count == total ? "100 %" : String(format: "%.3f %%", (hundredths * 1000).rounded(.down) / 1000)
    }
}
