import TokenCore
import TokenStore

/// Which tokens were used since the store last heard of it, and when: each once, however often it was used.
///
/// On its loop's thread alone and of bounded size. It has no memory while it is empty. Open addressing: a place is empty
/// when its key is 0, which is no token's number.
struct UseTable {
    /// Many, because the store writes each page of a batch once, however many of the batch's tokens are on it.
    private static let placeCount = 1 << 16
    /// Past this the loop hands over before the interval is over.
    static let useCountMax = placeCount / 4 * 3

    private var numbers: [Int64] = []
    private var microseconds: [Int64] = []
    private(set) var count = 0

    var isFull: Bool { count >= Self.useCountMax }

    func hasRoom(for useCount: Int) -> Bool { count + useCount <= Self.useCountMax }

    /// Notes a use. One more token than fits is not noted: its next use will be.
    mutating func note(_ tokenNumber: Int64, at instant: Instant) {
        if numbers.isEmpty {
            numbers = [Int64](repeating: 0, count: Self.placeCount)
            microseconds = [Int64](repeating: 0, count: Self.placeCount)
        }
        // Fibonacci hashing: numbers that follow each other spread over the table.
        var place = Int((UInt64(bitPattern: tokenNumber) &* 0x9e37_79b9_7f4a_7c15) >> 48)
        while numbers[place] != tokenNumber {
            if numbers[place] == 0 {
                if isFull { return }
                numbers[place] = tokenNumber
                count += 1
                break
            }
            place = (place + 1) & (Self.placeCount - 1)
        }
        microseconds[place] = max(microseconds[place], instant.microseconds)
    }

    /// All that was noted, in the order of the tokens' numbers; the table is empty behind it.
    mutating func take() -> [RecordUse.Use] {
        if count == 0 { return [] }
        var uses: [RecordUse.Use] = []
        uses.reserveCapacity(count)
        for place in numbers.indices where numbers[place] != 0 {
            uses.append(.init(tokenNumber: numbers[place], at: Instant(microseconds: microseconds[place])))
        }
        self = UseTable()
        uses.sort { $0.tokenNumber < $1.tokenNumber }
        return uses
    }
}
