import LinuxIO

/// What a store is to be made of, and where.
package struct RestorePlan: Sendable {
    /// What the operator says to a copy that lacks events which had been committed here.
    package struct Consent: Sendable {
        /// The event at which the copy ends: it shows that it is this copy that is meant.
        package let sequence: Int64

        package init(sequence: Int64) {
            self.sequence = sequence
        }
    }

    /// Open for reading, at its beginning, until the restoration has ended.
    let copyDescriptor: Int32
    /// For messages.
    let copyPath: String
    /// Of the store; made if it is not there.
    let directory: String
    /// Beside the daemon's socket.
    let epochPagePath: String
    /// Who restores.
    let actor: String
    let consent: Consent?
    /// What becomes of the tokens that are live in the copy.
    let tokens: Rollback.Tokens
    let leaseNanoseconds: Int64

    package init(
        copyDescriptor: Int32, copyPath: String, directory: String, epochPagePath: String, actor: String,
        consent: Consent? = nil, tokens: Rollback.Tokens = .kept,
        leaseNanoseconds: Int64 = EpochLayout.leaseNanoseconds
    ) {
        self.copyDescriptor = copyDescriptor
        self.copyPath = copyPath
        self.directory = directory
        self.epochPagePath = epochPagePath
        self.actor = actor
        self.consent = consent
        self.tokens = tokens
        self.leaseNanoseconds = leaseNanoseconds
    }
}

/// What came of it.
package struct RestoredStore: Sendable {
    package let id: StoreID
    /// The newest event of the copy.
    package let copySequence: Int64
    /// The newest event of the store, which tells of the restoration.
    package let sequence: Int64
    /// What the copy lacked of what had been committed here; none if nothing.
    package let rollback: Rollback?
    package let endedTokenCount: Int64
    /// Where the database is that was there before; none if there was none.
    package let replacedDatabase: String?
}
