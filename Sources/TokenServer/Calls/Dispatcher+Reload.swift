import TokenStore
import TokenWire

extension Dispatcher {
    /// Reads the configuration again; the answer comes when it is in force, or was found wrong.
    func reload(_ payload: Span<UInt8>, _ context: CallContext) throws -> Disposition {
        _ = try ReloadRequest.View(payload)
        reloader.reload(
            for: context.origin,
            completion: answerLater(context) {
                ReloadResponse(changedSettings: $0.changed, restartSettings: $0.restart)
            })
        return .later
    }
}
