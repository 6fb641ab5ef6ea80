import LinuxIO
import TokenCore

/// What a loop remembers of live secrets: for each the answer of a valid verification, as it goes over the wire.
///
/// Memory is bounded: records lie in a ring, the newest overwrites the oldest, and a table of fixed size says where they
/// are. Nothing is allocated after the start. It belongs to its loop's thread.
///
/// An entry is good for as long as the epoch of its shard is the one it was kept under, and until its secret dies. Both
/// are the caller's to compare: the epoch has to be loaded before whatever the answer was read from.
///
///     record:  half of the digest 16 │ epoch 8 │ dies at 8 │ token number 5, payload count and scopes' place 12 bits each │
///              last use 8 │ payload, up to a multiple of 8
///     place:   tag 16 bits, position 48 bits; a bucket is 8 places, which is one line of the processor's cache
///
/// A class whose properties are set once but for three numbers: looking something up then needs no check that nobody
/// else is changing it.
final class VerificationCache {
    private static let placesPerBucket = 8
    private static let unitByteCount = 8
    static let headerByteCount = 48
    /// Longer answers are not kept: those of names and scope lists that few tokens have.
    static let payloadByteCountMax = 4_095
    private static let tokenNumberMax: Int64 = 1 << 40 - 1

    private let memory: ZeroedMemory
    // Sound: both lie in that memory, which has room for the sizes kept beside them, and are touched by one thread.
    private let ring: UnsafeMutableRawPointer
    private let places: UnsafeMutablePointer<UInt64>
    private let ringUnitCount: UInt64
    private let bucketCount: Int
    /// Where the next record goes, in units since the beginning: it only rises. What lies less than a ring behind is whole.
    private var head: UInt64 = 1
    /// The oldest whole record; `head` when there is none.
    private var oldest: UInt64 = 1
    /// Where the records of the last full lap end: behind it the ring had no room for the next one in one piece.
    private var lapEnd: UInt64 = 0

    /// A cache of about this size; an eighth of it is for the places.
    init(byteCount: Int) throws(SystemError) {
        let buckets = max(byteCount / 8 / (Self.placesPerBucket * 8), 16)
        // A power of two, so that leading bits of a digest name a bucket.
        bucketCount = 1 << (Int.bitWidth - 1 - buckets.leadingZeroBitCount)
        ringUnitCount = UInt64(max(byteCount / 8 * 7, 1 << 16) / Self.unitByteCount)
        // Zeroes are places without a record.
        let placesByteCount = bucketCount * Self.placesPerBucket * MemoryLayout<UInt64>.stride
        memory = try ZeroedMemory(byteCount: placesByteCount + Int(ringUnitCount) * Self.unitByteCount)
        places = memory.start.assumingMemoryBound(to: UInt64.self)
        ring = memory.start + placesByteCount
    }

    /// The entry of a secret that was kept under this epoch.
    func find(_ digest: Digest, epoch: UInt64) -> Entry? {
        let bucket = bucket(of: digest)
        let tag = digest.cacheTag
        let key = digest.cacheKey
        for index in 0..<Self.placesPerBucket where bucket[index] >> 48 == tag {
            let position = bucket[index] & 0xffff_ffff_ffff
            if position == 0 || head - position > ringUnitCount { continue }
            let entry = Entry(record: record(at: position))
            if entry.isOf(key) && entry.epoch == epoch { return entry }
        }
        return nil
    }

    // MARK: Fetching ahead

    /// Has the processor fetch what `find` reads first.
    func prefetchPlaces(of digest: Digest) {
        Prefetch.line(at: bucket(of: digest))
    }

    /// Has the processor fetch what `find` reads next, and what is read of the entry.
    func prefetchRecord(of digest: Digest) {
        let bucket = bucket(of: digest)
        let tag = digest.cacheTag
        for index in 0..<Self.placesPerBucket where bucket[index] >> 48 == tag {
            let record = record(at: bucket[index] & 0xffff_ffff_ffff)
            Prefetch.line(at: record)
            Prefetch.line(at: record + 64)
        }
    }

