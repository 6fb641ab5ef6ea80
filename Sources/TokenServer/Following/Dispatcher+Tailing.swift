import LinuxIO
import TokenCore
import TokenStore
import TokenWire

extension Dispatcher {
    /// Begins to follow the events behind a number, or those that are committed from now on.
    func tailEvents(_ payload: Span<UInt8>, _ context: CallContext) throws -> Tail {
        let request = try TailEventsRequest.View(payload)
        var checks = FieldChecks()
        var filter = EventFilter()
        filter.actor = checks.filter("actor", request.actor)
        filter.action = checks.filter("action", request.action)
        filter.target = checks.filter("target", request.target)
        try checks.finish()
        _ = try eventReader(context)
        // From here on each commit wakes the loop, so that none falls between this look and the first wait.
        inbox.wantsCommits = true
        let newest = try reader.newestSequence()
        let start = request.afterSeq.map { Int64(clamping: $0) } ?? newest
        if start > newest {
            throw Refusal.invalid(
                "after_seq", "is above \(newest), the newest event: this is not the store that it is of")
        }
        return Tail(context: context, filter: filter, lastSequence: start, nextSign: 0)
    }

    /// The next message of a stream, which moves on behind it. Peer and caller are judged again, as of now.
    func message(_ tail: inout Tail) throws -> TailEventsResponse {
        try tail.context.peer.check(tail.context.claim)
        let (scope, _, _) = try eventReader(tail.context)
        let batch = try reader.events(scope, matching: tail.filter, behind: tail.lastSequence)
        tail.lastSequence = batch.last
        tail.isBehind = !batch.isAtEnd
        return TailEventsResponse(events: batch.events.map { .init($0) }, lastSeq: UInt64(batch.last))
    }
}
