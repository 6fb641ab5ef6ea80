package import TokenCore

/// When tokens were last used, as a loop has gathered it. No event: it is no change that anyone made.
///
/// However often a token stands in it, its row is written at most once, and not at all when it says so much already that
/// less than `coarseness` has passed since. What lies in the future counts as now, and no token is ever said to have been
/// used last earlier than it was; but at a time that has not come, which a clock that was ahead has written, it was not.
package struct RecordUse: Operation {
    package struct Use: Sendable {
        package let tokenNumber: Int64
        package let at: Instant

        package init(tokenNumber: Int64, at: Instant) {
            self.tokenNumber = tokenNumber
            self.at = at
        }
    }

    package let uses: [Use]
    package let coarseness: Duration

    package init(uses: [Use], coarseness: Duration = .zero) {
        self.uses = uses
        self.coarseness = coarseness
    }

    package func perform(in transaction: WriteTransaction) throws(ChangeFailure) {
        // In the order of the table, so that each of its pages is touched once.
        let sorted = uses.sorted { ($0.tokenNumber, $0.at) < ($1.tokenNumber, $1.at) }
        for (use, next) in zip(sorted, sorted.dropFirst().map(\.tokenNumber) + [0]) where use.tokenNumber != next {
            let at = min(use.at, transaction.now)
            try transaction.run(
                """
                INSERT INTO token_use (token, last_at) VALUES (?1, ?2)
                ON CONFLICT (token) DO UPDATE SET last_at = ?2 WHERE last_at < ?3 OR last_at > ?4
                """
            ) { statement in
                statement.bind(1, use.tokenNumber)
                statement.bind(2, at)
                // Never above ?2, so that no row is set back.
                statement.bind(3, at.adding(.zero - coarseness))
                statement.bind(4, transaction.now)
            }
        }
    }
}
