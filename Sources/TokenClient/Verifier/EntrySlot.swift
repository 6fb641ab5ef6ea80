internal import LinuxIO
internal import Synchronization

/// One slot of an `EntryTable`, which see. Nobody owns it: it is an address.
struct EntrySlot {
    static let wordCount = 16
    static let writing: UInt64 = 1
    static let held: UInt64 = 2
    static let step: UInt64 = 4
    /// How often a reader tries to hold a slot that another holds, for a few instructions each.
    static let holdAttemptCount = 100
    /// In place of the count of a workspace's bytes: it has more than a slot has room for.
    static let longWorkspace = 255
    static let workspaceByteCountMax = 31

    enum Word: Int {
        case sequence = 0
        case digestLow, digestHigh, epoch, diesAtBoot, diesAtWall, scopes, usage
        case moreScopes
        case answer = 11
        case workspace
    }

    let words: UnsafeMutablePointer<Atomic<UInt64>>

    @inline(__always)
    func load(_ word: Word, offset: Int = 0) -> UInt64 {
        (words + word.rawValue + offset).pointee.load(ordering: .acquiring)
    }

    @inline(__always)
    func store(_ word: Word, _ value: UInt64, offset: Int = 0) {
        (words + word.rawValue + offset).pointee.store(value, ordering: .releasing)
    }

    @inline(__always)
    func exchange(_ word: Word, _ expected: UInt64, _ desired: UInt64) -> Bool {
        (words + word.rawValue).pointee.compareExchange(
            expected: expected, desired: desired, ordering: .acquiringAndReleasing
        ).exchanged
    }

    var isEmpty: Bool { load(.diesAtBoot) == 0 }

    /// The first half of the entry, if it is that of the secret and nobody is writing it.
    @inline(__always)
    func read(_ key: EntryKey) -> EntryReading? {
        let sequence = load(.sequence)
        guard load(.digestLow) == key.low, load(.digestHigh) == key.high, sequence & Self.writing == 0 else {
            return nil
        }
        return EntryReading(
            slot: self, sequence: sequence & ~Self.held, epoch: load(.epoch), diesAtBoot: load(.diesAtBoot),
            diesAtWall: Int64(bitPattern: load(.diesAtWall)), scopes: load(.scopes), usage: load(.usage))
    }
}

/// What a thread has read of an entry. To be believed once `isUnchanged` says so, after all else has been read.
struct EntryReading {
    let slot: EntrySlot
    let sequence: UInt64
    let epoch: UInt64
    let diesAtBoot: UInt64
    let diesAtWall: Int64
    let scopes: UInt64
    let usage: UInt64

    @inline(__always)
    var isUnchanged: Bool { slot.load(.sequence) & ~EntrySlot.held == sequence }

    @inline(__always)
    func holds(_ required: ScopeBits) -> Bool {
        if required.first & ~scopes != 0 { return false }
        guard required.hasRest else { return true }
        let lacking =
            required.rest.0 & ~slot.load(.moreScopes) | required.rest.1 & ~slot.load(.moreScopes, offset: 1)
            | required.rest.2 & ~slot.load(.moreScopes, offset: 2)
        return lacking == 0
    }

    /// Whether the entry is of this workspace; nil if only the kept answer can tell.
    func isIn(workspace: String) -> Bool? {
        let packed = PackedWorkspace(workspace)
        let word = slot.load(.workspace)
        if word & 0xff == UInt64(EntrySlot.longWorkspace) { return packed.isLong ? nil : false }
        return packed.words.0 == word && packed.words.1 == slot.load(.workspace, offset: 1)
            && packed.words.2 == slot.load(.workspace, offset: 2) && packed.words.3 == slot.load(.workspace, offset: 3)
    }

    /// Has the processor fetch the kept answer. Should it be another's by now, or be freed, that does no harm.
    @inline(__always)
    func prefetchAnswer() {
        if let address = UnsafeRawPointer(bitPattern: UInt(slot.load(.answer))) { Prefetch.line(at: address) }
    }

    /// The kept answer, retained while the slot is held; nil if the entry has changed, or another reader holds it for long:
    /// then its thread was stopped in the middle.
    func answer() -> Verification? {
        for _ in 0..<EntrySlot.holdAttemptCount {
            if slot.exchange(.sequence, sequence, sequence | EntrySlot.held) {
                let address = UnsafeRawPointer(bitPattern: UInt(slot.load(.answer)))
                if let address { OrderedRetain.retain(address) }
                slot.store(.sequence, sequence)
                return address.map { Verification(Unmanaged<Verification.Facts>.fromOpaque($0).takeRetainedValue()) }
            }
            guard isUnchanged else { return nil }
        }
        return nil
    }

    /// Counts a use at a second of CLOCK_BOOTTIME.
    ///
    /// The word was read with the entry, and is exchanged only as long as it is that: when the entry was replaced meanwhile
    /// the use is not counted. (Or for the one in its place, if that was kept in the very second in which this one was, and
    /// neither used since: by one too many.)
    @inline(__always)
    func noteUse(second: UInt64) {
        var before = usage
        while true {
            let count = min(before >> 32 + 1, 0xffff_ffff)
            if slot.exchange(.usage, before, count << 32 | second & 0xffff_ffff) { return }
            before = slot.load(.usage)
            guard isUnchanged else { return }
        }
    }
}

/// A workspace's id as an entry holds it.
struct PackedWorkspace {
    private(set) var words: (UInt64, UInt64, UInt64, UInt64) = (0, 0, 0, 0)
    let isLong: Bool

    init(_ text: String) {
        let bytes = text.utf8Span.span
        isLong = bytes.count > EntrySlot.workspaceByteCountMax
        if isLong {
            words.0 = UInt64(EntrySlot.longWorkspace)
            return
        }
        withUnsafeMutableBytes(of: &words) { target in
            target[0] = UInt8(bytes.count)
            bytes.withUnsafeBytes { UnsafeMutableRawBufferPointer(rebasing: target[1...]).copyMemory(from: $0) }
        }
    }
}
