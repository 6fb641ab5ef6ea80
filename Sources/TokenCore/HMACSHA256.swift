/// HMAC (RFC 2104) with SHA-256: what says that a page token is ours and unchanged.
///
/// Compare with `==` of `Digest`, whose time says nothing of where two differ.
package struct HMACSHA256: Sendable {
    private var inner = SHA256()
    private var outer = SHA256()

    package init(key: Span<UInt8>) {
        var block = InlineArray<64, UInt8>(repeating: 0)
        if key.count <= 64 {
            for index in 0..<key.count { block[index] = key[index] }
        } else {
            Digest(hashing: key).withBytes { digest in
                for index in 0..<Digest.byteCount { block[index] = digest[index] }
            }
        }
        for index in 0..<64 { block[index] ^= 0x36 }
        inner.update(block.span)
        for index in 0..<64 { block[index] ^= 0x36 ^ 0x5c }
        outer.update(block.span)
    }

    package mutating func update(_ bytes: Span<UInt8>) {
        inner.update(bytes)
    }

    package consuming func finalize() -> Digest {
        inner.finalize().withBytes { outer.update($0) }
        return outer.finalize()
    }
}
