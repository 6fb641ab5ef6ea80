import TokenCore

/// What is done when the clock by which changes were made turns out to have been ahead: it was set back before it was
/// believed. What was timed by it would stand until that time comes.
///
/// The writer does this before the first change that it makes by an earlier time. All of it ends sooner than was written;
/// nothing that is dead lives again.
extension WriteTransaction {
    func shortenWhatIsTimedTooLate() throws(ChangeFailure) {
        let overlapCount = try shortenOverlaps()
        let expiryCount = try shortenExpiries()
        // So that a request whose answer was lost is asked again for minutes, and not for years.
        for table in ["request", "account_request"] {
            try run("UPDATE \(table) SET at = ?1 WHERE at > ?1") { $0.bind(1, now) }
        }
        oldestRequestAt = nil
        if overlapCount + expiryCount == 0 { return }
        // Whoever keeps an answer keeps too late an end.
        touchAll()
        try recordOfHost(
            "clock.set_back", actor: "tokend",
            [.init("overlaps", String(overlapCount)), .init("expiries", String(expiryCount))])
    }

    /// An overlap that begins at a time which has not come begins now; it is as long as it was.
    private func shortenOverlaps() throws(ChangeFailure) -> Int {
        let rolls = try sqlite { () throws(SQLiteError) in try connection.overlappingRolls(behind: now) }
        for roll in rolls {
            try run("UPDATE secret SET dies_at = dies_at - ?3 WHERE token = ?1 AND dies_at > 0 AND dies_at > ?2") {
                statement in
                statement.bind(1, roll.token)
                statement.bind(2, now)
                statement.bind(3, roll.rolledAt.microseconds - now.microseconds)
            }
            try run("UPDATE token SET rolled_at = ?2 WHERE number = ?1") { statement in
                statement.bind(1, roll.token)
                statement.bind(2, now)
            }
        }
        return rolls.count
    }

    /// A token that was made at a time which has not come expires no later than one that is made now.
    private func shortenExpiries() throws(ChangeFailure) -> Int {
        let limits = rules.lifetimes
        if limits.personalSeconds == nil && limits.serviceAccountSeconds == nil { return 0 }
        let tokens = try sqlite { () throws(SQLiteError) in try connection.tokensMade(behind: now) }
        var count = 0
        for token in tokens {
            guard let seconds = limits.seconds(token.kind), token.expiresAt > now.adding(seconds: seconds) else {
                continue
            }
            try shortenExpiry(ofToken: token.number, to: now.adding(seconds: seconds))
            count += 1
        }
        return count
    }
}

extension SQLiteConnection {
    /// Tokens with an overlap that runs, whose roll lies behind `now`.
    fileprivate func overlappingRolls(behind now: Instant) throws(SQLiteError) -> [(token: Int64, rolledAt: Instant)] {
        let statement = try statement(
            // The first condition is that of the index.
            """
            SELECT token.number, token.rolled_at FROM secret JOIN token ON token.number = secret.token
            WHERE secret.dies_at > 0 AND secret.dies_at > ?1 AND token.rolled_at > ?1
            """)
        statement.bind(1, now)
        defer { statement.reset() }
        var rolls: [(token: Int64, rolledAt: Instant)] = []
        while try statement.step() { rolls.append((statement.integer(0), statement.instant(1))) }
        return rolls
    }

    /// Tokens that expire and were made behind `now`: they are the newest.
    fileprivate func tokensMade(
        behind now: Instant
    ) throws(SQLiteError) -> [(number: Int64, kind: TokenKind, expiresAt: Instant)] {
        let statement = try statement(
            """
            SELECT token.number, principal.kind, token.expires_at, token.created_at
            FROM token JOIN principal ON principal.number = token.principal
            WHERE token.number < ?1 ORDER BY token.number DESC
            """)
        statement.bind(1, Int64.max)
        defer { statement.reset() }
        var tokens: [(number: Int64, kind: TokenKind, expiresAt: Instant)] = []
        while try statement.step(), statement.instant(3) > now {
            guard let expiresAt = statement.optionalInstant(2) else { continue }
            tokens.append((statement.integer(0), TokenKind(stored: statement.integer(1)), expiresAt))
        }
        return tokens
    }
}
