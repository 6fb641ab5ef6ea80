import LinuxIO
package import TokenCore

/// Reads the store for one thread, through a connection of its own that can't write.
///
/// Each question is a transaction of its own that sees every change that has been answered before it was asked.
package final class StoreReader {
    let connection: SQLiteConnection
    private let rulesInForce: InForce<AccessRules>
    private var rulesCopy: InForce<AccessRules>.Copy
    private let clock: StoreClock
    private var scopes: EffectiveScopes
    var principals: LivePrincipals
    private var keptLiveStatements: LiveStatements?

    /// At hand without looking their texts up.
    struct LiveStatements {
        /// Of `LiveCredential.selection`.
        let token: SQLiteStatement
        /// Of `LivePrincipals.selection`.
        let principal: SQLiteStatement
    }

    init(
        paths: StorePaths, rules: InForce<AccessRules>, clock: StoreClock, epochs: EpochMemory
    ) throws(StoreFailure) {
        connection = try translatingSQLite { () throws(SQLiteError) in
            try SQLiteConnection(path: paths.database, access: .readOnly)
        }
        try Pragmas.applyToReader(connection)
        rulesInForce = rules
        rulesCopy = rules.copy()
        scopes = EffectiveScopes(rulesCopy.value)
        principals = LivePrincipals(epochs)
        self.clock = clock
    }

    /// Reads by the connection of whoever works on a store that nobody serves.
    init(ofStoreAtRest connection: SQLiteConnection) {
        self.connection = connection
        rulesInForce = InForce(.builtIn)
        rulesCopy = rulesInForce.copy()
        scopes = EffectiveScopes(rulesCopy.value)
        principals = LivePrincipals(nil)
        clock = StoreClock(mark: .epoch, wall: Store.systemClock, boottime: Store.systemBoottime)
    }

    /// The rules in force, looked at anew at each use. Unless they have changed that is one load: no lock, no allocation.
    package var rules: AccessRules {
        takeNewestRules()
        return rulesCopy.value
    }

    private func takeNewestRules() {
        if rulesInForce.isNewest(rulesCopy.generation) { return }
        rulesCopy = rulesInForce.copy()
        scopes = EffectiveScopes(rulesCopy.value)
    }

    /// Lends `body` what a token that has `recorded` may do under the rules in force.
    func effectiveScopes(
        recorded: UnsafeRawBufferPointer, role: UnsafeRawBufferPointer?, _ body: (UnsafeRawBufferPointer) -> Void
    ) {
        takeNewestRules()
        scopes.of(recorded: recorded, role: role, body)
    }

    var liveStatements: LiveStatements {
        get throws(SQLiteError) {
            if let statements = keptLiveStatements { return statements }
            let statements = LiveStatements(
                token: try connection.statement(LiveCredential.selection),
                principal: try connection.statement(LivePrincipals.selection))
            keptLiveStatements = statements
            return statements
        }
    }

    /// The instant by which what is read is judged. A wall clock set back does not set it back.
    package var now: Instant { clock.now }

    /// The latest time that is believed: what has happened by then has happened for good.
    package var believedNow: Instant { clock.mark }

    /// Whether the store answers at all.
    package var canRead: Bool {
        (try? connection.singleText("SELECT number FROM store")) != nil
    }

    /// What the secret with this digest is good for; none when no token has or had it. With `isForeign`, one of ours is as
    /// good as none.
    package func credential(_ digest: Digest, isForeign: Bool = false) throws(SQLiteError) -> Credential? {
        guard let found = try connection.credential(digest, rules) else { return nil }
        return isForeign && !found.isImported ? nil : found
    }

    /// Who the claim names, if the peer that makes it reaches the bearer's workspace.
    package func caller(
        _ claim: CallerClaim, now: Instant, within reach: WorkspaceReach = .everywhere
    ) throws(ChangeFailure) -> Caller {
        try connection.caller(claim, now: now, rules, within: reach)
    }
}

@available(*, unavailable, message: "a reader belongs to its thread")
extension StoreReader: Sendable {}
