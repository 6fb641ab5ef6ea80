import TokenStore
import TokenWire

extension Refusal {
    /// What goes over the wire.
    func status(traceID: String) -> Status {
        Status(
            wireReason, message: message, traceID: traceID,
            metadata: metadata.sorted { $0.key < $1.key }.map { KeyValue(key: $0.key, value: $0.value) },
            violations: fields.map { FieldViolation(field: $0.name, description: $0.problem) })
    }

    var wireReason: ErrorReason {
        switch reason {
        case .validationError: .validationError
        case .unauthorized: .unauthorized
        case .forbidden: .forbidden
        case .notFound: .notFound
        case .conflict: .conflict
        case .lastAdmin: .lastAdmin
        case .retentionBelowMinimum: .retentionBelowMinimum
        case .rateLimited: .rateLimited
        case .storeUnavailable: .storeUnavailable
        case .internalError: .internal
        case .deadlineExceeded: .deadlineExceeded
        }
    }
}

extension Status {
    var traceID: String? { errorInfo?.metadata.first { $0.key == "trace_id" }?.value }
}
