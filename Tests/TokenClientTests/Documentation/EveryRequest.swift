import TokenClient

/// What a service has one of: it decides requests from its own memory.
final class Gate: Sendable {
    private let verifier: TokenVerifier
    private let required = ["issues:read"]

    init() throws {
        verifier = try TokenVerifier(client: TokenClient(), entryCountMax: 20_000)
    }

    /// The HTTP status to refuse a request with, nil to let it pass.
    func refusal(of token: String, in workspace: String) throws(TokenError) -> Int? {
        switch try verifier.outcome(of: token, requiring: required, in: workspace) {
        case .valid: nil
        case .insufficientScope: 403
        default: 401
        }
    }
}
