import Glibc
import LinuxIO
import TokenCore
import TokenStore
import TokenWire

/// What clients need that answer from their own memory.
extension Dispatcher {
    func getCachePage() throws(Refusal) -> GetCachePageResponse {
        guard let fileName = store.epochs.fileName else {
            throw Refusal(.storeUnavailable, "this daemon keeps no epoch page; verify through the socket")
        }
        return GetCachePageResponse(
            fileName: fileName, pageID: store.epochs.pageID, daemonUID: geteuid(),
            bootTimeNanoseconds: SystemClock.boottimeNanoseconds())
    }

    /// Takes note of uses that the daemon did not see. Ids that are no token's are passed over: it may have been pruned, or
    /// the client is of another store.
    func reportUsage(_ payload: Span<UInt8>, _ context: CallContext) throws -> ReportUsageResponse {
        let request = try ReportUsageRequest.View(payload)
        var cursor = request.usages.makeCursor()
        while let usage = cursor.next() {
            facts.statistics.countVerifications(elsewhere: usage.count)
            guard TypedID.token.parse(usage.tokenID.span) != nil, let time = usage.lastUsedAt,
                let at = Instant(seconds: time.seconds, nanoseconds: time.nanoseconds),
                let number = try reader.tokenNumber(id: String(copying: usage.tokenID))
            else { continue }
            // A clock that is ahead says nothing of the future; the store never moves the time of last use back.
            uses.note(number, at: min(at, context.now))
        }
        return ReportUsageResponse()
    }
}
