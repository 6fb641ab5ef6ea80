/// How a call ended: gRPC's codes under gRPC's numbers. Codes that tokend never sends are named for its clients.
package struct StatusCode: RawRepresentable, Hashable, Sendable {
    package var rawValue: Int32

    package init(rawValue: Int32) { self.rawValue = rawValue }

    package static let ok = StatusCode(rawValue: 0)
    package static let cancelled = StatusCode(rawValue: 1)
    package static let unknown = StatusCode(rawValue: 2)
    /// The request is wrong whatever the state of the store.
    package static let invalidArgument = StatusCode(rawValue: 3)
    /// The deadline passed. A change may have been made all the same: ask again with the same request id.
    package static let deadlineExceeded = StatusCode(rawValue: 4)
    /// What was named does not exist, or is not the caller's to see.
    package static let notFound = StatusCode(rawValue: 5)
    package static let alreadyExists = StatusCode(rawValue: 6)
    /// The caller is known and may not do this; `unauthenticated` means it is not known.
    package static let permissionDenied = StatusCode(rawValue: 7)
    /// A limit was passed.
    package static let resourceExhausted = StatusCode(rawValue: 8)
    /// The request is right, and the store is in no state for it.
    package static let failedPrecondition = StatusCode(rawValue: 9)
    package static let aborted = StatusCode(rawValue: 10)
    package static let outOfRange = StatusCode(rawValue: 11)
    package static let unimplemented = StatusCode(rawValue: 12)
    package static let `internal` = StatusCode(rawValue: 13)
    /// The store can't be used now; asking again later may help.
    package static let unavailable = StatusCode(rawValue: 14)
    package static let dataLoss = StatusCode(rawValue: 15)
    /// There is no caller, or its token does not verify.
    package static let unauthenticated = StatusCode(rawValue: 16)
}

/// Why a call failed, for a program: `google.rpc.ErrorInfo.reason`. PROTOCOL.md ("Errors") says when each is sent.
package enum ErrorReason: String, CaseIterable, Sendable {
    case validationError = "validation_error"
    case unauthorized
    case forbidden
    case notFound = "not_found"
    case conflict
    case lastAdmin = "last_admin"
    case retentionBelowMinimum = "retention_below_minimum"
    case rateLimited = "rate_limited"
    case storeUnavailable = "store_unavailable"
    case `internal`
    case unimplemented
    case deadlineExceeded = "deadline_exceeded"

    /// The domain under which these reasons are defined.
    package static let domain = "tokend"

    /// The code that goes with the reason.
    package var code: StatusCode {
        switch self {
        case .validationError: .invalidArgument
        case .unauthorized: .unauthenticated
        case .forbidden: .permissionDenied
        case .notFound: .notFound
        case .conflict: .alreadyExists
        case .lastAdmin, .retentionBelowMinimum: .failedPrecondition
        case .rateLimited: .resourceExhausted
        case .storeUnavailable: .unavailable
        case .internal: .internal
        case .unimplemented: .unimplemented
        case .deadlineExceeded: .deadlineExceeded
        }
    }
}
