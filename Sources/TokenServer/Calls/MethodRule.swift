import TokenCore
import TokenWire

/// What a method asks of a peer and of the request's metadata before its payload is looked at.
struct MethodRule: Equatable {
    enum CallerNeed {
        /// Metadata that names a caller is not even read.
        case none
        /// The host's operator, who is known by the grant.
        case host
        /// A caller is found out if one is named.
        case optional
        case required
    }

    /// Any one of these opens the method; none for a method open to every peer.
    let grants: Grants
    let caller: CallerNeed

    private init(_ grants: Grants, _ caller: CallerNeed) {
        self.grants = grants
        self.caller = caller
    }

    // Made once: 6.3.1 makes a set of a list by a generic function, which takes longer than to find the method out.
    private static let managing: Grants = [.act, .delegate]
    private static let reading: Grants = [.act, .delegate, .operate]
    private static let watching: Grants = [.verify, .operate]

    static func rule(of method: Method) -> MethodRule {
        switch method {
        case .verify, .verifyBatch, .getCachePage, .reportUsage: MethodRule(.verify, .none)
        case .listScopes: MethodRule(managing, .optional)
        case .whoAmI, .createToken, .listTokens, .getToken, .rollToken, .revokeToken, .importTokens,
            .createServiceAccount, .listServiceAccounts, .deleteServiceAccount, .getServiceAccount,
            .updateServiceAccount, .issueServiceAccountToken, .revokeServiceAccountToken, .listServiceAccountTokens,
            .rollServiceAccountToken, .putMember, .listMembers, .removeMember:
            MethodRule(managing, .required)
        case .revokeSelf: MethodRule(.act, .none)
        case .listEvents, .tailEvents: MethodRule(reading, .optional)
        case .getStatus: MethodRule(watching, .none)
        case .bootstrap, .listWorkspaces, .setWorkspaceState, .verifyChain, .reload, .backup, .getMetrics:
            MethodRule(.operate, .host)
        case .checkHealth: MethodRule([], .none)
        }
    }
}

extension Method {
    /// Its calls may take as long as many others together. What they take as they come in is of the turn's share for such
    /// calls, also of those that fail.
    var takesLong: Bool {
        switch self {
        case .verifyBatch, .listTokens, .listServiceAccounts, .listServiceAccountTokens, .listMembers, .listEvents,
            .listWorkspaces, .verifyChain, .getStatus, .getMetrics, .reportUsage:
            true
        default: false
        }
    }
}

extension Grants {
    /// The names as the contract of the socket has them, for a message.
    var names: String {
        let all: [(Grants, String)] = [
            (.verify, "verify"), (.act, "act"), (.delegate, "delegate"), (.operate, "operate"),
        ]
        return all.filter { contains($0.0) }.map(\.1).joined(separator: " or ")
    }
}
