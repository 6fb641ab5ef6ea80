import TokenCore
import TokenStore
import TokenWire

/// Takes note of uses of tokens that a client tells of. Ids that are no token's are passed over, as those are that the peer
/// does not reach: the client may be of another store.
struct UsageWork: SlicedWork {
    private struct Usage {
        let tokenID: String
        let at: Instant
    }

    private let dispatcher: Dispatcher
    private let reach: WorkspaceReach
    private var usages: [Usage] = []
    private var doneCount = 0

    init(_ dispatcher: Dispatcher, _ request: borrowing ReportUsageRequest.View, _ context: CallContext) {
        self.dispatcher = dispatcher
        reach = context.peer.power.reach
        var cursor = request.usages.makeCursor()
        while let usage = cursor.next() {
            // More than a client counts between two reports says nothing, and would soon fill the counter.
            dispatcher.metrics.noteUsesReported(min(usage.count, UInt64(UInt32.max)))
            guard TypedID.token.parse(usage.tokenID.span) != nil, let time = usage.lastUsedAt,
                let at = Instant(seconds: time.seconds, nanoseconds: time.nanoseconds)
            else { continue }
            // A clock that is ahead says nothing of the future; the store never moves the time of last use back.
            usages.append(Usage(tokenID: String(copying: usage.tokenID), at: min(at, context.now)))
        }
    }

    mutating func advance() throws -> Bool {
        let end = min(doneCount + ServerLimits.usagesPerSlice, usages.count)
        for usage in usages[doneCount..<end] {
            guard let token = try dispatcher.reader.token(id: usage.tokenID), reach.covers(token.workspaceID) else {
                continue
            }
            dispatcher.note(token.number, usedAt: usage.at)
        }
        doneCount = end
        return end == usages.count
    }

    func answer(streamID: UInt32, into output: inout WireBuffer) {
        dispatcher.answer(streamID, ReportUsageResponse(), &output)
    }

    /// The id's text has an allocation of its own.
    var heldByteCount: Int { 1_024 + 96 * usages.count }
}
