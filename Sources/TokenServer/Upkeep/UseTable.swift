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

    private static let empty = RecordUse.Use(tokenNumber: 0, at: .epoch)

    private var places: [RecordUse.Use] = []
    private(set) var count = 0

    var isFull: Bool { count >= Self.useCountMax }

    func hasRoom(for useCount: Int) -> Bool { count + useCount <= Self.useCountMax }

    /// Notes a use. One more token than fits is not noted: its next use will be.
    mutating func note(_ tokenNumber: Int64, at instant: Instant) {
        if places.isEmpty { places = Array(repeating: Self.empty, count: Self.placeCount) }
        // Fibonacci hashing: numbers that follow each other spread over the table.
        var place = Int((UInt64(bitPattern: tokenNumber) &* 0x9e37_79b9_7f4a_7c15) >> 48)
        while places[place].tokenNumber != tokenNumber {
            if places[place].tokenNumber == 0 {
                if isFull { return }
                count += 1
                places[place] = .init(tokenNumber: tokenNumber, at: instant)
                return
            }
            place = (place + 1) & (Self.placeCount - 1)
        }
        places[place] = .init(tokenNumber: tokenNumber, at: max(places[place].at, instant))
    }

    /// All that was noted, in the order of the tokens' numbers; the table is empty behind it.
    mutating func take() -> [RecordUse.Use] {
        // In the table's own memory, which is the largest thing here.
        var uses = places
        self = UseTable()
        uses.removeAll { $0.tokenNumber == 0 }
        uses.sort { $0.tokenNumber < $1.tokenNumber }
        return uses
    }
}
