internal import Glibc
internal import Synchronization

/// A judgement `VALID` as it is put into a table.
struct Entry {
    let epoch: UInt64
    /// CLOCK_BOOTTIME in nanoseconds; `UInt64.max` for a secret that does not die by itself.
    let diesAtBoot: UInt64
    /// Microseconds since 1970; `Int64.max` for such a one.
    let diesAtWall: Int64
    let scopes: ScopeBits
    let workspace: PackedWorkspace
    let answer: Verification.Facts
}

/// What was answered from an entry since it was last looked at.
struct EntryUsage {
    let tokenID: String
    let count: UInt64
    /// Of CLOCK_BOOTTIME.
    let second: UInt64
}

// MARK: - For the one thread that has the lock of the verifier's state

extension EntryTable {
    /// Puts an entry where the secret's was, or else in an empty slot of its bucket, or in place of the one used longest
    /// ago. Returns what has been answered from what lay there.
    func insert(_ entry: Entry, _ key: EntryKey, second: UInt64) -> EntryUsage? {
        let slot = slotToWrite(key)
        let usage = slot.usage
        slot.write(key, entry, second: second)
        return usage
    }

    private func slotToWrite(_ key: EntryKey) -> EntrySlot {
        var oldest = slot(of: key, attempt: 0)
        var empty: EntrySlot?
        for attempt in 0..<Self.slotsPerBucket {
            let slot = slot(of: key, attempt: attempt)
            if slot.isEmpty {
                empty = empty ?? slot
            } else if slot.load(.digestLow) == key.low && slot.load(.digestHigh) == key.high {
                return slot
            }
            if slot.lastSecond < oldest.lastSecond { oldest = slot }
        }
        return empty ?? oldest
    }

    /// Empties all slots, and lends what was answered from each.
    func removeAll(_ body: (EntryUsage) -> Void) {
        for index in 0..<slotCount where !slot(index).isEmpty {
            let slot = slot(index)
            if let usage = slot.usage { body(usage) }
            slot.clear()
        }
    }

    /// Lends what was answered from each slot, and sets the count to zero.
    func takeUsages(_ body: (EntryUsage) -> Void) {
        for index in 0..<slotCount where !slot(index).isEmpty {
            if let usage = slot(index).takeUsage() { body(usage) }
        }
    }

    var entryCount: Int {
        var count = 0
        for index in 0..<slotCount where !slot(index).isEmpty { count += 1 }
        return count
    }
}

extension EntrySlot {
    fileprivate var lastSecond: UInt64 { load(.usage) & 0xffff_ffff }

    fileprivate var usage: EntryUsage? { usage(load(.usage)) }

    private func usage(_ word: UInt64) -> EntryUsage? {
        guard word >> 32 > 0, let address = UnsafeRawPointer(bitPattern: UInt(load(.answer))),
            let tokenID = Unmanaged<Verification.Facts>.fromOpaque(address).takeUnretainedValue().values.tokenID
        else { return nil }
        return EntryUsage(tokenID: tokenID, count: word >> 32, second: word & 0xffff_ffff)
    }

    fileprivate func takeUsage() -> EntryUsage? {
        while true {
            let word = load(.usage)
            guard let usage = usage(word) else { return nil }
            // The second stays: by it the slot used longest ago is found.
            if exchange(.usage, word, word & 0xffff_ffff) { return usage }
        }
    }

    fileprivate func write(_ key: EntryKey, _ entry: Entry, second: UInt64) {
        let sequence = beginWriting()
        releaseAnswer()
        store(.digestLow, key.low)
        store(.digestHigh, key.high)
        store(.epoch, entry.epoch)
        store(.diesAtBoot, entry.diesAtBoot)
        store(.diesAtWall, UInt64(bitPattern: entry.diesAtWall))
        store(.scopes, entry.scopes.first)
        store(.moreScopes, entry.scopes.rest.0)
        store(.moreScopes, entry.scopes.rest.1, offset: 1)
        store(.moreScopes, entry.scopes.rest.2, offset: 2)
        store(.workspace, entry.workspace.words.0)
        store(.workspace, entry.workspace.words.1, offset: 1)
        store(.workspace, entry.workspace.words.2, offset: 2)
        store(.workspace, entry.workspace.words.3, offset: 3)
        store(.answer, UInt64(UInt(bitPattern: Unmanaged.passRetained(entry.answer).toOpaque())))
        store(.usage, second & 0xffff_ffff)
        store(.sequence, sequence)
    }

    fileprivate func clear() {
        let sequence = beginWriting()
        releaseAnswer()
        store(.digestLow, 0)
        store(.digestHigh, 0)
        store(.diesAtBoot, 0)
        store(.usage, 0)
        store(.sequence, sequence)
    }

    /// Keeps readers out. Returns the sequence that lets them in again.
    private func beginWriting() -> UInt64 {
        while true {
            let sequence = load(.sequence)
            if sequence & Self.held == 0 && exchange(.sequence, sequence, sequence | Self.writing) {
                return sequence &+ Self.step
            }
            sched_yield()
        }
    }

    /// Lets the answer go, while readers are kept out or when there are none any more.
    func releaseAnswer() {
        guard let address = UnsafeRawPointer(bitPattern: UInt(load(.answer))) else { return }
        store(.answer, 0)
        Unmanaged<Verification.Facts>.fromOpaque(address).release()
    }
}
