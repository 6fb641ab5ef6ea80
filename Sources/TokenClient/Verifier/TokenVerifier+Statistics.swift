internal import Synchronization

extension TokenVerifier {
    /// What a verifier has done since it was made, in this process.
    public struct Statistics: Hashable, Sendable {
        /// Valid, from memory.
        public fileprivate(set) var hitCount: UInt64 = 0
        /// `insufficientScope` or `workspaceMismatch`, from memory.
        public fileprivate(set) var refusalCount: UInt64 = 0
        /// The daemon was asked because nothing was remembered that is still good.
        public fileprivate(set) var missCount: UInt64 = 0
        /// The daemon was asked because a call said `fresh`.
        public fileprivate(set) var freshCount: UInt64 = 0
        /// The daemon was asked because there was no epoch page to believe: ``pageProblem`` says why.
        public fileprivate(set) var withoutPageCount: UInt64 = 0
        /// The daemon was asked because it had not renewed the page's lease: it is gone, or hangs.
        public fileprivate(set) var leaseOverCount: UInt64 = 0
        /// The daemon was asked because it had been restarted.
        public fileprivate(set) var restartedCount: UInt64 = 0
        /// Why there is no epoch page to believe now, and what to do about it; nil if there is one.
        public fileprivate(set) var pageProblem: String?
        /// Tokens that are remembered.
        public fileprivate(set) var entryCount: Int = 0
        /// Uses of tokens that the daemon will never be told of, because it could not be reached for long.
        public fileprivate(set) var lostUseCount: UInt64 = 0

        /// All answers that the daemon was asked for because the epoch page could not be believed.
        public var fallbackCount: UInt64 { withoutPageCount + leaseOverCount + restartedCount }
    }

    /// What it has done. It takes some time: all that is remembered is gone through.
    public var statistics: Statistics {
        guard let core else { return Statistics() }
        return core.statistics
    }

    /// Tells the daemon now which tokens were used before this call; it is told every minute anyway. For a service that is
    /// about to end. Any thread may call it at any time. It takes a call for every thousand tokens.
    ///
    /// - Parameter timeout: How long each call may take; ``TokenClient/Configuration/callTimeout`` if nil.
    /// - Throws: What a call throws; what was not told yet is kept for the next report. After `connectionLost` or
    ///   `deadlineExceeded` the daemon may be told a count twice.
    public func reportUsage(timeout: Duration? = nil) throws(TokenError) {
        try core?.report(timeout: timeout)
    }

    /// The form of `reportUsage` for tasks. Throws `cancelled` too, behind which a count may be told twice as well.
    public func reportUsage(timeout: Duration? = nil) async throws(TokenError) {
        try await core?.report(timeout: timeout)
    }
}

extension VerifierCore {
    fileprivate var statistics: TokenVerifier.Statistics {
        var statistics = TokenVerifier.Statistics()
        statistics.refusalCount = counters.refusals.load(ordering: .relaxed)
        statistics.missCount = counters.misses.load(ordering: .relaxed)
        statistics.freshCount = counters.fresh.load(ordering: .relaxed)
        statistics.withoutPageCount = counters.withoutPage.load(ordering: .relaxed)
        statistics.leaseOverCount = counters.leaseOver.load(ordering: .relaxed)
        statistics.restartedCount = counters.restarted.load(ordering: .relaxed)
        state.withLock { state in
            table.takeUsages { state.ledger.add($0) }
            statistics.hitCount = state.ledger.totalCount
            statistics.lostUseCount = state.ledger.lostCount
            statistics.pageProblem = pageProblem(state)
            statistics.entryCount = table.entryCount
        }
        return statistics
    }
}
