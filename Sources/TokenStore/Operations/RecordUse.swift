package import TokenCore

/// When tokens were last used, as a loop has gathered it. No event: it is no change that anyone made.
///
/// However often a token stands in it, its row is written at most once, and not at all when it says so much already that
/// less than `coarseness` has passed since. What lies in the future counts as now, and no token is ever said to have been
/// used last earlier than it was.
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
        var newest: [Int64: Instant] = [:]
        for use in uses {
            let at = min(use.at, transaction.now)
            newest[use.tokenNumber] = max(newest[use.tokenNumber] ?? at, at)
        }
        // In the order of the table, so that each of its pages is touched once.
        for (number, at) in newest.sorted(by: { $0.key < $1.key }) {
            try transaction.run(
                """
                UPDATE token SET last_used_at = ?2
                WHERE number = ?1 AND (last_used_at IS NULL OR last_used_at < ?3)
                """
            ) { statement in
                statement.bind(1, number)
                statement.bind(2, at)
                statement.bind(3, at.adding(.zero - coarseness))
            }
        }
    }
}
