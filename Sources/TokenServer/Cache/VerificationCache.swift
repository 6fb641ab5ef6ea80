import TokenCore

/// What a loop remembers of live secrets: for each the answer of a valid verification, as it goes over the wire.
///
/// Memory is bounded: records lie in a ring, the newest overwrites the oldest, and a table of fixed size says where they
/// are. Nothing is allocated after the start. It belongs to its loop's thread.
///
/// An entry is good for as long as the epoch of its shard is the one it was kept under, and until its secret dies. Both
/// are the caller's to compare: the epoch has to be loaded before whatever the answer was read from.
///
///     record:  half of the digest 16 | epoch 8 | dies at 8 | token number 8 | used at 4 | told at 4 |
///              payload count 2 | scopes at 2, count 2 | workspace at 1, count 1 | payload, up to a multiple of 8
///     place:   tag 16 bits, position 48 bits; a bucket is 8 places, which is one line of the processor's cache
struct VerificationCache: ~Copyable {
    private static let placesPerBucket = 8
    private static let unitByteCount = 8
    private static let headerByteCount = 56
    /// Longer answers are not kept: those of names and scope lists that few tokens have.
    static let payloadByteCountMax = 4_096

    // Sound: both are allocated here for the sizes kept beside them, touched by one thread, and freed in deinit.
    private let ring: UnsafeMutableRawPointer
    private let places: UnsafeMutablePointer<UInt64>
    private let ringUnitCount: UInt64
    private let bucketCount: Int
    /// Where the next record goes, in units since the beginning: it only rises. What lies less than a ring behind is whole.
    private var head: UInt64 = 1

    /// A cache of about this size; an eighth of it is for the places.
    init(byteCount: Int) {
        let buckets = max(byteCount / 8 / (Self.placesPerBucket * 8), 16)
        // A power of two, so that leading bits of a digest name a bucket.
        bucketCount = 1 << (Int.bitWidth - 1 - buckets.leadingZeroBitCount)
        ringUnitCount = UInt64(max(byteCount / 8 * 7, 1 << 16) / Self.unitByteCount)
        // Untouched pages of so large an allocation take no memory (malloc(3): M_MMAP_THRESHOLD).
        ring = .allocate(byteCount: Int(ringUnitCount) * Self.unitByteCount, alignment: Self.unitByteCount)
        places = .allocate(capacity: bucketCount * Self.placesPerBucket)
        places.initialize(repeating: 0, count: bucketCount * Self.placesPerBucket)
    }

    deinit {
        ring.deallocate()
        places.deallocate()
    }

    /// An entry for as long as nothing is inserted.
    struct Entry {
        let tokenNumber: Int64
        /// In microseconds; `Int64.max` for a secret that does not die by itself.
        let diesAt: Int64
        /// The encoded VerifyResponse.
        let payload: UnsafeRawBufferPointer
        /// The fields of its scopes, which follow each other.
        let scopes: UnsafeRawBufferPointer
        let workspaceID: UnsafeRawBufferPointer
        /// When it was last used, and when the store was last told, in seconds since 1970: two words that may be written.
        fileprivate let times: UnsafeMutablePointer<UInt32>

        /// Notes a use; true when the store has not been told of one for `intervalSeconds`, which counts as told now.
        func use(at seconds: UInt32, tellingEvery intervalSeconds: UInt32) -> Bool {
            times[0] = seconds
            if seconds &- times[1] < intervalSeconds { return false }
            times[1] = seconds
            return true
        }
    }

    /// Where in a payload the parts lie that each verification looks at.
    struct Parts {
        let scopes: Range<Int>
        let workspaceID: Range<Int>
    }

    /// The entry of a secret that was kept under this epoch.
    func find(_ digest: Digest, epoch: UInt64) -> Entry? {
        let bucket = bucket(of: digest)
        let tag = Self.tag(of: digest)
        for index in 0..<Self.placesPerBucket where bucket[index] >> 48 == tag {
            let position = bucket[index] & 0xffff_ffff_ffff
            if position == 0 || head - position > ringUnitCount { continue }
            let record = record(at: position)
            if Self.matches(record, digest) && record.load(fromByteOffset: 16, as: UInt64.self) == epoch {
                return Self.entry(record)
            }
        }
        return nil
    }

