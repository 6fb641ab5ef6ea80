package import TokenCore

/// A check of the audit's chain, made in slices so that it neither holds up a loop nor pins a snapshot: between two slices
/// no statement is open. It ends at the first fault.
///
/// It finds what was edited, deleted or reordered, and what was cut off the end behind an event whose hash is known: that
/// of the rollback mark, or one that the asker has from elsewhere. Whoever can write the store can compute a chain anew
/// from some event on; only such a known hash shows that.
package struct ChainCheck: Sendable {
    package enum Fault: Sendable {
        /// What it says, or the hash before it, is not what its hash was made of.
        case edited
        case deleted
        /// Genuine, but it had another number.
        case reordered
        /// The chain ends before this event, which was there.
        case cut
        /// Its hash is right, and not the known one.
        case rewritten
    }

    package struct Finding: Sendable, Equatable {
        /// Of a row of missing events, the first.
        package let sequence: Int64
        package let fault: Fault
    }

    /// An event whose hash is known.
    package struct Anchor: Sendable, Equatable {
        package let sequence: Int64
        package let hash: Digest

        package init(sequence: Int64, hash: Digest) {
            self.sequence = sequence
            self.hash = hash
        }
    }

    /// The first fault; none until one is found.
    package private(set) var finding: Finding?
    package fileprivate(set) var isFinished = false
    /// The first event checked.
    package fileprivate(set) var first: Int64
    /// The newest event that was pruned because its time was over: what the oldest kept one's hash covers.
    package fileprivate(set) var floor = Anchor(sequence: 0, hash: .zero)
    /// The last event found right; that before the first, if none was.
    package fileprivate(set) var checked = Anchor(sequence: 0, hash: .zero)
    package fileprivate(set) var checkedCount = 0
    /// How many of them are accepted recoveries. Only before one of these may numbers jump.
    package fileprivate(set) var recoveryCount = 0

    private let askedLast: Int64
    fileprivate var last: Int64
    fileprivate let anchors: [Anchor]
    fileprivate var hasBegun = false

    /// - Parameters:
    ///   - first: The first event to check; 0 for the oldest kept.
    ///   - last: The last event to check; 0 for the newest.
    ///   - mark: The newest committed event, as the store's state has it.
    ///   - known: An event whose hash the asker has from elsewhere.
    package init(first: Int64 = 0, last: Int64 = 0, mark: StoreState.Snapshot, known: Anchor? = nil) {
        self.first = first
        askedLast = last
        anchors = [Anchor(sequence: mark.sequence, hash: mark.head)] + (known.map { [$0] } ?? [])
        self.last = last == 0 ? anchors.reduce(0) { max($0, $1.sequence) } : last
    }

    /// Whether it goes on to the newest event, whichever that is.
    fileprivate var isOpen: Bool { askedLast == 0 }

    /// Where the next slice begins.
    package var next: Int64 { checked.sequence + 1 }

    fileprivate mutating func find(_ fault: Fault, at sequence: Int64) {
        find(Finding(sequence: sequence, fault: fault))
    }

    /// Ends the check with a fault.
    package mutating func find(_ finding: Finding) {
        self.finding = finding
        isFinished = true
    }

    fileprivate mutating func begin(floor: Anchor, newest: Int64) {
        hasBegun = true
        self.floor = floor
        first = max(first, floor.sequence + 1)
        if isOpen { last = max(last, newest) }
    }

    fileprivate mutating func accept(_ record: EventRecord) {
        checked = Anchor(sequence: record.event.sequence, hash: record.hash)
        checkedCount += 1
    }
}

extension StoreReader {
    /// How many events one call may check, and how many of them at once: some 400 µs of work.
    package static let chainCallRowCountMax = 1_000
    package static let chainSliceRowCountMax = 100

