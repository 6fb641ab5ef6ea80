/// For whom a call is made. See PROTOCOL.md, section "Callers".
public enum Credential: Sendable {
    /// For nobody: enough to verify tokens, to revoke a leaked secret and to ask for the daemon's health.
    case anonymous

    /// For the member or service account whose token this is. Its scopes, and its owner's role, decide.
    case bearer(BearerToken)

    /// For a user in a workspace. The daemon has to grant this process `delegate` for that workspace: see tokend(8).
    case delegate(user: String, workspace: String)
}
