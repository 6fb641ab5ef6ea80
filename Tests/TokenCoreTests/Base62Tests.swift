import Testing

@testable import TokenCore

@Suite("Base 62")
struct Base62Tests {
    static let digits = Array("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz".utf8)

    @Test("has 62 digits in the order of their codes")
    func values() {
        for value in 0..<62 {
            #expect(Base62.digit(UInt64(value)) == Self.digits[value])
            #expect(Base62.value(Self.digits[value]) == UInt64(value))
        }
        #expect(Base62.digit(62 + 61) == UInt8(ascii: "z"))
    }

    @Test("tells digits from all other bytes, wherever they stand")
    func recognition() {
        for byte in UInt8.min...UInt8.max {
            for position in 0..<17 {
                var text = [UInt8](repeating: UInt8(ascii: "5"), count: 17)
                text[position] = byte
                #expect(Base62.areDigits(text.span) == Self.digits.contains(byte), "\(byte) at \(position)")
            }
        }
        #expect(Base62.areDigits([UInt8]().span) == true)
    }
}