    /// Keeps an answer, in place of what was kept for the same secret.
    mutating func insert(
        _ digest: Digest, epoch: UInt64, diesAt: Int64, tokenNumber: Int64, payload: Span<UInt8>, parts: Parts
    ) {
        guard payload.count <= Self.payloadByteCountMax, parts.workspaceID.upperBound <= 255 else { return }
        let byteCount = Self.headerByteCount + payload.count
        let unitCount = UInt64((byteCount + Self.unitByteCount - 1) / Self.unitByteCount)
        let position = place(for: unitCount)
        let record = record(at: position)
        digest.withUnsafeBytes { record.copyMemory(from: $0.baseAddress.unsafelyUnwrapped + 8, byteCount: 16) }
        record.storeBytes(of: epoch, toByteOffset: 16, as: UInt64.self)
        record.storeBytes(of: diesAt, toByteOffset: 24, as: Int64.self)
        record.storeBytes(of: tokenNumber, toByteOffset: 32, as: Int64.self)
        record.storeBytes(of: 0, toByteOffset: 40, as: UInt64.self)
        record.storeBytes(of: UInt16(payload.count), toByteOffset: 48, as: UInt16.self)
        record.storeBytes(of: UInt16(parts.scopes.lowerBound), toByteOffset: 50, as: UInt16.self)
        record.storeBytes(of: UInt16(parts.scopes.count), toByteOffset: 52, as: UInt16.self)
        record.storeBytes(of: UInt8(parts.workspaceID.lowerBound), toByteOffset: 54, as: UInt8.self)
        record.storeBytes(of: UInt8(parts.workspaceID.count), toByteOffset: 55, as: UInt8.self)
        payload.withUnsafeBytes { bytes in
            if let start = bytes.baseAddress {
                (record + Self.headerByteCount).copyMemory(from: start, byteCount: bytes.count)
            }
        }
        remember(digest, at: position)
    }

    /// Calls `body` with each token that was used since the store was last told, and when: at the end.
    func forEachUntoldUse(_ body: (_ tokenNumber: Int64, _ seconds: UInt32) -> Void) {
        for index in 0..<bucketCount * Self.placesPerBucket {
            let position = places[index] & 0xffff_ffff_ffff
            if position == 0 || head - position > ringUnitCount { continue }
            let record = record(at: position)
            let usedAt = record.load(fromByteOffset: 40, as: UInt32.self)
            if usedAt > record.load(fromByteOffset: 44, as: UInt32.self) {
                body(record.load(fromByteOffset: 32, as: Int64.self), usedAt)
            }
        }
    }

    // MARK: The ring

    /// Room for so many units, all in one piece; what lay there is gone.
    private mutating func place(for unitCount: UInt64) -> UInt64 {
        let left = ringUnitCount - head % ringUnitCount
        if left < unitCount { head += left }
        defer { head += unitCount }
        return head
    }

    private func record(at position: UInt64) -> UnsafeMutableRawPointer {
        ring + Int(position % ringUnitCount) * Self.unitByteCount
    }

    private static func entry(_ record: UnsafeMutableRawPointer) -> Entry {
        let payload = UnsafeRawBufferPointer(
            start: record + headerByteCount, count: Int(record.load(fromByteOffset: 48, as: UInt16.self)))
        func part(_ start: Int, _ count: Int) -> UnsafeRawBufferPointer {
            UnsafeRawBufferPointer(rebasing: payload[start..<start + count])
        }
        return Entry(
            tokenNumber: record.load(fromByteOffset: 32, as: Int64.self),
            diesAt: record.load(fromByteOffset: 24, as: Int64.self), payload: payload,
            scopes: part(
                Int(record.load(fromByteOffset: 50, as: UInt16.self)),
                Int(record.load(fromByteOffset: 52, as: UInt16.self))),
            workspaceID: part(
                Int(record.load(fromByteOffset: 54, as: UInt8.self)),
                Int(record.load(fromByteOffset: 55, as: UInt8.self))),
            times: (record + 40).assumingMemoryBound(to: UInt32.self))
    }

    /// By half of the digest: 128 bits that the bucket and the tag are not made of. To be taken for another's, a text would
    /// have to agree with a kept one in all of them, which is to find a second preimage.
    private static func matches(_ record: UnsafeMutableRawPointer, _ digest: Digest) -> Bool {
        digest.withUnsafeBytes { bytes in
            let first =
                record.load(as: UInt64.self) ^ bytes.load(fromByteOffset: 8, as: UInt64.self)
            let second =
                record.load(fromByteOffset: 8, as: UInt64.self) ^ bytes.load(fromByteOffset: 16, as: UInt64.self)
            return first | second == 0
        }
    }

    // MARK: The places

    private func bucket(of digest: Digest) -> UnsafeMutablePointer<UInt64> {
        places + digest.shard(of: bucketCount) * Self.placesPerBucket
    }

    /// From the end of the first word: a bucket is named by its beginning.
    private static func tag(of digest: Digest) -> UInt64 { digest.prefix & 0xffff }

    /// In the place of the same secret if it has one, else of what is gone, else of the oldest.
    private func remember(_ digest: Digest, at position: UInt64) {
        let bucket = bucket(of: digest)
        let tag = Self.tag(of: digest)
        var oldest = 0
        for index in 0..<Self.placesPerBucket {
            let kept = bucket[index] & 0xffff_ffff_ffff
            let isLive = kept != 0 && head - kept <= ringUnitCount
            if isLive && bucket[index] >> 48 == tag && Self.matches(record(at: kept), digest) {
                oldest = index
                break
            }
            if kept < bucket[oldest] & 0xffff_ffff_ffff { oldest = index }
        }
        bucket[oldest] = tag << 48 | position
    }
}
