import TokenCore
import TokenStore
import TokenWire

/// The audit: its events, and its chain.
extension Dispatcher {
    /// Events of the caller's workspace for who holds `audit:read`; all of them for an operator who names no caller.
    func listEvents(
        _ payload: Span<UInt8>, _ context: CallContext, _ output: inout WireBuffer
    ) throws -> Disposition {
        let request = try ListEventsRequest.View(payload)
        var checks = FieldChecks()
        let pageSize = checks.pageSize("page_size", request.pageSize)
        var filter = EventFilter()
        filter.actor = checks.filter("actor", request.actor)
        filter.action = checks.filter("action", request.action)
        filter.target = checks.filter("target", request.target)
        filter.start = checks.instant("start_time", request.startTime)
        filter.end = checks.instant("end_time", request.endTime)
        try checks.finish()
        let (scope, callerID, workspaceID) = try eventReader(context)
        let cursor = PageCursor(
            of: .listEvents, for: callerID, in: workspaceID, filters: filter.parts, key: store.cursorKey)
        let work = try ListWork(
            self, cursor, request.pageToken, pageSize: pageSize,
            read: { [filter] in
                try self.reader.events(
                    scope, matching: filter, below: $0.below, pageSize: $0.elementCountMax, rowCountMax: $0.rowCountMax)
            },
            count: filter == EventFilter() ? { try self.reader.eventCount(scope) } : nil,
            judge: { try self.eventReader($0).scope == scope },
            make: { ListEventsResponse(events: $0.map { .init($0) }, nextPageToken: $1, totalSize: $2) })
        return try begin(work, context, &output)
    }

    /// Whose events the caller may read, as of now.
    func eventReader(
        _ context: CallContext
    ) throws -> (scope: EventScope, callerID: String, workspaceID: String) {
        if case .none = context.claim, context.peer.holds(.operate) { return (.host, "", "") }
        let caller = try caller(context)
        try caller.checkAuditReading()
        return (
            .workspace(number: caller.principal.workspaceNumber), caller.principal.id, caller.principal.workspaceID
        )
    }

    /// Checks as many events as one call may have, and says where the next call goes on.
    func verifyChain(
        _ payload: Span<UInt8>, _ context: CallContext, _ output: inout WireBuffer
    ) throws -> Disposition {
        let request = try VerifyChainRequest.View(payload)
        let known = try knownEvent(request)
        let (first, last) = (Int64(clamping: request.firstSeq), Int64(clamping: request.lastSeq))
        if last > 0 && last < first { throw Refusal.invalid("first_seq", "lies behind last_seq, \(last)") }
        let newest = max(store.state.current.sequence, known?.sequence ?? 0)
        if first > newest { throw Refusal.invalid("first_seq", "is above \(newest), the newest event") }
        let check = ChainCheck(first: first, last: last, mark: store.state.current, known: known)
        return try begin(ChainWork(self, check, known: known), context, &output)
    }

    /// The event whose hash the client has from elsewhere.
    private func knownEvent(_ request: borrowing VerifyChainRequest.View) throws -> ChainCheck.Anchor? {
        if request.knownSeq == 0 && request.knownHash.isEmpty { return nil }
        guard request.knownSeq > 0, let hash = Digest(bytes: request.knownHash) else {
            throw Refusal.invalid("known_hash", "goes with known_seq and has 32 bytes")
        }
        let sequence = Int64(clamping: request.knownSeq)
        let prunedSequence = try reader.prunedSequence()
        if sequence <= prunedSequence {
            throw Refusal.invalid("known_seq", "is of an event that was pruned; name a later one")
        }
        return ChainCheck.Anchor(sequence: sequence, hash: hash)
    }
}
