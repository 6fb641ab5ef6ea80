import TokenCore
import TokenStore

/// Telling the store which tokens were used. A verification only notes it in the loop's memory; that is walked at
/// intervals, a slice a turn, so that nobody waits for the walk. It stops while the store is at work on what it has found
/// so far, so that this is all that has to be kept.
extension EventLoop {
    func beginTellingUses() {
        if usePosition == nil { usePosition = dispatcher.cache.oldestPosition }
    }

    /// Whether the next slice of the walk may follow now.
    var hasUsesToTell: Bool { usePosition != nil && dispatcher.usesBeingTaken.isEmpty }

    /// The next slice of the walk, if there is one.
    func tellUses() {
        if hasUsesToTell, let position = usePosition {
            usePosition = dispatcher.noteUses(from: position, recordCount: ServerLimits.useRecordsPerTurn)
            if usePosition == nil { dispatcher.hasUsesToHandOver = true }
        }
        if dispatcher.hasUsesToHandOver && dispatcher.usesBeingTaken.isEmpty { dispatcher.handOverUses() }
    }

    /// All that is known, at the end.
    func handOverLastUses() {
        // The store writes on only as far as it has begun.
        dispatcher.handOverAtEnd(dispatcher.usesBeingTaken)
        var position: UInt64? = dispatcher.cache.oldestPosition
        while let next = position {
            position = dispatcher.noteUses(
                from: next, recordCount: ServerLimits.useRecordsPerTurn, isLast: true)
        }
        dispatcher.handOverUses(isLast: true)
    }
}

extension Dispatcher {
    /// Moves uses from the memory of verifications to the table of uses, which gets room for them first: what is moved
    /// counts as told. Returns where to go on.
    fileprivate func noteUses(from position: UInt64, recordCount: Int, isLast: Bool = false) -> UInt64? {
        if !uses.hasRoomInWalk(for: recordCount) { handOverUses(isLast: isLast) }
        return cache.tellUses(from: position, recordCount: recordCount) { note($0, usedAt: $1) }
    }

    func note(_ tokenNumber: Int64, usedAt instant: Instant) {
        uses.note(tokenNumber, at: instant)
        if uses.isFull { hasUsesToHandOver = true }
    }

    /// What the store can't write now is lost; the next use is noted again.
    fileprivate func handOverUses(isLast: Bool = false) {
        let uses = uses.take()
        hasUsesToHandOver = false
        if isLast { return handOverAtEnd(uses) }
        if uses.isEmpty { return }
        usesBeingTaken = uses
        Self.record(uses, from: 0, store, inbox)
    }

    /// No later commit waits behind these. What has been written already is not set back by it.
    fileprivate func handOverAtEnd(_ uses: [RecordUse.Use]) {
        for start in stride(from: 0, to: uses.count, by: ServerLimits.useBatchCount) {
            store.submit(Self.batch(of: uses, from: start, coarseness: .zero), origin: .daemon) { _ in }
        }
    }

    /// One batch after the other, so that each commit has at most one of them and the changes of others go between.
    private static func record(_ uses: [RecordUse.Use], from start: Int, _ store: Store, _ inbox: LoopInbox) {
        if start >= uses.count { return inbox.noteUsesAreTaken() }
        let batch = batch(of: uses, from: start, coarseness: .seconds(ServerLimits.upkeepSeconds))
        store.submit(batch, origin: .daemon) { result in
            guard case .success = result else { return inbox.noteUsesAreTaken() }
            record(uses, from: start + ServerLimits.useBatchCount, store, inbox)
        }
    }

    private static func batch(of uses: [RecordUse.Use], from start: Int, coarseness: Duration) -> RecordUse {
        let end = min(start + ServerLimits.useBatchCount, uses.count)
        return RecordUse(uses: Array(uses[start..<end]), coarseness: coarseness)
    }
}
