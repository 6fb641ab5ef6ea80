package import TokenCore

/// Lets go of a clock mark that lies ahead of the time: the wall clock was wrong for so long that it was believed. For the
/// host's operator, who says that the clock is right now. The store was opened for it: see `OfflineWork`.
package struct ResetClock: Operation {
    package let actor: String

    package init(actor: String) {
        self.actor = actor
    }

    /// The mark that was let go; none when it was not ahead, and nothing was changed.
    package func perform(in transaction: WriteTransaction) throws(ChangeFailure) -> Instant? {
        let kept = try sqlite { () throws(SQLiteError) in try transaction.connection.keptClockMark() }
        if kept <= transaction.now { return nil }
        try transaction.run("UPDATE store SET clock_mark = ?1") { $0.bind(1, transaction.now) }
        try transaction.recordOfHost(
            "clock.reset", actor: actor,
            [.init("previous_mark", kept.description), .init("mark", transaction.now.description)])
        return kept
    }
}

extension WriteTransaction {
    /// Writes the event of what a command on the host has done to the whole store.
    func recordOfHost(
        _ action: String, actor: String, _ metadata: [AuditEvent.Metadata]
    ) throws(ChangeFailure) {
        let id = try sqlite { () throws(SQLiteError) in try connection.storeID() }
        try record(
            action, target: id, actor: actor, workspaceNumber: nil, workspaceID: nil, metadata, peer: (nil, nil))
    }
}

extension SQLiteConnection {
    /// As the events of the store name it.
    fileprivate func storeID() throws(SQLiteError) -> String {
        let statement = try statement("SELECT id FROM store")
        defer { statement.reset() }
        guard try statement.step(), let id = StoreID(bytes: statement.blob(0)) else { return "" }
        return id.description
    }
}
