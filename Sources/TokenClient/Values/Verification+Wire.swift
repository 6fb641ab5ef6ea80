internal import TokenWire

extension Verification: Answer {
    init?(decoding payload: Span<UInt8>) throws(WireError) {
        self.init(try VerifyResponse.View(payload))
    }

    init(_ view: VerifyResponse.View) {
        self.init(
            Values(
                outcome: Outcome(view.outcome), tokenID: String(nonEmpty: view.tokenID),
                kind: view.kind == .unspecified ? nil : TokenKind(view.kind),
                workspaceID: String(nonEmpty: view.workspaceID), principalID: String(nonEmpty: view.principalID),
                tokenName: String(nonEmpty: view.tokenName), scopes: view.scopes.strings,
                expiresAt: view.expiresAt.map(Timestamp.init), missingScopes: view.missingScopes.strings))
    }
}

extension Verification.Outcome {
    init(_ wire: VerifyOutcome) {
        switch wire {
        case .valid: self = .valid
        case .malformed: self = .malformed
        case .unknown: self = .unknown
        case .workspaceMismatch: self = .workspaceMismatch
        case .revoked: self = .revoked
        case .superseded: self = .superseded
        case .expired: self = .expired
        case .disabled: self = .disabled
        case .ownerSuspended: self = .ownerSuspended
        case .insufficientScope: self = .insufficientScope
        default: self = .unrecognized(wire.rawValue)
        }
    }
}

extension VerificationQuery {
    var wire: VerifyRequest {
        // The empty text stands for one that is too long for a token, and is as malformed: so it doesn't make the questions
        // beside it too large to be sent.
        let sentToken = BearerToken.mayBe(token) ? token : ""
        return VerifyRequest(token: sentToken, requiredScopes: requiredScopes, workspaceID: workspaceID ?? "")
    }
}

/// The answers to a batch, in the order of the questions.
struct VerificationList: Answer {
    let verifications: [Verification]

    init?(decoding payload: Span<UInt8>) throws(WireError) {
        verifications = try VerifyBatchResponse.View(payload).responses.map { Verification($0) }
    }
}
