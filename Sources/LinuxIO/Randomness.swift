private import CLinux

/// The kernel's random numbers, getrandom(2).
package enum Randomness {
    /// Fills `bytes`. There is no fallback: without randomness no secret may be made.
    package static func fill(_ bytes: UnsafeMutableRawBufferPointer) {
        var rest = bytes[...]
        while !rest.isEmpty {
            let chunk = rest.prefix(256)
            precondition(
                clinux_random(UnsafeMutableRawBufferPointer(rebasing: chunk).baseAddress, chunk.count) == 0,
                "getrandom(2) failed: the kernel is older than 3.17 or a filter forbids it")
            rest = rest.dropFirst(chunk.count)
        }
    }

    package static func word() -> UInt64 {
        var word: UInt64 = 0
        withUnsafeMutableBytes(of: &word) { fill($0) }
        return word
    }

    /// 256 bits: a secret, a key.
    package static func bits256() -> (UInt64, UInt64, UInt64, UInt64) {
        var bits: (UInt64, UInt64, UInt64, UInt64) = (0, 0, 0, 0)
        withUnsafeMutableBytes(of: &bits) { fill($0) }
        return bits
    }
}
