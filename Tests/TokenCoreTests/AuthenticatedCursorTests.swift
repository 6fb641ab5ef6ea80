import Testing

@testable import TokenCore

@Suite("Authenticated cursor")
struct AuthenticatedCursorTests {
    static let key = [UInt8](repeating: 7, count: 32)
    static let binding = Array("ListTokens usr_1 ws_a".utf8)
    static let payload = Array("01ARZ3NDEKTSV4RRFFQ69G5FAV".utf8)

    private func open(_ text: [UInt8], binding: [UInt8] = binding, key: [UInt8] = key) -> [UInt8]? {
        AuthenticatedCursor.open(text.span, binding: binding.span, key: key.span)
    }

    private func seal(_ payload: [UInt8], binding: [UInt8] = binding) -> [UInt8] {
        Array(AuthenticatedCursor.seal(payload: payload.span, binding: binding.span, key: Self.key.span).utf8)
    }

    @Test("gives back the payload it was sealed with")
    func roundTrip() {
        for count in [0, 1, 2, 3, 26, 511, 512] {
            let payload = (0..<count).map { UInt8(truncatingIfNeeded: $0) }
            #expect(open(seal(payload)) == payload)
        }
    }

    @Test("is letters, digits, - and _, and nothing to be escaped in a URL")
    func alphabet() {
        let text = seal((0...255).map { UInt8($0) })
        #expect(
            text.allSatisfy { Base62Tests.digits.contains($0) || $0 == UInt8(ascii: "-") || $0 == UInt8(ascii: "_") })
    }

    @Test("with any one byte changed, added or left out is refused", arguments: [0, 1, 2, 26])
    func changed(count: Int) {
        let text = seal(Array(Self.payload.prefix(count)))
        for index in 0..<text.count {
            for byte in UInt8.min...UInt8.max where byte != text[index] {
                var changed = text
                changed[index] = byte
                #expect(open(changed) == nil, "byte \(index) as \(byte)")
            }
            #expect(open(Array(text.prefix(index))) == nil)
            #expect(open(Array(text.dropFirst(index + 1))) == nil)
        }
        for byte in [0, 0x3d, 0x41, 0x0a] as [UInt8] {
            #expect(open(text + [byte]) == nil)
            #expect(open([byte] + text) == nil)
        }
    }

    @Test("is good for its list and key alone")
    func otherList() {
        let text = seal(Self.payload)
        #expect(open(text, binding: Self.binding + [0]) == nil)
        #expect(open(text, binding: []) == nil)
        #expect(open(text, key: [UInt8](repeating: 8, count: 32)) == nil)
    }

    @Test("is refused when bytes move from the binding to the payload")
    func moved() {
        #expect(
            seal(Array("bc".utf8), binding: Array("a".utf8)).suffix(20)
                != seal(Array("c".utf8), binding: Array("ab".utf8)).suffix(20))
    }

    @Test("longer than any of ours is refused unread")
    func tooLong() {
        #expect(open([UInt8](repeating: UInt8(ascii: "A"), count: 705)) == nil)
        #expect(open([UInt8](repeating: UInt8(ascii: "A"), count: 1_000_000)) == nil)
    }
}
