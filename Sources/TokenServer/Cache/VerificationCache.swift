import LinuxIO
import TokenCore
import TokenWire

/// What a loop remembers of live secrets: for each the answer of a valid verification, nearly as it goes over the wire.
///
/// Memory is bounded: records lie in a ring, the newest overwrites the oldest, and a table of fixed size says where they
/// are. Nothing is allocated after the start. It belongs to its loop's thread.
///
/// An entry is good for as long as the epoch of its shard is the one it was kept under, and until its secret dies. Both
/// are the caller's to compare: the epoch has to be loaded before whatever the answer was read from.
///
///     record:  half of the digest 16 │ last use 4 │ token number 38 bits, whether it dies, kind, length of the text and
///              scopes' place 12 bits each │ epoch 6 │ dies at 8, if it does │ text of the answer │ up to a whole unit
///     place:   tag, and above 0 the number of the record's first unit: 32 bits, divided by the size of the ring; a bucket
///              is 8 places, half a line of the processor's cache, and a record is told of in one of two
///
/// Small, because what many tokens take is most of the daemon's memory. A place is emptied when its record is overwritten.
///
/// A class whose properties are set once but for three numbers: looking something up then needs no check that nobody
/// else is changing it.
final class VerificationCache {
    private static let placesPerBucket = 8
    /// Longer texts are not kept: those of names and scope lists that few tokens have.
    private static let textByteCountMax = 4_095

    private let memory: ZeroedMemory
    // Sound: both lie in that memory, which has room for the sizes kept beside them, and are touched by one thread.
    private let ring: UnsafeMutableRawPointer
    private let places: UnsafeMutablePointer<UInt32>
    private let ringUnitCount: UInt64
    /// A unit is two bytes to this power; of a large ring it is more, for tags of some bits.
    private let unitShift: UInt64
    private let bucketShift: UInt64
    /// The bits of a place that say where.
    private let positionMask: UInt32
    /// Where the next record goes, in units since the beginning: it only rises. What lies less than a ring behind is whole.
    private var head: UInt64 = 1
    /// The oldest whole record; `head` when there is none.
    private var oldest: UInt64 = 1
    /// Where the records of the last full lap end: behind it the ring had no room for the next one in one piece.
    private var lapEnd: UInt64 = 0

    /// A cache of about this size, 4 GiB at most; a sixteenth of it is for the places.
    init(byteCount: Int) throws(SystemError) {
        let bucketByteCount = Self.placesPerBucket * MemoryLayout<UInt32>.stride
        let buckets = max(byteCount / 16 / bucketByteCount, 16)
        // A power of two, so that leading bits of a digest name a bucket.
        let bucketBitCount = Int.bitWidth - 1 - buckets.leadingZeroBitCount
        bucketShift = UInt64(64 - bucketBitCount)
        unitShift = byteCount <= 64 << 20 ? 1 : 4
        ringUnitCount = UInt64(max(byteCount / 16 * 15, 1 << 16)) >> unitShift
        precondition(ringUnitCount < 1 << 28, "a larger ring has no bits for tags")
        positionMask = ~0 >> UInt32(UInt32(ringUnitCount).leadingZeroBitCount)
        // Zeroes are places without a record.
        let placesByteCount = bucketByteCount << bucketBitCount
        memory = try ZeroedMemory(byteCount: placesByteCount + Int(ringUnitCount << unitShift))
        places = memory.start.assumingMemoryBound(to: UInt32.self)
        ring = memory.start + placesByteCount
    }

    /// The entry of a secret that was kept under this epoch.
    func find(_ digest: Digest, epoch: UInt64) -> Entry? {
        let key = digest.cacheKey
        guard let entry = find(key, in: bucket(of: key)) ?? find(key, in: otherBucket(of: key)) else { return nil }
        return entry.epoch == epoch ? entry : nil
    }

    @inline(__always)
    private func find(_ key: (UInt64, UInt64), in bucket: UnsafeMutablePointer<UInt32>) -> Entry? {
        let tag = tag(of: key)
        for index in 0..<Self.placesPerBucket {
            if let entry = entry(of: bucket[index], tag), entry.isOf(key) { return entry }
        }
        return nil
    }

    // MARK: Fetching ahead

    /// Has the processor fetch what `find` reads first.
    func prefetchPlaces(of digest: Digest) {
        Prefetch.line(at: bucket(of: digest.cacheKey))
    }

    /// Has the processor fetch what `find` reads next, and what is read of the entry.
    func prefetchRecord(of digest: Digest) {
        let key = digest.cacheKey
        let bucket = bucket(of: key)
        let tag = tag(of: key)
        for index in 0..<Self.placesPerBucket {
            entry(of: bucket[index], tag)?.prefetch()
        }
    }

