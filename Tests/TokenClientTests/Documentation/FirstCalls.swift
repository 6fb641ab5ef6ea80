import TokenClient

/// Verifies what came with a request, and makes a token with that caller's own power.
func example(presented: String) async throws {
    let client = try TokenClient()
    let verification = try await client.verify(presented, requiring: ["issues:read"])
    guard verification.isValid else {
        print("refused: \(verification.outcome)")
        return
    }
    let caller = Credential.bearer(try BearerToken(presented))
    let issued = try await client.createToken(name: "nightly", scopes: ["issues:read"], as: caller)
    print("\(issued.token.id): \(issued.secret.reveal())")
}
