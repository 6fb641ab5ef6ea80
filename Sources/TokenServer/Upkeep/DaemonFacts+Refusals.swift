import LinuxIO
import TokenCore
import TokenStore
import TokenWire

extension DaemonFacts {
    func note(_ refusal: Refusal, _ context: CallContext) {
        note(refusal, context.method, context.peer, traceID: context.traceID, at: context.now)
    }

    /// Counts what a peer was refused, for the audit, and has the log tell the first of a kind in each minute. What was
    /// only wrong or in the way is no refusal of this sort.
    func note(_ refusal: Refusal, _ method: Method, _ peer: Peer, traceID: String, at now: Instant) {
        let reason: ErrorReason
        switch refusal.reason {
        case .unauthorized: reason = .unauthorized
        case .forbidden: reason = .forbidden
        case .rateLimited: reason = .rateLimited
        default: return
        }
        let userID = peer.credentials.userID
        let isFirst = refusals.note(
            peerUserID: userID, method: method.auditName, reason: reason.rawValue, at: now)
        if !isFirst { return }
        log.write(
            .warning, "a call was refused; further ones of its kind are counted for a minute",
            [
                "uid": String(userID), "pid": String(peer.credentials.processID), "method": method.auditName,
                "reason": reason.rawValue, "trace": traceID,
            ])
    }
}

extension Method {
    /// As the audit has it: `TokenService/CreateToken`.
    var auditName: String {
        let service = "\(service.name)"
        let name = service.split(separator: ".").last.map(String.init) ?? service
        return "\(name)/\(self.name)"
    }
}
