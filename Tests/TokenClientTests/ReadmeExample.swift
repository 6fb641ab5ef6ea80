import TokenClient

/// Decides a request: nil when it may go on, else the HTTP status to answer with.
func refusal(of token: String, needing scope: String, _ client: TokenClient) throws(TokenError) -> Int? {
    let verification = try client.verify(token, requiring: [scope])
    switch verification.outcome {
    case .valid: return nil
    case .insufficientScope: return 403
    default: return 401
    }
}
