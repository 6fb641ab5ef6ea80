package import TokenCore

/// An audit event as the store has it, with its place in the chain.
package struct EventRecord: Sendable {
    package let event: AuditEvent
    package let hash: Digest
}

/// Which events a list shows.
package struct EventFilter: Sendable, Equatable {
    package var actor = ""
    /// An action, or with a trailing `.*` all that begin so.
    package var action = ""
    package var target = ""
    /// At or after this.
    package var start: Instant?
    /// Before this.
    package var end: Instant?

    package init() {}

    func admits(_ event: AuditEvent) -> Bool {
        if !actor.isEmpty && event.actor != actor { return false }
        if !target.isEmpty && event.target != target { return false }
        if let start, event.at < start { return false }
        if let end, event.at >= end { return false }
        if action.utf8.suffix(2).elementsEqual(".*".utf8) {
            return event.action.utf8.starts(with: action.utf8.dropLast(1))
        }
        return action.isEmpty || event.action == action
    }
}

/// Whose events a list shows.
package enum EventScope: Sendable, Equatable {
    case workspace(number: Int64)
    /// Every workspace's, and the host's own.
    case host
}

/// Events that follow a number, and how far one look has come.
package struct EventBatch: Sendable {
    package static let eventCountMax = 100
    /// A filter may pass over many: one look is no longer than a slice of a list, so that it holds up no loop.
    static let rowCountMax = ListLimits.sliceRowCountMax

    package private(set) var events: [EventRecord] = []
    /// Every event up to this one is in the batch, or is not asked for.
    package private(set) var last: Int64
    /// Nothing follows yet.
    package private(set) var isAtEnd = false
    private var readCount = 0

    init(last: Int64) {
        self.last = last
    }

    var isFull: Bool { events.count == Self.eventCountMax || readCount == Self.rowCountMax }

    mutating func take(_ record: EventRecord, isAdmitted: Bool) {
        readCount += 1
        last = record.event.sequence
        if isAdmitted { events.append(record) }
    }

    mutating func end(at newest: Int64) {
        last = max(last, newest)
        isAtEnd = true
    }
}

extension StoreReader {
    /// One page of events, newest first.
    package func events(
        _ scope: EventScope, matching filter: EventFilter, below: Int64, pageSize: Int,
        rowCountMax: Int = ListLimits.rowCountMax
    ) throws(ChangeFailure) -> ListPage<EventRecord> {
        var page = PageBuilder<EventRecord>(pageSize: pageSize, rowCountMax: rowCountMax)
        try forEachEvent(scope, below: below) { record in
            page.take(record, number: record.event.sequence, isAdmitted: filter.admits(record.event))
        }
        return page.finished
    }

    /// The newest event's number.
    package func newestSequence() throws(ChangeFailure) -> Int64 {
        try sqlite { () throws(SQLiteError) in
            let statement = try connection.statement("SELECT max(sequence) FROM event")
            defer { statement.reset() }
            return try statement.step() ? statement.integer(0) : 0
        }
    }

    /// The next events behind a number, in the order of their numbers.
    package func events(
        _ scope: EventScope, matching filter: EventFilter, behind sequence: Int64
    ) throws(ChangeFailure) -> EventBatch {
        let newest = try newestSequence()
        var batch = EventBatch(last: sequence)
        return try sqlite { () throws(SQLiteError) in
            let statement: SQLiteStatement
            switch scope {
            case .host:
                statement = try connection.statement(Self.behindOfHost)
            case .workspace(let number):
                statement = try connection.statement(Self.behindOfWorkspace)
                statement.bind(3, number)
            }
            statement.bind(1, sequence)
            // What is committed from here on is for the next batch.
            statement.bind(2, newest)
            defer { statement.reset() }
            while try statement.step() {
                if batch.isFull { return batch }
                let record = statement.event()
                batch.take(record, isAdmitted: filter.admits(record.event))
            }
            batch.end(at: newest)
            return batch
        }
    }

    /// How many events there are, up to `rowCountMax`: entries of an index are counted, and no row is read.
    package func eventCount(_ scope: EventScope) throws(ChangeFailure) -> Int {
        try sqlite { () throws(SQLiteError) in
            let statement: SQLiteStatement
            switch scope {
            case .host:
                statement = try connection.statement("SELECT count(*) FROM (SELECT 1 FROM event LIMIT ?1)")
            case .workspace(let number):
                statement = try connection.statement(
                    "SELECT count(*) FROM (SELECT 1 FROM event WHERE workspace = ?2 LIMIT ?1)")
                statement.bind(2, number)
            }
            statement.bind(1, Int64(ListLimits.rowCountMax))
            defer { statement.reset() }
            return try statement.step() ? Int(statement.integer(0)) : 0
        }
    }

    static let eventSelection = """
        SELECT event.sequence, event.at, workspace.id, event.actor, event.peer_uid, event.peer_pid, event.action,
            event.target, event.metadata, event.trace_id, event.hash
        FROM event LEFT JOIN workspace ON workspace.number = event.workspace
        """
    private static let ofHost = eventSelection + " WHERE event.sequence < ?1 ORDER BY event.sequence DESC"
    private static let ofWorkspace =
        eventSelection + " WHERE event.workspace = ?2 AND event.sequence < ?1 ORDER BY event.sequence DESC"

    private static let behindOfHost =
        eventSelection + " WHERE event.sequence > ?1 AND event.sequence <= ?2 ORDER BY event.sequence"
    private static let behindOfWorkspace =
        eventSelection
        + " WHERE event.workspace = ?3 AND event.sequence > ?1 AND event.sequence <= ?2 ORDER BY event.sequence"

    private func forEachEvent(
        _ scope: EventScope, below: Int64, _ body: (EventRecord) -> Bool
    ) throws(ChangeFailure) {
        try sqlite { () throws(SQLiteError) in
            let statement: SQLiteStatement
            switch scope {
            case .host:
                statement = try connection.statement(Self.ofHost)
            case .workspace(let number):
                statement = try connection.statement(Self.ofWorkspace)
                statement.bind(2, number)
            }
            statement.bind(1, below)
            defer { statement.reset() }
            while try statement.step() {
                if !body(statement.event()) { return }
            }
        }
    }
}

extension SQLiteStatement {
    func event() -> EventRecord {
        let event = AuditEvent(
            sequence: integer(0), at: instant(1), workspaceID: optionalText(2), actor: text(3),
            peerUID: isNull(4) ? nil : UInt32(truncatingIfNeeded: integer(4)),
            peerPID: isNull(5) ? nil : Int32(truncatingIfNeeded: integer(5)), action: text(6), target: text(7),
            metadata: MetadataCoding.decode(blob(8)) ?? [], traceID: text(9))
        return EventRecord(event: event, hash: digest(10) ?? .zero)
    }

    /// False for metadata that no event was written with; such a one is read as if it had none.
    var hasReadableMetadata: Bool { MetadataCoding.decode(blob(8)) != nil }
}