    /// Keeps an answer, in place of what was kept for the same secret, and returns its entry; none if it is too long.
    /// `evict` hears of the uses that the store was not told of yet and that are forgotten for it.
    func insert(
        _ digest: Digest, epoch: UInt64, diesAt: Int64, tokenNumber: Int64, payload: Span<UInt8>, scopesOffset: Int,
        evict: (_ tokenNumber: Int64, _ at: Instant) -> Void
    ) -> Entry? {
        guard payload.count <= Self.payloadByteCountMax, scopesOffset >= 0, scopesOffset <= payload.count,
            (0...Self.tokenNumberMax).contains(tokenNumber)
        else { return nil }
        let unitCount = Self.unitCount(ofPayload: payload.count)
        let position = place(for: unitCount, evict)
        let record = record(at: position)
        let key = digest.cacheKey
        record.storeBytes(of: key.0, as: UInt64.self)
        record.storeBytes(of: key.1, toByteOffset: 8, as: UInt64.self)
        record.storeBytes(of: epoch, toByteOffset: 16, as: UInt64.self)
        record.storeBytes(of: diesAt, toByteOffset: 24, as: Int64.self)
        let sizes = UInt64(payload.count) << 40 | UInt64(scopesOffset) << 52
        record.storeBytes(of: UInt64(tokenNumber) | sizes, toByteOffset: 32, as: UInt64.self)
        record.storeBytes(of: 0, toByteOffset: 40, as: UInt64.self)
        payload.withUnsafeBytes { bytes in
            if let start = bytes.baseAddress {
                (record + Self.headerByteCount).copyMemory(from: start, byteCount: bytes.count)
            }
        }
        remember(digest, at: position)
        return Entry(record: record)
    }

    // MARK: The ring

    private static func unitCount(ofPayload byteCount: Int) -> UInt64 {
        UInt64((headerByteCount + byteCount + unitByteCount - 1) / unitByteCount)
    }

    /// Room for so many units, all in one piece; what lay there is gone.
    private func place(for unitCount: UInt64, _ evict: (Int64, Instant) -> Void) -> UInt64 {
        let left = ringUnitCount - head % ringUnitCount
        if left < unitCount {
            forget(before: head + left, evict)
            if oldest == head { oldest += left }
            lapEnd = head
            head += left
        }
        forget(before: head + unitCount, evict)
        defer { head += unitCount }
        return head
    }

    /// Gives up the records that lie where the ring is written next, up to the position that `head` will have then.
    private func forget(before end: UInt64, _ evict: (Int64, Instant) -> Void) {
        while oldest < head && end - oldest > ringUnitCount {
            if oldest == lapEnd {
                oldest += ringUnitCount - oldest % ringUnitCount
            } else {
                entry(at: &oldest)?.tellUse(evict)
            }
        }
    }

    /// The record at a position, which moves on to the one behind it; none at the head.
    private func entry(at position: inout UInt64) -> Entry? {
        if position == lapEnd { position += ringUnitCount - position % ringUnitCount }
        if position >= head { return nil }
        let entry = Entry(record: record(at: position))
        position += Self.unitCount(ofPayload: entry.payload.count)
        return entry
    }

    private func record(at position: UInt64) -> UnsafeMutableRawPointer {
        ring + Int(position % ringUnitCount) * Self.unitByteCount
    }

    // MARK: Uses

    /// Where a walk over all uses begins.
    var oldestPosition: UInt64 { oldest }

    /// Calls `tell` with each token that was used since the store was last told, and when, for at most `recordCount`
    /// records from `position` on; they count as told then. Returns where to go on, or nil when that was the last.
    func tellUses(
        from position: UInt64, recordCount: Int, _ tell: (_ tokenNumber: Int64, _ at: Instant) -> Void
    ) -> UInt64? {
        var position = max(position, oldest)
        for _ in 0..<recordCount {
            guard let entry = entry(at: &position) else { return nil }
            entry.tellUse(tell)
        }
        return position
    }

    // MARK: The places

    private func bucket(of digest: Digest) -> UnsafeMutablePointer<UInt64> {
        places + digest.shard(of: bucketCount) * Self.placesPerBucket
    }

    /// In the place of the same secret if it has one, else of what is gone, else of the oldest.
    private func remember(_ digest: Digest, at position: UInt64) {
        let bucket = bucket(of: digest)
        let tag = digest.cacheTag
        let key = digest.cacheKey
        var oldest = 0
        for index in 0..<Self.placesPerBucket {
            let kept = bucket[index] & 0xffff_ffff_ffff
            let isLive = kept != 0 && head - kept <= ringUnitCount
            if isLive && bucket[index] >> 48 == tag && Entry(record: record(at: kept)).isOf(key) {
                oldest = index
                break
            }
            if kept < bucket[oldest] & 0xffff_ffff_ffff { oldest = index }
        }
        bucket[oldest] = tag << 48 | position
    }
}

extension Digest {
    /// From the end of the first word: a bucket is named by its beginning.
    fileprivate var cacheTag: UInt64 { prefix & 0xffff }

    /// Half of the digest: 128 bits that the bucket and the tag are not made of. To be taken for another's, a text would
    /// have to agree with a kept one in all of them, which is to find a second preimage.
    fileprivate var cacheKey: (UInt64, UInt64) { secondHalf }
}
