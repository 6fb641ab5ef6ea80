/// Uses that were taken out of the table and not reported yet, by the token's id.
struct UsageLedger: Sendable {
    struct Usage: Sendable {
        var count: UInt64
        /// Of CLOCK_BOOTTIME.
        var second: UInt64
    }

    private var usages: [String: Usage] = [:]
    private let countMax: Int
    /// All uses that were ever added.
    private(set) var totalCount: UInt64 = 0
    /// Uses that there was no room for: the daemon could not be reached for long.
    private(set) var lostCount: UInt64 = 0

    init(countMax: Int) { self.countMax = countMax }

    var isFull: Bool { usages.count >= countMax }

    mutating func add(_ usage: EntryUsage) {
        totalCount += usage.count
        merge(usage.tokenID, Usage(count: usage.count, second: usage.second))
    }

    /// Puts back what could not be reported.
    mutating func restore(_ left: ArraySlice<(tokenID: String, usage: Usage)>) {
        for (tokenID, usage) in left { merge(tokenID, usage) }
    }

    private mutating func merge(_ tokenID: String, _ usage: Usage) {
        if let known = usages[tokenID] {
            usages[tokenID] = Usage(count: known.count + usage.count, second: max(known.second, usage.second))
        } else if isFull {
            lostCount += usage.count
        } else {
            usages[tokenID] = usage
        }
    }

    /// Takes out all there are.
    mutating func takeAll() -> [String: Usage] {
        defer { usages = [:] }
        return usages
    }
}
