internal import TokenWire

extension Exchange {
    /// Decodes what came back, or throws what went wrong.
    func response(_ outcome: Outcome) throws(TokenError) -> Response {
        switch outcome {
        case .failed(let error):
            throw method.repetition == .reads ? error.ofReading : error
        case .answered(let body, let isOfRepetition):
            let result = body.withBytes { Self.decode($0) }
            if isOfRepetition, method.repetition == .settles, case .failure(let error) = result, error.mayComeOfItself {
                throw .connectionLost(refusedAgain: error)
            }
            return try result.get()
        }
    }

    /// Decodes the body of a Response frame.
    private static func decode(_ body: Span<UInt8>) -> Result<Response, TokenError> {
        do throws(WireError) {
            let envelope = try ResponseEnvelope.View(body)
            if envelope.status.code != .ok {
                return .failure(TokenError(Status(copying: envelope.status)))
            }
            if let response = try Response(decoding: envelope.payload) { return .success(response) }
            return .failure(.protocolViolation("the daemon's answer lacks what it must have"))
        } catch {
            return .failure(
                .protocolViolation("the daemon's answer can't be read: \(error.code) at byte \(error.byteOffset)"))
        }
    }
}

extension TokenError {
    /// The same failure, of a call that can have changed nothing.
    fileprivate var ofReading: TokenError {
        switch self {
        case .deadlineExceeded: .unansweredInTime
        case .connectionLost: .connectionLostWhileReading
        default: self
        }
    }

    /// Whether the second attempt of a call can have been refused for what the first one did.
    fileprivate var mayComeOfItself: Bool {
        switch code {
        case .unauthenticated, .permissionDenied, .notFound, .alreadyExists, .failedPrecondition: true
        default: false
        }
    }
}
