import TokenClient

/// Makes a token, for as long as trying again can help. However often it is asked for, there is one.
func createToken(_ name: String, scopes: [String], _ client: TokenClient) async throws -> IssuedToken {
    let requestID = RequestID()
    var pause = Duration.milliseconds(100)
    while true {
        do throws(TokenError) {
            return try await client.createToken(name: name, scopes: scopes, requestID: requestID)
        } catch {
            switch error.code {
            case .unavailable, .connectionFailed, .connectionLost, .deadlineExceeded, .resourceExhausted:
                if pause > .seconds(10) { throw error }
            default:
                throw error
            }
        }
        try await Task.sleep(for: pause)
        pause *= 2
    }
}