    /// Keeps an answer, in place of what was kept for the same secret, and returns its entry; none if it is too long or no
    /// VALID. `evict` hears of the uses that the store was not told of yet and that are forgotten for it.
    func insert(
        _ digest: Digest, epoch: UInt64, diesAt: Int64, tokenNumber: Int64, payload: Span<UInt8>, scopesOffset: Int,
        evict: (_ tokenNumber: Int64, _ at: Instant) -> Void
    ) -> Entry? {
        guard let answer = KeptAnswer.Parts(payload, scopesOffset: scopesOffset),
            answer.byteCount <= Self.textByteCountMax, (0...Entry.tokenNumberMax).contains(tokenNumber),
            epoch <= Entry.epochMax
        else { return nil }
        let deathByteCount = diesAt == .max ? 0 : Entry.deathByteCount
        let position = place(for: unitCount(Entry.headerByteCount + deathByteCount + answer.byteCount), evict)
        let key = digest.cacheKey
        let entry = Entry(record: record(at: position))
        entry.write(key, epoch: epoch, diesAt: diesAt, tokenNumber: tokenNumber, answer)
        remember(key, at: position)
        return entry
    }

    // MARK: The ring

    private func unitCount(_ byteCount: Int) -> UInt64 {
        (UInt64(byteCount) + (1 << unitShift) - 1) >> unitShift
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
                let position = oldest
                guard let entry = entry(at: &oldest) else { return }
                empty(placeOf: position, entry.key)
                entry.tellUse(evict)
            }
        }
    }

    /// The record at a position, which moves on to the one behind it; none at the head.
    private func entry(at position: inout UInt64) -> Entry? {
        if position == lapEnd { position += ringUnitCount - position % ringUnitCount }
        if position >= head { return nil }
        let entry = Entry(record: record(at: position))
        position += unitCount(entry.byteCount)
        return entry
    }

    private func record(at position: UInt64) -> UnsafeMutableRawPointer {
        ring + Int(position % ringUnitCount) << Int(unitShift)
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

    private func bucket(of key: (UInt64, UInt64)) -> UnsafeMutablePointer<UInt32> {
        places + Int(truncatingIfNeeded: key.0 >> bucketShift) * Self.placesPerBucket
    }

    /// For a secret whose own bucket is full, as one in a hundred is when the ring is: were there no other, the secrets of such
    /// a bucket would displace each other for ever.
    private func otherBucket(of key: (UInt64, UInt64)) -> UnsafeMutablePointer<UInt32> {
        places + Int(truncatingIfNeeded: key.0.byteSwapped >> bucketShift) * Self.placesPerBucket
    }

    /// One of the places in both buckets, those of the first being the first.
    private func place(_ index: Int, of key: (UInt64, UInt64)) -> UnsafeMutablePointer<UInt32> {
        let inFirst = index < Self.placesPerBucket
        return inFirst ? bucket(of: key) + index : otherBucket(of: key) + (index - Self.placesPerBucket)
    }

    /// In the upper bits, and as many as a place has for it.
    private func tag(of key: (UInt64, UInt64)) -> UInt32 {
        UInt32(truncatingIfNeeded: key.1) & ~positionMask
    }

    /// What a place says of a record with this tag; none if it is empty or another's.
    private func entry(of place: UInt32, _ tag: UInt32) -> Entry? {
        // The tag's bits go, if they are the same.
        let position = place ^ tag
        if position &- 1 >= positionMask { return nil }
        return Entry(record: ring + (Int(position) - 1) << Int(unitShift))
    }

    /// What a place says of a record there, without the tag.
    private func place(of position: UInt64) -> UInt32 { UInt32(position % ringUnitCount) + 1 }

    /// In the place of the same secret if it has one, else of what is gone, else of the oldest.
    private func remember(_ key: (UInt64, UInt64), at position: UInt64) {
        let tag = tag(of: key)
        var chosen = place(0, of: key)
        var ageMax: UInt64 = 0
        for index in 0..<2 * Self.placesPerBucket {
            let place = place(index, of: key)
            if let entry = entry(of: place.pointee, tag), entry.isOf(key) {
                chosen = place
                break
            }
            let kept = place.pointee & positionMask
            let age = kept == 0 ? .max : age(of: kept)
            if age > ageMax { (chosen, ageMax) = (place, age) }
        }
        chosen.pointee = tag | place(of: position)
    }

    /// How far the record of a place lies behind the newest.
    private func age(of place: UInt32) -> UInt64 {
        (head + ringUnitCount - UInt64(place - 1)) % ringUnitCount
    }

    /// Forgets where a record is that will be overwritten, unless its place has been given to another.
    private func empty(placeOf position: UInt64, _ key: (UInt64, UInt64)) {
        let told = place(of: position)
        for index in 0..<2 * Self.placesPerBucket {
            let place = place(index, of: key)
            if place.pointee & positionMask == told { place.pointee = 0 }
        }
    }
}

extension Digest {
    /// Half of the digest: 128 bits, of which the bucket and the tag are some. To be taken for another's, a text would have to
    /// agree with a kept one in all of them, which is to find a second preimage.
    fileprivate var cacheKey: (UInt64, UInt64) { secondHalf }
}
