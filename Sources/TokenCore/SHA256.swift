import CLinux

/// SHA-256 (FIPS 180-4) of bytes that come in pieces: an audit event after its predecessor's hash, an HMAC.
///
/// What lies in memory at once is hashed by `Digest(hashing:)`, which copies less.
package struct SHA256: Sendable {
    /// Which code computes. Both give the same digests.
    package enum Path: Sendable {
        /// SHA-NI where the processor has it.
        case fastest
        /// The portable code whatever the processor has: for tests.
        case portable

        var rawPath: clinux_sha256_path {
            switch self {
            case .fastest: CLINUX_SHA256_FASTEST
            case .portable: CLINUX_SHA256_PORTABLE
            }
        }
    }

    private static let blockByteCount = 64

    private let path: clinux_sha256_path
    /// The hash of all whole blocks so far.
    private var state: InlineArray<8, UInt32> = [
        0x6a09_e667, 0xbb67_ae85, 0x3c6e_f372, 0xa54f_f53a, 0x510e_527f, 0x9b05_688c, 0x1f83_d9ab, 0x5be0_cd19,
    ]
    /// The block that is not whole yet; its first `pendingCount` bytes are set. `pendingCount` < 64.
    private var pending = InlineArray<64, UInt8>(repeating: 0)
    private var pendingCount = 0
    /// Bytes hashed or pending.
    private var byteCount: UInt64 = 0

    package init(path: Path = .fastest) {
        self.path = path.rawPath
    }

    package mutating func update(_ bytes: Span<UInt8>) {
        bytes.withUnsafeBufferPointer { update(UnsafeRawBufferPointer($0)) }
    }

    private mutating func update(_ bytes: UnsafeRawBufferPointer) {
        byteCount &+= UInt64(bytes.count)
        var rest = bytes[...]
        if pendingCount > 0 {
            fillPending(from: &rest)
            guard pendingCount == Self.blockByteCount else { return }
            pending.span.withUnsafeBufferPointer {
                Self.hash(blocks: UnsafeRawBufferPointer($0), into: &state, path)
            }
            pendingCount = 0
        }
        let whole = rest.prefix(rest.count / Self.blockByteCount * Self.blockByteCount)
        Self.hash(blocks: UnsafeRawBufferPointer(rebasing: whole), into: &state, path)
        rest = rest.dropFirst(whole.count)
        fillPending(from: &rest)
    }

    /// Moves bytes to the pending block until it is whole or they are used up.
    private mutating func fillPending(from bytes: inout Slice<UnsafeRawBufferPointer>) {
        let taken = bytes.prefix(Self.blockByteCount - pendingCount)
        var block = pending.mutableSpan
        block.withUnsafeMutableBytes { block in
            UnsafeMutableRawBufferPointer(rebasing: block[pendingCount...]).copyMemory(
                from: UnsafeRawBufferPointer(rebasing: taken))
        }
        pendingCount += taken.count
        bytes = bytes.dropFirst(taken.count)
    }

    private static func hash(
        blocks: UnsafeRawBufferPointer, into state: inout InlineArray<8, UInt32>, _ path: clinux_sha256_path
    ) {
        guard let address = blocks.baseAddress, !blocks.isEmpty else { return }
        var mutableState = state.mutableSpan
        mutableState.withUnsafeMutableBufferPointer { words in
            clinux_sha256_blocks(
                path, words.baseAddress, address.assumingMemoryBound(to: UInt8.self),
                blocks.count / blockByteCount)
        }
    }

    /// The digest of all that was given. Ends the computation.
    package consuming func finalize() -> Digest {
        let bitCount = byteCount &* 8
        // The padding of FIPS 180-4, 5.1.1: one bit, zeroes until 8 bytes short of a block, the length in bits.
        let zeroes = (Self.blockByteCount * 2 - 1 - 8 - pendingCount) % Self.blockByteCount
        var padding = InlineArray<72, UInt8>(repeating: 0)
        padding[0] = 0x80
        for index in 0..<8 {
            padding[1 + zeroes + index] = UInt8(truncatingIfNeeded: bitCount >> UInt64(56 - 8 * index))
        }
        update(padding.span.extracting(first: 1 + zeroes + 8))
        return Digest(
            bigEndianWords: (
                UInt64(state[0]) << 32 | UInt64(state[1]), UInt64(state[2]) << 32 | UInt64(state[3]),
                UInt64(state[4]) << 32 | UInt64(state[5]), UInt64(state[6]) << 32 | UInt64(state[7])
            ))
    }
}
