/// The connections of one loop, by the number that their events come back with.
///
/// A number is a place in the table and, above it, how many connections there were before: it is found without a search,
/// and is never used twice, though places are.
struct ConnectionTable {
    private static let placeBitCount: UInt64 = 24
    private static let placeCountMax = 1 << placeBitCount

    private var places: [Connection?] = []
    private var freePlaces: [Int] = []
    /// From 1 on: numbers below are the loop's own.
    private var nextOrdinal: UInt64 = 1

    var isEmpty: Bool { freePlaces.count == places.count }

    /// Every one, in no order. A copy: it may be closed meanwhile.
    var all: [Connection] { places.compactMap(\.self) }

    /// For the connection that is inserted next.
    var nextRegistration: UInt64 {
        let place = freePlaces.last ?? places.count
        precondition(place < Self.placeCountMax, "more connections than a process has descriptors")
        return nextOrdinal << Self.placeBitCount | UInt64(place)
    }

    /// Nil for the number of one that is no more.
    subscript(registration: UInt64) -> Connection? {
        let place = Int(registration & UInt64(Self.placeCountMax - 1))
        guard place < places.count, let connection = places[place], connection.registration == registration else {
            return nil
        }
        return connection
    }

    /// Takes in a connection that bears the next number.
    mutating func insert(_ connection: Connection) {
        precondition(connection.registration == nextRegistration, "a connection with a number of its own")
        nextOrdinal += 1
        if let place = freePlaces.popLast() {
            places[place] = connection
        } else {
            places.append(connection)
        }
    }

    /// False if it is not there any more.
    mutating func remove(_ connection: Connection) -> Bool {
        guard self[connection.registration] != nil else { return false }
        let place = Int(connection.registration & UInt64(Self.placeCountMax - 1))
        places[place] = nil
        freePlaces.append(place)
        return true
    }
}
