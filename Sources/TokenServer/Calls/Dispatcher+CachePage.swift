import Glibc
import LinuxIO
import TokenCore
import TokenStore
import TokenWire

/// What clients need that answer from their own memory.
extension Dispatcher {
    func getCachePage(_ payload: Span<UInt8>) throws -> GetCachePageResponse {
        _ = try GetCachePageRequest.View(payload)
        guard let fileName = store.epochs.fileName else {
            throw Refusal(.storeUnavailable, "this daemon keeps no epoch page; verify through the socket")
        }
        return GetCachePageResponse(
            fileName: fileName, pageID: store.epochs.pageID, daemonUID: geteuid(),
            bootTimeNanoseconds: SystemClock.boottimeNanoseconds())
    }

    /// Takes note of uses that the daemon did not see. Ids that are no token's are passed over, as those are
    /// that the peer does not reach: the client may be of another store.
    func reportUsage(_ payload: Span<UInt8>, _ context: CallContext) throws -> ReportUsageResponse {
        let request = try ReportUsageRequest.View(payload)
        var cursor = request.usages.makeCursor()
        while let usage = cursor.next() {
            // More than a client counts between two reports says nothing, and would soon fill the counter.
            metrics.noteUsesReported(min(usage.count, UInt64(UInt32.max)))
            guard TypedID.token.parse(usage.tokenID.span) != nil, let time = usage.lastUsedAt,
                let at = Instant(seconds: time.seconds, nanoseconds: time.nanoseconds),
                let token = try reader.token(id: String(copying: usage.tokenID)),
                context.peer.power.reach.covers(token.workspaceID)
            else { continue }
            // A clock that is ahead says nothing of the future; the store never moves the time of last use back.
            note(token.number, usedAt: min(at, context.now))
        }
        return ReportUsageResponse()
    }
}
