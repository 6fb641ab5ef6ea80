import CLinux

/// A SHA-256 digest: 32 bytes kept in place, so that it is a key without an allocation.
///
/// Two are compared in the same time wherever they differ: an attacker who can time a look-up or a check of an HMAC
/// learns nothing of the one compared with.
public struct Digest: Sendable {
    package static let byteCount = 32

    /// A text of at most so many bytes is one block to hash: a token is.
    public static let byteCountInOneBlockMax = 55

    /// No digest of anything known: what the first audit event follows.
    package static let zero = Digest(bigEndianWords: (0, 0, 0, 0))

    /// The bytes as they lie in memory. A tuple of one type is laid out like a C array, which `withBytes` relies on.
    private var words: (UInt64, UInt64, UInt64, UInt64)

    init(bigEndianWords words: (UInt64, UInt64, UInt64, UInt64)) {
        self.words = (words.0.bigEndian, words.1.bigEndian, words.2.bigEndian, words.3.bigEndian)
    }

    /// The SHA-256 of `bytes`: one block, without a copy outside a scratch that is erased, for up to 55 of them.
    public init(hashing bytes: Span<UInt8>) {
        self.init(hashing: bytes, path: .fastest)
    }

    /// The same by a chosen path, for tests.
    package init(hashing bytes: Span<UInt8>, path: SHA256.Path) {
        words = (0, 0, 0, 0)
        bytes.withUnsafeBufferPointer { input in
            withUnsafeMutableBytes(of: &words) { output in
                clinux_sha256(
                    path.rawPath, input.baseAddress, input.count,
                    output.baseAddress?.assumingMemoryBound(to: UInt8.self))
            }
        }
    }

    /// The digest whose bytes these are; nil unless there are 32.
    package init?(bytes: Span<UInt8>) {
        guard bytes.count == Self.byteCount else { return nil }
        words = (0, 0, 0, 0)
        withUnsafeMutableBytes(of: &words) { output in
            for index in 0..<Self.byteCount { output[index] = bytes[index] }
        }
    }

    /// The digest written as 64 hexadecimal digits; nil for any other text.
    package init?(hexadecimal text: Span<UInt8>) {
        guard text.count == 2 * Self.byteCount else { return nil }
        words = (0, 0, 0, 0)
        let isHexadecimal = withUnsafeMutableBytes(of: &words) { output in
            for index in 0..<Self.byteCount {
                guard let high = Self.nibble(text[2 * index]), let low = Self.nibble(text[2 * index + 1]) else {
                    return false
                }
                output[index] = high << 4 | low
            }
            return true
        }
        guard isHexadecimal else { return nil }
    }

    /// Lends the bytes, for binding them to a statement or hashing them.
    public func withUnsafeBytes<Result, Failure: Error>(
        _ body: (UnsafeRawBufferPointer) throws(Failure) -> Result
    ) throws(Failure) -> Result {
        try Swift.withUnsafeBytes(of: words, body)
    }

    /// Lends the bytes as a span.
    package func withBytes<Result, Failure: Error>(
        _ body: (Span<UInt8>) throws(Failure) -> Result
    ) throws(Failure) -> Result {
        try withUnsafeBytes { (bytes) throws(Failure) in
            try body(Span(_unsafeBytes: bytes))
        }
    }

    /// A copy of the bytes, for a message.
    package var bytes: [UInt8] { withUnsafeBytes { Array($0) } }

    /// The first eight bytes as a number: its leading bits choose a shard, and it is a hash by itself.
    public var prefix: UInt64 { UInt64(bigEndian: words.0) }

    /// The last sixteen bytes as two numbers, in no order of bytes in particular: for comparing.
    public var secondHalf: (UInt64, UInt64) { (words.2, words.3) }

    /// The shard of this digest among `count` shards, a power of two: the leading bits as a number.
    public func shard(of count: Int) -> Int { Self.shard(ofPrefix: prefix, of: count) }

    /// The shard of a digest that begins so.
    package static func shard(ofPrefix prefix: UInt64, of count: Int) -> Int {
        precondition(count > 0 && count & (count - 1) == 0, "shard counts are powers of two")
        // A shift by all 64 bits, when there is one shard, gives 0 in Swift.
        return Int(truncatingIfNeeded: prefix >> UInt64(64 - count.trailingZeroBitCount))
    }

    /// 64 lower-case hexadecimal digits.
    package var hexadecimal: String {
        String(unsafeUninitializedCapacity: 2 * Self.byteCount) { text in
            withUnsafeBytes { bytes in
                for index in 0..<Self.byteCount {
                    text[2 * index] = Self.hexadecimalDigit(bytes[index] >> 4)
                    text[2 * index + 1] = Self.hexadecimalDigit(bytes[index] & 15)
                }
            }
            return 2 * Self.byteCount
        }
    }

    private static func hexadecimalDigit(_ value: UInt8) -> UInt8 {
        value < 10 ? UInt8(ascii: "0") + value : UInt8(ascii: "a") + (value - 10)
    }

    private static func nibble(_ digit: UInt8) -> UInt8? {
        switch digit {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): digit - UInt8(ascii: "0")
        case UInt8(ascii: "a")...UInt8(ascii: "f"): digit - UInt8(ascii: "a") + 10
        case UInt8(ascii: "A")...UInt8(ascii: "F"): digit - UInt8(ascii: "A") + 10
        default: nil
        }
    }
}

extension Digest: Hashable {
    /// In the same time wherever they differ.
    public static func == (left: Digest, right: Digest) -> Bool {
        // No && between the words: a short cut would say by its time how far they agree.
        let difference =
            (left.words.0 ^ right.words.0) | (left.words.1 ^ right.words.1)
            | (left.words.2 ^ right.words.2) | (left.words.3 ^ right.words.3)
        return difference == 0
    }

    /// One word of a SHA-256 is as well spread as four.
    public func hash(into hasher: inout Hasher) {
        hasher.combine(words.0)
    }
}
