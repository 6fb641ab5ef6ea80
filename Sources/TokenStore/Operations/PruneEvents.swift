import TokenCore

/// Removes events whose time is over, the oldest first and no more than `rowCountMax` at once, and leaves a head from which
/// the chain still verifies: the hash of the newest event removed, kept with the store and told by an event.
///
/// Age is measured from the mark of the clock, not from the wall clock: one boot in 2099 prunes nothing. The newest event
/// stays, and so does the one that the rollback mark names on the disk, which the store must hold when it is opened.
package struct PruneEvents: Operation {
    package static let retentionDaysMin: Int64 = 365
    package static let rowCountMax = 10_000
    static let action = "audit.pruned"

    package let retentionDays: Int64

    package init(retentionDays: Int64 = retentionDaysMin) {
        self.retentionDays = retentionDays
    }

    /// How many events were removed: when it is `rowCountMax`, there may be more.
    package func perform(in transaction: WriteTransaction) throws(ChangeFailure) -> Int {
        if retentionDays < Self.retentionDaysMin {
            throw .refused(
                Refusal(
                    .retentionBelowMinimum,
                    "events are kept for at least \(Self.retentionDaysMin) days, not \(retentionDays); set more"))
        }
        guard let (floor, count) = try oldEvents(transaction) else { return 0 }
        // Rows of the audit are deleted here and nowhere else.
        try transaction.run("DELETE FROM event WHERE sequence <= ?1") { $0.bind(1, floor.sequence) }
        try transaction.run("UPDATE store SET pruned_sequence = ?1, pruned_hash = ?2") { statement in
            statement.bind(1, floor.sequence)
            statement.bind(2, floor.hash)
        }
        try transaction.record(
            Self.action, target: String(floor.sequence), actor: "tokend", workspaceNumber: nil, workspaceID: nil,
            [
                .init("head", floor.hash.hexadecimal), .init("events", String(count)),
                .init("retention_days", String(retentionDays)),
            ], peer: (nil, nil))
        return count
    }

    /// The newest of those to be removed, and how many there are.
    private func oldEvents(
        _ transaction: WriteTransaction
    ) throws(ChangeFailure) -> (floor: ChainCheck.Anchor, count: Int)? {
        let cutoff = transaction.believedNow.adding(seconds: -retentionDays * 24 * 60 * 60)
        return try sqlite { () throws(SQLiteError) in
            let statement = try transaction.connection.statement(
                "SELECT sequence, at, hash FROM event WHERE sequence < ?1 ORDER BY sequence LIMIT ?2")
            statement.bind(1, min(transaction.ledger.sequence, transaction.markedSequence))
            statement.bind(2, Int64(Self.rowCountMax))
            defer { statement.reset() }
            var readCount = 0
            var found: (floor: ChainCheck.Anchor, count: Int)?
            while try statement.step() {
                readCount += 1
                let at = statement.instant(1)
                if at < cutoff, let hash = statement.digest(2) {
                    found = (ChainCheck.Anchor(sequence: statement.integer(0), hash: hash), readCount)
                } else if at <= transaction.believedNow {
                    break
                }
                // One written while the clock was ahead is as old as its neighbours.
            }
            return found
        }
    }

    /// What an event of a pruning says.
    static func floor(target: String, metadata: [AuditEvent.Metadata]) -> ChainCheck.Anchor? {
        guard let sequence = Int64(target), let text = metadata.first(where: { $0.key == "head" })?.value,
            let hash = Digest(hexadecimal: Array(text.utf8).span)
        else { return nil }
        return ChainCheck.Anchor(sequence: sequence, hash: hash)
    }
}
