internal import TokenWire

extension TokenError {
    /// The failure that a status from the daemon tells of.
    init(_ status: Status) {
        let info = status.errorInfo
        var metadata: [String: String] = [:]
        for pair in info?.metadata ?? [] { metadata[pair.key] = pair.value }
        let traceID = metadata.removeValue(forKey: "trace_id")
        self.init(
            code: Code(status.code),
            reason: info?.reason,
            message: status.message.isEmpty ? "the daemon gave no message" : status.message,
            fields: (status.badRequest?.fieldViolations ?? []).map { Field(name: $0.field, problem: $0.description) },
            metadata: metadata,
            traceID: traceID)
    }
}

extension TokenError.Code {
    init(_ code: StatusCode) {
        switch code {
        case .invalidArgument, .outOfRange: self = .invalidArgument
        case .unauthenticated: self = .unauthenticated
        case .permissionDenied: self = .permissionDenied
        case .notFound: self = .notFound
        case .alreadyExists: self = .alreadyExists
        case .failedPrecondition: self = .failedPrecondition
        case .resourceExhausted: self = .resourceExhausted
        case .deadlineExceeded: self = .deadlineExceeded
        case .unavailable: self = .unavailable
        case .unimplemented: self = .unimplemented
        case .internal: self = .internal
        case .cancelled: self = .cancelled
        default: self = .unknown
        }
    }
}
