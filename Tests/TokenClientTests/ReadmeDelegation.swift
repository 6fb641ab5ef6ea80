import TokenClient

/// What an API server answers to POST /v1/api-tokens, for a user whom it has authenticated.
func createToken(
    _ name: String, _ scopes: [String], for user: String, in workspace: String, _ client: TokenClient
) async -> (status: Int, body: String) {
    do throws(TokenError) {
        let caller = Credential.delegate(user: user, workspace: workspace)
        let issued = try await client.createToken(name: name, scopes: scopes, as: caller)
        return (201, "\(issued.token.id) \(issued.secret.reveal())")
    } catch {
        switch error.code {
        case .invalidArgument: return (400, error.message)
        case .unauthenticated: return (401, error.message)
        case .permissionDenied: return (403, error.message)
        case .notFound: return (404, error.message)
        case .alreadyExists, .failedPrecondition: return (409, error.message)
        case .resourceExhausted: return (429, error.message)
        default: return (503, "try again; trace \(error.traceID ?? "none")")
        }
    }
}
