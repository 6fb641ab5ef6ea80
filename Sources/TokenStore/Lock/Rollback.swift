import TokenCore

/// A store that lacks the event which its rollback mark names: it ends before that, or has another in its place. It is an
/// older copy, or it has lost changes; tokens that were revoked are live in it again.
package struct Rollback: Sendable, Equatable {
    /// What becomes of the tokens that are live in it.
    package enum Tokens: String, Sendable {
        case revoked
        case kept
    }

    /// Where the store's chain ends.
    package let store: ChainCheck.Anchor
    /// What the mark names.
    package let mark: ChainCheck.Anchor

    init(store: ChainCheck.Anchor, mark: ChainCheck.Anchor) {
        self.store = store
        self.mark = mark
    }

    /// The recovery takes the next number: none that was given to another event is given again.
    var lastSequence: Int64 { max(store.sequence, mark.sequence) }
}

/// How the event of an accepted rollback tells of it. PROTOCOL.md ("Events") says the same.
extension Rollback {
    static let action = "store.recovered"

    func metadata(_ tokens: Tokens, endedTokenCount: Int64) -> [AuditEvent.Metadata] {
        [
            .init("store_seq", String(store.sequence)), .init("store_hash", store.hash.hexadecimal),
            .init("mark_seq", String(mark.sequence)), .init("mark_hash", mark.hash.hexadecimal),
            .init("tokens", tokens.rawValue), .init("ended_token_count", String(endedTokenCount)),
        ]
    }

    /// None for any other event.
    init?(acceptedBy event: AuditEvent) {
        guard event.action == Self.action, let store = Self.anchor("store", event),
            let mark = Self.anchor("mark", event)
        else { return nil }
        self.init(store: store, mark: mark)
    }

    private static func anchor(_ name: String, _ event: AuditEvent) -> ChainCheck.Anchor? {
        func value(_ key: String) -> String? { event.metadata.first { $0.key == "\(name)_\(key)" }?.value }
        guard let sequence = value("seq").flatMap({ Int64($0) }), let text = value("hash"),
            let hash = Digest(hexadecimal: Array(text.utf8).span)
        else { return nil }
        return ChainCheck.Anchor(sequence: sequence, hash: hash)
    }
}

/// What a store is to its rollback mark.
enum MarkStanding {
    /// The mark names no event, and the store is not one that was just restored: its making did not finish.
    case unborn
    /// It holds the event that the mark names.
    case current
    /// It holds an event that accepts to do without: the process that wrote it ended before it had written the mark.
    case accepted
    case rolledBack(Rollback)

    init(of mark: RollbackMark, in connection: SQLiteConnection) throws(SQLiteError) {
        if mark.sequence == 0 {
            self = try connection.newestAction() == RestoreCopy.action ? .accepted : .unborn
            return
        }
        if try connection.eventHash(mark.sequence) == mark.head {
            self = .current
            return
        }
        let named = ChainCheck.Anchor(sequence: mark.sequence, hash: mark.head)
        if let accepted = try connection.firstRecovery(behind: mark.sequence), accepted.mark == named {
            self = .accepted
            return
        }
        let ledger = try Ledger(reading: connection)
        self = .rolledBack(
            Rollback(store: ChainCheck.Anchor(sequence: ledger.sequence, hash: ledger.head), mark: named))
    }
}

extension SQLiteConnection {
    /// None when there is no such event.
    func eventHash(_ sequence: Int64) throws(SQLiteError) -> Digest? {
        let statement = try statement("SELECT hash FROM event WHERE sequence = ?1")
        statement.bind(1, sequence)
        defer { statement.reset() }
        return try statement.step() ? statement.digest(0) : nil
    }

    fileprivate func newestAction() throws(SQLiteError) -> String? {
        let statement = try statement("SELECT action FROM event ORDER BY sequence DESC LIMIT 1")
        defer { statement.reset() }
        return try statement.step() ? statement.text(0) : nil
    }

    fileprivate func firstRecovery(behind sequence: Int64) throws(SQLiteError) -> Rollback? {
        let statement = try statement(
            StoreReader.eventSelection
                + " WHERE event.sequence > ?1 AND event.action = ?2 ORDER BY event.sequence LIMIT 1")
        statement.bind(1, sequence)
        statement.bind(2, Rollback.action)
        defer { statement.reset() }
        return try statement.step() ? Rollback(acceptedBy: statement.event().event) : nil
    }
}
