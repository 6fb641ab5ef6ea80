package import TokenCore

/// When tokens were last used, as a loop has gathered it. No event: it is no change that anyone made.
///
/// However often a token stands in it, the row that it shares with others is written at most once, and not at all when it
/// says of all of them so much already that no more than `coarseness` has passed since. What lies in the future counts as
/// now, and no token is ever said to have been used last earlier than it was; but at a time that has not come, which a clock
/// that was ahead has written, it was not.
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
        // In the order of the table, so that each of its rows is written once; of a token's uses the last one first.
        let sorted = uses.sorted { ($0.tokenNumber, $1.at) < ($1.tokenNumber, $0.at) }
        var rest = sorted[...]
        while let first = rest.first {
            let number = UseBlock.number(ofToken: first.tokenNumber)
            let end = rest.firstIndex { UseBlock.number(ofToken: $0.tokenNumber) != number } ?? rest.endIndex
            try record(rest[..<end], inBlock: number, of: transaction)
            rest = rest[end...]
        }
    }

    private func record(
        _ uses: ArraySlice<Use>, inBlock number: Int64, of transaction: WriteTransaction
    ) throws(ChangeFailure) {
        try sqlite { () throws(SQLiteError) in
            var block = try UseBlock(number: number, reading: transaction.connection)
            var hasChanged = false
            for use in uses {
                let at = min(use.at, transaction.now)
                if let last = block[use.tokenNumber], isEnough(last, for: at, now: transaction.now) { continue }
                block[use.tokenNumber] = at
                hasChanged = true
            }
            if hasChanged { try block.write(to: transaction.connection) }
        }
    }

    /// Whether what the store says already will do.
    private func isEnough(_ last: Instant, for at: Instant, now: Instant) -> Bool {
        last >= at.adding(.zero - coarseness) && last <= now
    }
}
