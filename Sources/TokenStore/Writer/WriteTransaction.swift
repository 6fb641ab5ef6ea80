import LinuxIO
import TokenCore

/// What an operation has at hand while its savepoint is open. It belongs to the writer's thread.
package final class WriteTransaction {
    let connection: SQLiteConnection
    /// Of the savepoint: what a reload in it, or before it, has made them.
    private(set) var rules: AccessRules
    private(set) var origin: Origin
    /// The one moment at which everything in the savepoint is judged and recorded.
    private(set) var now: Instant
    /// The latest time that is believed: what goes by it is not undone by a wrong clock.
    private(set) var believedNow: Instant
    /// The latest time by which something may have been written.
    private var latestNow: Instant
    /// The event that the rollback mark names on the disk: the store must hold it when it is opened.
    var markedSequence: Int64 = 0
    private(set) var ledger: Ledger
    /// The disk is full: only what takes rights away is done.
    var isOnReserve = false
    /// A token was imported since the store was opened.
    var hasImported = false
    /// Shards in which an answer that somebody may have kept is wrong once this is committed. What a rolled back savepoint
    /// touched stays: to move an epoch too many costs a read.
    var touched = EpochShards()
    private var identifiers = ULIDGenerator()
    private static let nobody = Origin(
        claim: .none, peerUserID: .max, peerProcessID: 0, traceID: "", deadlineNanoseconds: nil)
    /// How often the rules were replaced.
    private var rulesChangeCount = 0
    /// No remembered request is older; none when that is not known. A row too old that is overlooked for it is harmless: it
    /// is not looked at either.
    var oldestRequestAt: Instant?

    /// `settlesClock`: what an earlier writer timed by a clock that was ahead is put right at once. Not before a rollback is
    /// accepted, whose event must be the next.
    init(connection: SQLiteConnection, rules: AccessRules, settlesClock: Bool) throws(SQLiteError) {
        self.connection = connection
        self.rules = rules
        origin = Self.nobody
        now = .epoch
        believedNow = .epoch
        latestNow = settlesClock ? Instant(microseconds: .max) : .epoch
        ledger = try Ledger(reading: connection)
    }

    /// Begins the work of one job.
    func begin(_ origin: Origin, now: Instant, believedNow: Instant) {
        self.origin = origin
        self.now = now
        self.believedNow = believedNow
        latestNow = max(latestNow, now)
    }

    /// Before the first job of a batch: puts right what was timed by a clock that has been set back since.
    func settleClock(now: Instant, believedNow: Instant) throws(ChangeFailure) {
        if now >= latestNow { return }
        begin(Self.nobody, now: now, believedNow: believedNow)
        try shortenWhatIsTimedTooLate()
        latestNow = now
    }

    /// What lies outside of the database and goes back with what is rolled back there.
    struct Standing {
        let ledger: Ledger
        let rules: AccessRules
        let rulesChangeCount: Int
        fileprivate let latestNow: Instant
    }

    var standing: Standing {
        Standing(ledger: ledger, rules: rules, rulesChangeCount: rulesChangeCount, latestNow: latestNow)
    }

    /// Puts everything back to where it was before something that was rolled back.
    func restore(_ standing: Standing) {
        ledger = standing.ledger
        rules = standing.rules
        rulesChangeCount = standing.rulesChangeCount
        latestNow = standing.latestNow
        oldestRequestAt = nil
    }

    /// The next event is that of this rollback's acceptance.
    func skip(to rollback: Rollback) throws(ChangeFailure) {
        if ledger.sequence != rollback.store.sequence || ledger.head != rollback.store.hash {
            throw .refused(Refusal(.internalError, "the store is not the one whose rollback was accepted"))
        }
        ledger.skip(to: rollback)
    }

    /// Judges by other rules from here on; readers do so when the change is committed.
    func adopt(_ rules: AccessRules) {
        self.rules = rules
        rulesChangeCount += 1
        touchAll()
    }

    /// Tokens of a member, an account, a workspace or all of them are about to be worth less, or other scopes: one change
    /// of a row that any number hang on moves every epoch.
    func touchAll() { touched.insertAll() }

    /// The token's secrets that verify now, or would if a clock that is ahead were put right, are about to do so no longer, or
    /// not for as long: call before they are changed.
    func touchSecrets(ofToken number: Int64) throws(ChangeFailure) {
        try sqlite { () throws(SQLiteError) in
            let statement = try connection.statement(
                """
                SELECT number FROM secret WHERE token = ?1 AND dies_at IS NULL
                UNION ALL SELECT number FROM secret WHERE token = ?1 AND dies_at > 0 AND dies_at > ?2
                """)
            statement.bind(1, number)
            statement.bind(2, believedNow)
            while try statement.step() {
                touched.insert(Digest.shard(ofSecretNumber: statement.integer(0), of: EpochLayout.shardCount))
            }
        }
    }

    /// Before anything is written, by who knows what was: a change that also gives something waits until there is room.
    func checkTakesOnly(_ takesOnly: Bool) throws(ChangeFailure) {
        if isOnReserve && !takesOnly { throw .refused(.diskFull) }
    }

    /// For whom the job is done, as the store says inside this transaction.
    func caller() throws(ChangeFailure) -> Caller {
        try connection.caller(origin.claim, now: now, rules, within: origin.reach)
    }

    func newID(_ kind: TypedID) -> String {
        let high = Randomness.word()
        return kind.text(
            identifiers.next(at: now, random: (UInt16(truncatingIfNeeded: high), Randomness.word())))
    }

    /// Writes the event of a change made by `caller`.
    func record(
        _ action: String, target: String, by caller: Caller, _ metadata: [AuditEvent.Metadata] = []
    ) throws(ChangeFailure) {
        var metadata = metadata
        if let bearer = caller.bearer { metadata.append(.init("by_token", bearer.tokenID)) }
        try record(
            action, target: target, actor: caller.principal.id, workspaceNumber: caller.principal.workspaceNumber,
            workspaceID: caller.principal.workspaceID, metadata)
    }

    func record(
        _ action: String, target: String, actor: String, workspaceNumber: Int64?, workspaceID: String?,
        _ metadata: [AuditEvent.Metadata] = [], peer: (userID: UInt32?, processID: Int32?)? = nil,
        traceID: String? = nil
    ) throws(ChangeFailure) {
        let peer = peer ?? (origin.peerUserID, origin.peerProcessID)
        let event = AuditEvent(
            sequence: 0, at: now, workspaceID: workspaceID, actor: actor, peerUID: peer.userID,
            peerPID: peer.processID, action: action, target: target, metadata: metadata,
            traceID: traceID ?? origin.traceID)
        try sqlite { () throws(SQLiteError) in
            try ledger.append(event, workspaceNumber: workspaceNumber, to: connection)
        }
    }

    /// A statement that returns no row, its parameters bound by `bind`.
    func run(_ text: String, _ bind: (SQLiteStatement) -> Void) throws(ChangeFailure) {
        try sqlite { () throws(SQLiteError) in
            let statement = try connection.statement(text)
            bind(statement)
            try statement.run()
        }
    }

    /// The token an operation was asked to act on, if the caller may see it.
    func visibleToken(id: String, to caller: Caller) throws(ChangeFailure) -> TokenRecord {
        let token = try sqlite { () throws(SQLiteError) in try connection.token(id: id) }
        guard let token, caller.mayManage(token) else { throw .refused(.notFound("token")) }
        return token
    }

    /// The token that an operation has just written; it must be there.
    func writtenToken(_ number: Int64) throws(ChangeFailure) -> TokenRecord {
        guard let token = try sqlite({ () throws(SQLiteError) in try connection.token(number: number) }) else {
            throw .refused(Refusal(.internalError, "the token just written is not there"))
        }
        return token
    }
}

@available(*, unavailable, message: "a transaction belongs to the writer's thread")
extension WriteTransaction: Sendable {}
