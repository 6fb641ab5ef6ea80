import TokenCore
import TokenStore
import TokenWire

/// Takes note of uses of tokens that a client tells of. Ids that are no token's are passed over, as those are that the peer
/// does not reach: the client may be of another store.
struct UsageWork: SlicedWork {
    private struct Usage {
        let count: UInt64
        let tokenID: String
        /// None of one that says too little to be noted of a token.
        let at: Instant?
    }

    private let dispatcher: Dispatcher
    private var usages: [Usage] = []
    private var doneCount = 0

    init(_ dispatcher: Dispatcher, _ request: borrowing ReportUsageRequest.View, _ context: CallContext) {
        self.dispatcher = dispatcher
        var cursor = request.usages.makeCursor()
        while let usage = cursor.next() {
            // More than a client counts between two reports says nothing, and would soon fill the counter.
            let count = min(usage.count, UInt64(UInt32.max))
            guard TypedID.token.parse(usage.tokenID.span) != nil, let time = usage.lastUsedAt,
                let at = Instant(seconds: time.seconds, nanoseconds: time.nanoseconds)
            else {
                usages.append(Usage(count: count, tokenID: "", at: nil))
                continue
            }
            // A clock that is ahead says nothing of the future; the store never moves the time of last use back.
            usages.append(Usage(count: count, tokenID: String(copying: usage.tokenID), at: min(at, context.now)))
        }
    }

    mutating func advance(_ context: CallContext) throws -> Bool {
        let reach = context.peer.power.reach
        let end = min(doneCount + ServerLimits.usagesPerSlice, usages.count)
        for usage in usages[doneCount..<end] {
            // Not before: who hears that nothing was done reports all of it again.
            dispatcher.metrics.noteUsesReported(usage.count)
            guard let at = usage.at, let token = try dispatcher.reader.token(id: usage.tokenID),
                reach.covers(token.workspaceID)
            else {
                continue
            }
            dispatcher.note(token.number, usedAt: at)
        }
        doneCount = end
        return end == usages.count
    }

    func answer(streamID: UInt32, into output: inout WireBuffer) {
        dispatcher.answer(streamID, ReportUsageResponse(), &output)
    }

    var mayEndUnfinished: Bool { doneCount == 0 }

    /// The id's text has an allocation of its own.
    var heldByteCount: Int { 1_024 + 96 * usages.count }
}
