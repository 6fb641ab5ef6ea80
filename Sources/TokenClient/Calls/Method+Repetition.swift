internal import TokenWire

/// What becomes of a call whose connection was lost when the daemon may have had its request: it may have been carried out.
enum Repetition {
    /// It only reads: it is sent again.
    case reads
    /// Doing it twice comes to the same as doing it once: it is sent again. But what the first attempt did may be why the
    /// second is refused, as when a token has revoked itself and is no caller any more: such a refusal says nothing of the
    /// call, and its caller is told that the connection was lost.
    case settles
    /// It is not sent again.
    case never
}

extension Method {
    /// See PROTOCOL.md ("Retry").
    var repetition: Repetition {
        switch self {
        case .verify, .verifyBatch, .getCachePage, .listScopes, .whoAmI, .listTokens, .getToken, .listServiceAccounts,
            .getServiceAccount, .listServiceAccountTokens, .listMembers, .listEvents, .getStatus, .listWorkspaces,
            .verifyChain, .getMetrics, .checkHealth:
            .reads
        // By their request ids.
        case .createToken, .rollToken, .createServiceAccount, .issueServiceAccountToken, .rollServiceAccountToken:
            .settles
        case .revokeToken, .revokeSelf, .importTokens, .updateServiceAccount, .revokeServiceAccountToken, .putMember,
            .setWorkspaceState, .reload:
            .settles
        // The second attempt would find nothing there, or something in the way.
        case .removeMember, .deleteServiceAccount, .bootstrap: .never
        // Uses would be counted twice.
        case .reportUsage: .never
        // A stream goes on by itself, from where it was.
        case .tailEvents, .backup: .never
        }
    }
}
