import Testing

@testable import TokenCore

@Suite("HMAC-SHA-256")
struct HMACSHA256Tests {
    /// RFC 4231, section 4. Its fifth case is of a truncated code.
    static let vectors: [(key: [UInt8], message: [UInt8], code: String)] = [
        (
            .init(repeating: 0x0b, count: 20), Array("Hi There".utf8),
            "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7"
        ),
        (
            Array("Jefe".utf8), Array("what do ya want for nothing?".utf8),
            "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"
        ),
        (
            .init(repeating: 0xaa, count: 20), .init(repeating: 0xdd, count: 50),
            "773ea91e36800e46854db8ebd09181a72959098b3ef8c122d9635514ced565fe"
        ),
        (
            Array(1...25), .init(repeating: 0xcd, count: 50),
            "82558a389a443c0ea4cc819899f2083a85f0faa3e578f8077a2e3ff46729665b"
        ),
        (
            .init(repeating: 0xaa, count: 131), Array("Test Using Larger Than Block-Size Key - Hash Key First".utf8),
            "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54"
        ),
        (
            .init(repeating: 0xaa, count: 131),
            Array(
                """
                This is a test using a larger than block-size key and a larger than block-size data. \
                The key needs to be hashed before being used by the HMAC algorithm.
                """.utf8),
            "9b09ffa71b942fcb27635fbcd5b0e944bfdc63644f0713938a7f51535c3a35e2"
        ),
    ]

    @Test("gives the codes of RFC 4231", arguments: vectors)
    func codes(key: [UInt8], message: [UInt8], code: String) {
        var atOnce = HMACSHA256(key: key.span)
        atOnce.update(message.span)
        #expect(atOnce.finalize().hexadecimal == code)
        var inPieces = HMACSHA256(key: key.span)
        inPieces.update(message.span.extracting(first: 3))
        inPieces.update(message.span.extracting(droppingFirst: 3))
        #expect(inPieces.finalize().hexadecimal == code)
    }
}
