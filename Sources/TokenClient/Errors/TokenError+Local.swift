/// The failures that this library finds itself.
extension TokenError {
    static func badArgument(_ field: String, _ problem: String) -> TokenError {
        TokenError(
            code: .invalidArgument, message: "\(field) \(problem)",
            fields: [Field(name: field, problem: problem)])
    }

    static let requestTooLarge = TokenError(
        code: .invalidArgument, message: "the request has more than 262,144 bytes; send less at a time")

    static let deadlineExceeded = TokenError(
        code: .deadlineExceeded,
        message: "no answer within the call's timeout; a change may have been made all the same")

    /// The same two, of a call that only reads.
    static let unansweredInTime = TokenError(
        code: .deadlineExceeded, message: "no answer within the call's timeout")

    static let connectionLostWhileReading = TokenError(
        code: .connectionLost, message: "the connection ended before the answer came")

    static let notSentInTime = TokenError(
        code: .deadlineExceeded,
        message: "the call's timeout passed before it could be sent, because others were in flight or no thread was "
            + "free; nothing was sent")

    static let cancelled = TokenError(
        code: .cancelled, message: "the task was cancelled; a change may have been made all the same")

    static let connectionLost = TokenError(
        code: .connectionLost,
        message: "the connection ended before the answer came; a change may have been made all the same")

    /// The call was sent again after the connection was lost, and refused.
    static func connectionLost(refusedAgain refusal: TokenError) -> TokenError {
        TokenError(
            code: .connectionLost, reason: refusal.reason,
            message:
                "the connection ended before the answer came, and when the call was sent again it was refused, which "
                + "may be for what it had done: \(refusal.message)",
            fields: refusal.fields, metadata: refusal.metadata, traceID: refusal.traceID)
    }

    static func connectionFailed(_ problem: String) -> TokenError {
        TokenError(code: .connectionFailed, message: problem)
    }

    static func untrustedServer(_ problem: String) -> TokenError {
        TokenError(code: .untrustedServer, message: problem)
    }

    static func protocolViolation(_ problem: String) -> TokenError {
        TokenError(code: .protocolViolation, message: problem)
    }
}
