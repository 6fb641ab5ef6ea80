import TokenClient

/// What callers ask for, and of what.
struct Mix: Sendable {
    let population: Population
    /// Share of verifications that are of tokens the daemon issued.
    var hitShare = 1.0
    /// Share of calls that change something: by turns the creation of a token and its revocation.
    var writeShare = 0.0
    /// Every call is the creation of a token.
    var onlyCreates = false
    /// The scope that verifications require.
    var requiredScopes: [String] = []
    /// Whose the tokens are that are created.
    let owner: Credential
    /// Begins the names of created tokens, so that runs on one store don't meet.
    let namePrefix: String

    static let createdScopes = ["issues:read"]
}

/// One call that is to be made.
enum Call {
    case verify(String, isKnown: Bool)
    case create(name: String)
    case revoke(id: String)

    var kind: CallKind {
        switch self {
        case .verify: .verify
        case .create: .create
        case .revoke: .revoke
        }
    }
}

/// What a call came to that the daemon answered.
enum Answer {
    case asExpected
    case created(id: String)
    /// Not what the call is there for: a token that should verify did not, or the other way round.
    case unexpected(Verification.Outcome)
}
