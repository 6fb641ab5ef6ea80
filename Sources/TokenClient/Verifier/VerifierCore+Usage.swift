internal import Glibc
internal import LinuxIO
internal import Synchronization
internal import TokenWire

/// Telling the daemon what was answered without it, so that the time of a token's last use stays true.
extension VerifierCore {
    typealias Usages = ArraySlice<(tokenID: String, usage: UsageLedger.Usage)>

    static let reportIntervalMilliseconds: Int32 = 60_000

    /// All there is to tell now; nil while another report has some of it, which would be over before that is told. What is
    /// used while it is being told waits for the next report, or this one would not end as long as the service has anything
    /// to do.
    private func beginReport() -> Usages? {
        let usages: [String: UsageLedger.Usage]? = state.withLock { state in
            if state.isReporting { return nil }
            state.isReporting = true
            table.takeUsages { state.ledger.add($0) }
            return state.ledger.takeAll()
        }
        return usages.map { $0.map { (tokenID: $0.key, usage: $0.value) }[...] }
    }

    private func endReport(untold: Usages) {
        state.withLock { state in
            state.isReporting = false
            state.ledger.restore(untold)
        }
    }

    /// Tells of the first of them, as many as a message may hold.
    static func exchange(_ left: Usages) -> Exchange<ReportUsageRequest, Nothing> {
        let bootTime = SystemClock.boottimeNanoseconds()
        let wallTime = SystemClock.realtimeMicroseconds()
        let usages = left.prefix(WireLimits.listElementCountMax).map { tokenID, usage in
            // Seconds round down, so that no use is said to be later than it was.
            let age = bootTime - Int64(usage.second) * 1_000_000_000
            return TokenUsage(
                tokenID: tokenID, count: usage.count,
                lastUsedAt: TokenWire.Timestamp(microsecondsSince1970: wallTime - age / 1_000))
        }
        return Exchange(method: .reportUsage, request: ReportUsageRequest(usages: usages))
    }

    /// Starts the thread that reports, if it does not run yet. Without it, uses wait for a report that is asked for.
    func startReporter() {
        let isFirst = state.withLock { state in
            defer { state.hasReporter = true }
            return !state.hasReporter
        }
        if !isFirst { return }
        do throws(SystemError) {
            _ = try PosixThread(name: "tokend-usage") { self.reportUntilRetired() }
        } catch {
            // There may be room for one when the next answer is kept.
            state.withLock { $0.hasReporter = false }
        }
    }

    private func reportUntilRetired() {
        // Signals are for the program's own threads.
        blockAllSignals()
        var isLast = false
        repeat {
            _ = waker.wait(atMostMilliseconds: Self.reportIntervalMilliseconds)
            isLast = isRetired.load(ordering: .acquiring)
            // A failure waits for the next time; and the last time nobody is there to be told.
            try? report(timeout: isLast ? .seconds(1) : nil)
        } while !isLast
    }

    /// How long to wait before it is looked again whether another report is over. There is one a minute.
    private static let pauseMicroseconds: UInt32 = 1_000

    /// Reports all that was used before the call.
    func report(timeout: Duration?) throws(TokenError) {
        while true {
            if let usages = beginReport() { return try tell(usages, timeout) }
            usleep(Self.pauseMicroseconds)
        }
    }

    private func tell(_ usages: Usages, _ timeout: Duration?) throws(TokenError) {
        var left = usages
        defer { endReport(untold: left) }
        while !left.isEmpty {
            _ = try client.perform(Self.exchange(left), timeout: timeout)
            left = left.dropFirst(WireLimits.listElementCountMax)
        }
    }

    /// Reports all that was used before the call.
    func report(timeout: Duration?) async throws(TokenError) {
        while true {
            if let usages = beginReport() { return try await tell(usages, timeout) }
            do {
                try await Task.sleep(for: .microseconds(Self.pauseMicroseconds))
            } catch {
                throw .cancelled
            }
        }
    }

    private func tell(_ usages: Usages, _ timeout: Duration?) async throws(TokenError) {
        var left = usages
        defer { endReport(untold: left) }
        while !left.isEmpty {
            _ = try await client.perform(Self.exchange(left), timeout: timeout)
            left = left.dropFirst(WireLimits.listElementCountMax)
        }
    }

    /// The verifier is gone: the thread reports once more and ends.
    func retire() {
        isRetired.store(true, ordering: .releasing)
        waker.wake()
    }
}
