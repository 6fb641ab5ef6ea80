import Testing

@testable import TokenCore

@Suite("Digest")
struct DigestTests {
    @Test("the example abc of FIPS 180-4", arguments: [SHA256.Path.fastest, .portable])
    func example(path: SHA256.Path) {
        let text = Array("abc".utf8)
        let digest = Digest(hashing: text.span, path: path)
        #expect(digest.hexadecimal == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad")
    }
}
