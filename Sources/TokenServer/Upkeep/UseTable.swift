import TokenCore
import TokenStore

/// Which tokens were used since the store last heard of it, and when: each once, however often it was used.
///
/// Of fixed size and on its loop's thread alone, so that noting a use neither allocates nor waits. Open addressing: a
/// place is empty when its key is 0, which is no token's number.
struct UseTable {
    private static let placeCount = 4_096
    /// Past this the loop hands over before the interval is over.
    static let useCountMax = placeCount / 4 * 3

    private var numbers = [Int64](repeating: 0, count: placeCount)
    private var microseconds = [Int64](repeating: 0, count: placeCount)
    private(set) var count = 0

    var isFull: Bool { count >= Self.useCountMax }

    /// Notes a use. One more token than fits is not noted: its next use will be.
    mutating func note(_ tokenNumber: Int64, at now: Instant) {
        // Fibonacci hashing: numbers that follow each other spread over the table.
        var place = Int((UInt64(bitPattern: tokenNumber) &* 0x9e37_79b9_7f4a_7c15) >> 52)
        while numbers[place] != tokenNumber {
            if numbers[place] == 0 {
                if isFull { return }
                numbers[place] = tokenNumber
                count += 1
                break
            }
            place = (place + 1) & (Self.placeCount - 1)
        }
        microseconds[place] = max(microseconds[place], now.microseconds)
    }

    /// All that was noted; the table is empty behind it.
    mutating func take() -> [RecordUse.Use] {
        if count == 0 { return [] }
        var uses: [RecordUse.Use] = []
        uses.reserveCapacity(count)
        for place in numbers.indices where numbers[place] != 0 {
            uses.append(.init(tokenNumber: numbers[place], at: Instant(microseconds: microseconds[place])))
            numbers[place] = 0
            microseconds[place] = 0
        }
        count = 0
        return uses
    }
}
