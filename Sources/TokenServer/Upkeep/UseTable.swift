import TokenCore
import TokenStore

/// Which tokens were used since the store last heard of it, and when: each once, however often it was used.
///
/// On its loop's thread alone and of bounded size. It has no memory while it is empty. Open addressing: a place is empty
/// when its key is 0, which is no token's number.
struct UseTable {
    private static let placeBitCountMin = 10
    private static let placeBitCountMax = 16
    /// With so many it is to be handed over before the interval is over. Many, because the store writes each page of a table
    /// once, however many of its tokens are on it: where most tokens that are asked about are not remembered, there is a
    /// use to note for each.
    static let useCountMax = roomCount(placeBitCount: placeBitCountMax)
    /// A walk over what is remembered hands over so many: it finds as many at once as there are, and waits for the store.
    static let useCountOfWalkMax = useCountMax / 4

    private static let empty = RecordUse.Use(tokenNumber: 0, at: .epoch)

    private var places: [RecordUse.Use] = []
    private var placeBitCount = 0
    private(set) var count = 0

    /// A quarter stays empty, so that what is looked for is found soon.
    private static func roomCount(placeBitCount: Int) -> Int { 1 << placeBitCount / 4 * 3 }

    var isFull: Bool { count >= Self.useCountMax }

    /// Whether so many more are no more than a walk hands over.
    func hasRoomInWalk(for useCount: Int) -> Bool { count + useCount <= Self.useCountOfWalkMax }

    /// Notes a use. One more token than fits is not noted: its next use will be.
    mutating func note(_ tokenNumber: Int64, at instant: Instant) {
        if places.isEmpty { makePlaces(bitCount: Self.placeBitCountMin) }
        let place = place(of: tokenNumber)
        if places[place].tokenNumber == tokenNumber {
            places[place] = .init(tokenNumber: tokenNumber, at: max(places[place].at, instant))
        } else if count < Self.roomCount(placeBitCount: placeBitCount) {
            count += 1
            places[place] = .init(tokenNumber: tokenNumber, at: instant)
        } else if placeBitCount < Self.placeBitCountMax {
            grow()
            note(tokenNumber, at: instant)
        }
    }

    /// Where a token is, or would be.
    private func place(of tokenNumber: Int64) -> Int {
        // Fibonacci hashing: numbers that follow each other spread over the table.
        let hash = UInt64(bitPattern: tokenNumber) &* 0x9e37_79b9_7f4a_7c15
        var place = Int(hash >> UInt64(64 - placeBitCount))
        while places[place].tokenNumber != tokenNumber && places[place].tokenNumber != 0 {
            place = (place + 1) & (places.count - 1)
        }
        return place
    }

    private mutating func makePlaces(bitCount: Int) {
        placeBitCount = bitCount
        places = Array(repeating: Self.empty, count: 1 << bitCount)
    }

    private mutating func grow() {
        let uses = places
        makePlaces(bitCount: placeBitCount + 1)
        for use in uses where use.tokenNumber != 0 { places[place(of: use.tokenNumber)] = use }
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
