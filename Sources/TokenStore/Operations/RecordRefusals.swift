package import TokenCore

/// What was refused to peers in some minute: one event for each peer, method, reason and minute, with how often. These are
/// the only events without a change, and being counted they can't fill the disk.
package struct RecordRefusals: Operation {
    package struct Count: Sendable {
        package let peerUserID: UInt32
        /// As the protocol names it, such as `TokenService/CreateToken`.
        package let method: String
        /// One of the documented codes.
        package let reason: String
        /// The minute's beginning.
        package let minute: Instant
        package let count: UInt64
        /// Of the first that is counted here.
        package let traceID: String

        package init(
            peerUserID: UInt32, method: String, reason: String, minute: Instant, count: UInt64, traceID: String
        ) {
            self.peerUserID = peerUserID
            self.method = method
            self.reason = reason
            self.minute = minute
            self.count = count
            self.traceID = traceID
        }
    }

    package let counts: [Count]

    package init(counts: [Count]) {
        self.counts = counts
    }

    package func perform(in transaction: WriteTransaction) throws(ChangeFailure) {
        for refused in merged() where refused.count > 0 {
            try transaction.record(
                "auth.refused", target: refused.method, actor: "uid:\(refused.peerUserID)", workspaceNumber: nil,
                workspaceID: nil,
                [
                    .init("reason", refused.reason), .init("minute", refused.minute.description),
                    .init("count", String(refused.count)),
                ], peer: (refused.peerUserID, nil), traceID: refused.traceID)
        }
    }

    /// Each peer, method, reason and minute once, in the order of their first mention.
    private func merged() -> [Count] {
        struct Key: Hashable {
            let peerUserID: UInt32
            let method: String
            let reason: String
            let minute: Instant
        }
        var places: [Key: Int] = [:]
        var merged: [Count] = []
        for refused in counts {
            let key = Key(
                peerUserID: refused.peerUserID, method: refused.method, reason: refused.reason, minute: refused.minute)
            guard let place = places[key] else {
                places[key] = merged.count
                merged.append(refused)
                continue
            }
            let (sum, isTooLarge) = merged[place].count.addingReportingOverflow(refused.count)
            merged[place] = Count(
                peerUserID: refused.peerUserID, method: refused.method, reason: refused.reason,
                minute: refused.minute, count: isTooLarge ? .max : sum, traceID: merged[place].traceID)
        }
        return merged
    }
}
