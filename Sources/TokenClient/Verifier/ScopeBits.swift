/// Scopes as bits, by the numbers that a verifier's `ScopeNames` gave them.
struct ScopeBits {
    static let countMax = 256

    /// Numbers 0 to 63, which nearly all are: they lie in the part of an entry that is read first.
    var first: UInt64 = 0
    /// Numbers 64 to 255.
    var rest: (UInt64, UInt64, UInt64) = (0, 0, 0)

    mutating func insert(_ number: Int) {
        precondition(number >= 0 && number < Self.countMax)
        let bit: UInt64 = 1 << UInt64(number % 64)
        switch number / 64 {
        case 0: first |= bit
        case 1: rest.0 |= bit
        case 2: rest.1 |= bit
        default: rest.2 |= bit
        }
    }

    var hasRest: Bool { rest.0 | rest.1 | rest.2 != 0 }
}