    /// Checks the next events, at most `rowCount`. Repeat until it is finished.
    package func advance(_ check: inout ChainCheck, rowCount: Int = chainSliceRowCountMax) throws(SQLiteError) {
        if check.isFinished { return }
        if !check.hasBegun {
            try begin(&check)
            if check.isFinished { return }
        }
        var readCount = 0
        var hasMore = false
        var suspect: EventRecord?
        let statement = try connection.statement(Self.eventsFrom)
        statement.bind(1, check.next)
        statement.bind(2, min(check.last, .max - 1))
        statement.bind(3, Int64(rowCount) + 1)
        while suspect == nil, try statement.step() {
            if readCount == rowCount {
                hasMore = true
                break
            }
            readCount += 1
            let record = statement.event()
            if isRight(record, statement.hasReadableMetadata, &check) {
                check.accept(record)
            } else {
                suspect = record
            }
        }
        statement.reset()
        if let suspect { return try judge(suspect, &check) }
        if let anchor = check.anchors.first(where: { $0.sequence == check.checked.sequence }),
            anchor.hash != check.checked.hash, check.checkedCount > 0
        {
            return check.find(.rewritten, at: anchor.sequence)
        }
        if !hasMore { try end(&check) }
    }

    /// What is wrong with an event whose hash is known, when a check has not come by it: it may lie before or behind the
    /// events that were checked.
    package func finding(
        of known: ChainCheck.Anchor, outside check: ChainCheck
    ) throws(SQLiteError) -> ChainCheck.Finding? {
        if (check.first...max(check.first, check.checked.sequence)).contains(known.sequence) { return nil }
        let statement = try connection.statement("SELECT hash FROM event WHERE sequence = ?1")
        statement.bind(1, known.sequence)
        defer { statement.reset() }
        if try statement.step() {
            if statement.digest(0) == known.hash { return nil }
            return ChainCheck.Finding(sequence: known.sequence, fault: .rewritten)
        }
        let (floor, newest, _) = try bounds()
        // Pruned between the question and now.
        if known.sequence <= floor.sequence { return nil }
        return known.sequence > newest
            ? ChainCheck.Finding(sequence: newest + 1, fault: .cut)
            : ChainCheck.Finding(sequence: known.sequence, fault: .deleted)
    }

    /// The number of the newest event that was pruned; 0 if none was.
    package func prunedSequence() throws(SQLiteError) -> Int64 { try bounds().floor.sequence }

    private static let eventsFrom =
        eventSelection + " WHERE event.sequence >= ?1 AND event.sequence <= ?2 ORDER BY event.sequence LIMIT ?3"

    private func begin(_ check: inout ChainCheck) throws(SQLiteError) {
        let (floor, newest, oldest) = try bounds()
        check.begin(floor: floor, newest: newest)
        if check.first == floor.sequence + 1 {
            check.checked = floor
            // What should have been pruned and is there did not come from here.
            if let oldest, oldest <= floor.sequence { check.find(.edited, at: oldest) }
            return
        }
        if check.first - 1 > newest { return check.find(.cut, at: check.first - 1) }
        // If that before the first is missing, the check begins before the gap, which an accepted recovery may explain.
        check.checked = try newestEvent(below: check.first) ?? floor
    }

    private func newestEvent(below sequence: Int64) throws(SQLiteError) -> ChainCheck.Anchor? {
        let statement = try connection.statement(
            "SELECT sequence, hash FROM event WHERE sequence < ?1 ORDER BY sequence DESC LIMIT 1")
        statement.bind(1, sequence)
        guard try statement.step() else { return nil }
        defer { statement.reset() }
        return ChainCheck.Anchor(sequence: statement.integer(0), hash: statement.digest(1) ?? .zero)
    }

    /// The floor, the newest and the oldest event, all of one moment.
    private func bounds() throws(SQLiteError) -> (floor: ChainCheck.Anchor, newest: Int64, oldest: Int64?) {
        let statement = try connection.statement(
            """
            SELECT pruned_sequence, pruned_hash, (SELECT max(sequence) FROM event), (SELECT min(sequence) FROM event)
            FROM store
            """)
        guard try statement.step() else { return (ChainCheck.Anchor(sequence: 0, hash: .zero), 0, nil) }
        defer { statement.reset() }
        return (
            ChainCheck.Anchor(sequence: statement.integer(0), hash: statement.digest(1) ?? .zero),
            statement.integer(2), statement.isNull(3) ? nil : statement.integer(3)
        )
    }

    /// Whether an event follows the last one found right. A jump is left to `judge`, but for an accepted recovery's.
    private func isRight(_ record: EventRecord, _ isReadable: Bool, _ check: inout ChainCheck) -> Bool {
        let isNext = record.event.sequence == check.next
        let rollback = Rollback(acceptedBy: record.event)
        guard isNext || rollback?.isBridged(by: record.event.sequence, from: check.checked) == true, isReadable,
            AuditChain.hash(previous: check.checked.hash, event: record.event) == record.hash
        else { return false }
        for anchor in check.anchors where anchor.sequence == record.event.sequence && anchor.hash != record.hash {
            return false
        }
        if rollback != nil { check.recoveryCount += 1 }
        return true
    }

