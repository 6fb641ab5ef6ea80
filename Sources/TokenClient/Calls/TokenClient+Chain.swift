internal import TokenWire

/// Checking the audit, on the socket ``Configuration/operatorSocketPath``; see PROTOCOL.md ("Checking the chain").
extension TokenClient {
    /// Checks the chain of the audit: that no event was edited, deleted or put elsewhere, and that none was cut off behind an
    /// event that is known. Blocks the thread until the daemon has checked all, which it does in as many calls as it takes.
    ///
    /// - Parameters:
    ///   - first: Number of the first event to check; 0 for the oldest kept.
    ///   - last: Number of the last event to check; 0 for the newest.
    ///   - known: An event known from elsewhere. Who can write the store can compute a new chain, but not change what is
    ///     elsewhere.
    ///   - timeout: How long each call may take; ``Configuration/callTimeout`` if nil.
    ///   - onProgress: Told the number of the last event checked, after each call.
    /// - Returns: What was found, up to the first fault.
    /// - Throws: `invalidArgument` for a range without events or a known event that was pruned, `permissionDenied` on another
    ///   socket or as another user, the codes of connection and time.
    public func verifyChain(
        from first: UInt64 = 0, through last: UInt64 = 0, knowing known: ChainHead? = nil, timeout: Duration? = nil,
        onProgress: ((UInt64) -> Void)? = nil
    ) throws(TokenError) -> ChainReport {
        var walk = ChainWalk(first: first, last: last, known: known)
        while let exchange = walk.next {
            try walk.take(try perform(exchange, timeout: timeout))
            onProgress?(walk.checkedSequence)
        }
        return try walk.finished()
    }

    /// The form of `verifyChain` for tasks: suspends and never blocks a thread of the pool. Throws `cancelled` too.
    public func verifyChain(
        from first: UInt64 = 0, through last: UInt64 = 0, knowing known: ChainHead? = nil, timeout: Duration? = nil,
        onProgress: ((UInt64) -> Void)? = nil
    ) async throws(TokenError) -> ChainReport {
        var walk = ChainWalk(first: first, last: last, known: known)
        while let exchange = walk.next {
            try walk.take(try await perform(exchange, timeout: timeout))
            onProgress?(walk.checkedSequence)
        }
        return try walk.finished()
    }
}

/// One check, made of calls that each go on where the last one ended.
private struct ChainWalk {
    private let last: UInt64
    private(set) var next: Exchange<VerifyChainRequest, ChainSlice>?
    private var first: UInt64?
    private var newest: ChainReport?
    private var recoveryCount = 0

    init(first: UInt64, last: UInt64, known: ChainHead?) {
        self.last = last
        next = Self.exchange(first, last, known)
    }

    private static func exchange(
        _ first: UInt64, _ last: UInt64, _ known: ChainHead?
    ) -> Exchange<VerifyChainRequest, ChainSlice> {
        let request = VerifyChainRequest(
            firstSeq: first, lastSeq: last, knownSeq: known?.sequence ?? 0, knownHash: known?.hash ?? [])
        return Exchange(method: .verifyChain, request: request)
    }

    var checkedSequence: UInt64 { newest?.last?.sequence ?? 0 }

    mutating func take(_ slice: ChainSlice) throws(TokenError) {
        first = first ?? slice.report.first
        newest = slice.report
        recoveryCount += slice.report.recoveryCount
        guard let position = slice.next, slice.report.isIntact else {
            next = nil
            return
        }
        guard let reached = slice.report.last, position > reached.sequence, reached.sequence >= slice.report.first
        else {
            throw .protocolViolation("a check of the chain does not come forward")
        }
        // What was found right is what the next events hang on.
        next = Self.exchange(position, last, reached)
    }

    func finished() throws(TokenError) -> ChainReport {
        guard let newest, let first else { throw .protocolViolation("a check of the chain found nothing") }
        return ChainReport(
            first: first, last: newest.last, fault: newest.fault, faultSequence: newest.faultSequence,
            floor: newest.floor, markSequence: newest.markSequence, recoveryCount: recoveryCount)
    }
}
