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

    /// Takes note of uses that the daemon did not see.
    func reportUsage(
        _ payload: Span<UInt8>, _ context: CallContext, _ output: inout WireBuffer
    ) throws -> Disposition {
        let request = try ReportUsageRequest.View(payload)
        return try begin(UsageWork(self, request, context), context, &output)
    }
}