    /// What is wrong with the event that does not follow.
    private func judge(_ record: EventRecord, _ check: inout ChainCheck) throws(SQLiteError) {
        if record.event.sequence != check.next {
            // A gap. What lay in it may have been pruned since the last slice.
            let floor = try bounds().floor
            if floor.sequence >= check.next {
                check.checked = floor
                return
            }
            return check.find(.deleted, at: check.next)
        }
        if AuditChain.hash(previous: check.checked.hash, event: record.event) == record.hash,
            check.anchors.contains(where: { $0.sequence == record.event.sequence && $0.hash != record.hash })
        {
            return check.find(.rewritten, at: record.event.sequence)
        }
        check.find(try hadAnotherNumber(record) ? .reordered : .edited, at: record.event.sequence)
    }

    /// Whether an event's hash is right for another number nearby, behind a hash that is there.
    private func hadAnotherNumber(_ record: EventRecord) throws(SQLiteError) -> Bool {
        let reach: Int64 = 500
        let statement = try connection.statement("SELECT sequence, hash FROM event WHERE sequence BETWEEN ?1 AND ?2")
        statement.bind(1, record.event.sequence - reach)
        statement.bind(2, record.event.sequence + reach)
        defer { statement.reset() }
        while try statement.step() {
            guard let hash = statement.digest(1) else { continue }
            // The event before it may be where it was, or in the place that this one left.
            for number in [statement.integer(0), statement.integer(0) + 1] where number != record.event.sequence {
                var event = record.event
                event.sequence = number
                if AuditChain.hash(previous: hash, event: event) == record.hash { return true }
            }
        }
        return false
    }

    /// Nothing more to read: is what was read all of it?
    private func end(_ check: inout ChainCheck) throws(SQLiteError) {
        if check.next <= check.last {
            let floor = try bounds().floor
            if floor.sequence >= check.next {
                check.checked = floor
                return
            }
            if let fault = try faultBehind(check) { return check.find(fault, at: check.next) }
        } else if check.isOpen, let missing = try firstHiddenByFloor() {
            return check.find(.deleted, at: missing)
        }
        check.isFinished = true
    }

    /// Why a range has no further event: none was there, or what lies behind the range shows that one is missing.
    private func faultBehind(_ check: ChainCheck) throws(SQLiteError) -> ChainCheck.Fault? {
        if check.isOpen { return .cut }
        let statement = try connection.statement(Self.eventsFrom)
        statement.bind(1, min(check.last, .max - 1) + 1)
        statement.bind(2, Int64.max - 1)
        statement.bind(3, 1 as Int64)
        defer { statement.reset() }
        guard try statement.step() else { return check.anchors.contains { $0.sequence >= check.next } ? .cut : nil }
        var behind = check
        return isRight(statement.event(), statement.hasReadableMetadata, &behind) ? nil : .deleted
    }

    /// A floor that no event tells of was moved to hide what is missing: the first event of that. The newest pruning always
    /// has its event, because it writes it behind all that it removes.
    private func firstHiddenByFloor() throws(SQLiteError) -> Int64? {
        let statement = try connection.statement(
            """
            SELECT store.pruned_sequence, store.pruned_hash, event.target, event.metadata FROM store LEFT JOIN event
                ON event.sequence = (SELECT max(sequence) FROM event WHERE action = '\(PruneEvents.action)')
            """)
        guard try statement.step() else { return nil }
        defer { statement.reset() }
        let floor = ChainCheck.Anchor(sequence: statement.integer(0), hash: statement.digest(1) ?? .zero)
        if floor.sequence == 0 { return nil }
        let told = PruneEvents.floor(
            target: statement.text(2), metadata: MetadataCoding.decode(statement.blob(3)) ?? [])
        return told == floor ? nil : (told?.sequence ?? 0) + 1
    }
}

extension Rollback {
    /// Whether an event with this number goes on where the rolled back store ended, in place of what the mark had named:
    /// only over such a gap does a chain go on.
    fileprivate func isBridged(by sequence: Int64, from last: ChainCheck.Anchor) -> Bool {
        store == last && sequence == lastSequence + 1
    }
}
