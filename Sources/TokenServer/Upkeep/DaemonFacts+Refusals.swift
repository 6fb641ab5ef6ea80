import LinuxIO
import TokenCore
import TokenStore
import TokenWire

extension DaemonFacts {
    func note(_ refusal: Refusal, _ context: CallContext) {
        note(refusal, context.method, context.peer, traceID: context.traceID, at: context.now)
    }

    /// Counts what a peer was refused, for the audit, and has the log tell the first of a kind in each minute; the others
    /// have the level of debugging. What was only wrong or in the way is no refusal of this sort.
    func note(_ refusal: Refusal, _ method: Method, _ peer: Peer, traceID: String, at now: Instant) {
        failures.note(refusal.wireReason)
        let reason: ErrorReason
        switch refusal.reason {
        case .unauthorized: reason = .unauthorized
        case .forbidden: reason = .forbidden
        case .rateLimited: reason = .rateLimited
        default: return noteFailure(refusal, method, peer, traceID: traceID)
        }
        let userID = peer.credentials.userID
        let isFirst = refusals.note(
            peerUserID: userID, method: method.auditName, reason: reason.rawValue, traceID: traceID, at: now)
        let level: LogLevel = isFirst ? .warning : .debug
        if !log.writes(level) { return }
        log.write(
            level, "a call was refused; further ones of its kind are counted for a minute",
            [
                "uid": String(userID), "pid": String(peer.credentials.processID), "method": method.auditName,
                "reason": reason.rawValue, "trace": traceID,
            ])
    }

    /// A call that failed. When it is the daemon's failure, the first in each minute is told as such; of other calls the
    /// first of a kind in each minute, so that its trace id is found.
    private func noteFailure(_ refusal: Refusal, _ method: Method, _ peer: Peer, traceID: String) {
        let level = refusal.isOurs ? .error : levelOfFailure(refusal.wireReason, method, peer)
        if !log.writes(level) { return }
        let fields: KeyValuePairs<StaticString, String> = [
            "uid": String(peer.credentials.userID), "pid": String(peer.credentials.processID),
            "method": method.auditName, "reason": refusal.wireReason.rawValue, "error": refusal.message,
            "trace": traceID,
        ]
        if refusal.isOurs {
            log.limited(.error, "a call failed", fields)
        } else {
            log.write(level, "a call failed", fields)
        }
    }

    private func levelOfFailure(_ reason: ErrorReason, _ method: Method?, _ peer: Peer) -> LogLevel {
        failureKinds.isFirst(peer.credentials.userID, method, reason) ? .info : .debug
    }

    /// An answer of ours that does not fit a frame, and what is answered in its place.
    func noteTooLarge(_ error: WireError, traceID: String) -> Status {
        failures.note(.rateLimited)
        log.limited(.warning, "an answer was too large", ["error": "\(error.code)", "trace": traceID])
        return Status(
            .rateLimited,
            message: "the answer has more than \(WireLimits.frameBodyByteCountMax) bytes; ask for less in one call",
            traceID: traceID)
    }

    /// A call that never came to a method, or whose message does not decode. What it held is not told: it may be a secret.
    func noteUnreadable(_ status: Status, _ peer: Peer) {
        if let reason = status.reason { failures.note(reason) }
        let level = levelOfFailure(status.reason ?? .internal, nil, peer)
        if !log.writes(level) { return }
        log.write(
            level, "a call could not be understood",
            [
                "uid": String(peer.credentials.userID), "pid": String(peer.credentials.processID),
                "reason": status.reason?.rawValue ?? "", "trace": status.traceID ?? "",
            ])
    }
}

extension Refusal {
    /// It is the daemon that failed.
    var isOurs: Bool { wireReason == .storeUnavailable || wireReason == .internal }
}

extension Method {
    /// As the audit has it: `TokenService/CreateToken`.
    var auditName: String {
        let service = "\(service.name)"
        let name = service.split(separator: ".").last.map(String.init) ?? service
        return "\(name)/\(self.name)"
    }
}
