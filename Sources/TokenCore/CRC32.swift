/// CRC-32 of IEEE 802.3, as zip and Ethernet have it: what a token's last six characters hold, so that a mistyped
/// or invented one is refused without a look-up. It keeps no one out: anybody can compute it.
package enum CRC32 {
    /// The polynomial, its lowest power in the highest bit.
    private static let polynomial: UInt32 = 0xedb8_8320
    private static let sliceCount = 8

    /// `table[256 * slice + byte]`: what `byte` adds when `slice` more bytes follow it.
    /// With eight slices eight bytes are taken in one step, which do not wait for one another.
    ///
    /// Sound without isolation: it is filled before `static let` shows it to anyone, and never written or freed after.
    /// A pointer, because the compiler copies the 8 KiB of an InlineArray kept here at every use of it.
    private nonisolated(unsafe) static let table: UnsafePointer<UInt32> = {
        let table = UnsafeMutablePointer<UInt32>.allocate(capacity: 256 * sliceCount)
        for byte in 0..<256 {
            var remainder = UInt32(byte)
            for _ in 0..<8 {
                remainder = remainder >> 1 ^ (remainder & 1 == 1 ? polynomial : 0)
            }
            table[byte] = remainder
        }
        for index in 256..<256 * sliceCount {
            let before = table[index - 256]
            table[index] = before >> 8 ^ table[Int(before & 0xff)]
        }
        return UnsafePointer(table)
    }()

    package static func checksum(_ bytes: Span<UInt8>) -> UInt32 {
        // The table is asked for once: each use of a static value first makes sure that it has been computed.
        bytes.withUnsafeBytes { checksum($0, table) }
    }

    private static func checksum(_ bytes: UnsafeRawBufferPointer, _ table: UnsafePointer<UInt32>) -> UInt32 {
        var remainder = UInt32.max
        var position = 0
        while bytes.count - position >= sliceCount {
            let word = UInt64(littleEndian: bytes.loadUnaligned(fromByteOffset: position, as: UInt64.self))
            let low = remainder ^ UInt32(truncatingIfNeeded: word)
            let high = UInt32(truncatingIfNeeded: word >> 32)
            remainder =
                table[1792 + Int(low & 0xff)] ^ table[1536 + Int(low >> 8 & 0xff)]
                ^ table[1280 + Int(low >> 16 & 0xff)] ^ table[1024 + Int(low >> 24)]
                ^ table[768 + Int(high & 0xff)] ^ table[512 + Int(high >> 8 & 0xff)]
                ^ table[256 + Int(high >> 16 & 0xff)] ^ table[Int(high >> 24)]
            position += sliceCount
        }
        while position < bytes.count {
            remainder = remainder >> 8 ^ table[Int(UInt8(truncatingIfNeeded: remainder) ^ bytes[position])]
            position += 1
        }
        return ~remainder
    }
}
