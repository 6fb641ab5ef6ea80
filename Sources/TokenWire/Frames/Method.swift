/// A service of the protocol, by the full name it has on the wire.
package enum Service: UInt8, CaseIterable, Sendable {
    case verification, token, serviceAccount, member, audit, operations, health

    package var name: StaticString {
        switch self {
        case .verification: "tokend.v1.VerificationService"
        case .token: "tokend.v1.TokenService"
        case .serviceAccount: "tokend.v1.ServiceAccountService"
        case .member: "tokend.v1.MemberService"
        case .audit: "tokend.v1.AuditService"
        case .operations: "tokend.v1.OperationsService"
        case .health: "grpc.health.v1.Health"
        }
    }
}

/// A method of the protocol. The raw value is the service's number times 16 plus the method's own.
///
/// All methods that the proto files name are here.
package enum Method: UInt8, CaseIterable, Sendable {
    case verify = 0x00
    case verifyBatch, getCachePage, reportUsage
    case listScopes = 0x10
    case whoAmI, createToken, listTokens, getToken, rollToken, revokeToken, revokeSelf, importTokens
    case createServiceAccount = 0x20
    case listServiceAccounts, deleteServiceAccount, getServiceAccount, updateServiceAccount
    case issueServiceAccountToken, revokeServiceAccountToken, listServiceAccountTokens, rollServiceAccountToken
    case putMember = 0x30
    case listMembers, removeMember
    case listEvents = 0x40
    case tailEvents
    case getStatus = 0x50
    case bootstrap, listWorkspaces, setWorkspaceState, verifyChain, backup, reload, getMetrics
    case checkHealth = 0x60

    /// The method of these names, compared by bytes; nil if there is none. Allocates nothing.
    package init?(service: Span<UInt8>, method: Span<UInt8>) {
        var serviceNumber: UInt8 = 0
        while let candidate = Service(rawValue: serviceNumber) {
            if service.equals(candidate.name) { break }
            serviceNumber += 1
        }
        guard Service(rawValue: serviceNumber) != nil else { return nil }
        var methodNumber = serviceNumber << 4
        while let candidate = Method(rawValue: methodNumber) {
            if method.equals(candidate.name) {
                self = candidate
                return
            }
            methodNumber += 1
        }
        return nil
    }

    package var service: Service {
        // Every raw value above has the number of a service in its upper half; a test walks through all of them.
        Service(rawValue: rawValue >> 4) ?? .verification
    }

    /// Whether the answer is a stream of Data frames.
    package var isServerStreaming: Bool {
        self == .tailEvents || self == .backup
    }

    /// The bare name that the method has on the wire.
    package var name: StaticString {
        switch self {
        case .verify: "Verify"
        case .verifyBatch: "VerifyBatch"
        case .getCachePage: "GetCachePage"
        case .reportUsage: "ReportUsage"
        case .listScopes: "ListScopes"
        case .whoAmI: "WhoAmI"
        case .createToken: "CreateToken"
        case .listTokens: "ListTokens"
        case .getToken: "GetToken"
        case .rollToken: "RollToken"
        case .revokeToken: "RevokeToken"
        case .revokeSelf: "RevokeSelf"
        case .importTokens: "ImportTokens"
        case .createServiceAccount: "CreateServiceAccount"
        case .listServiceAccounts: "ListServiceAccounts"
        case .deleteServiceAccount: "DeleteServiceAccount"
        case .getServiceAccount: "GetServiceAccount"
        case .updateServiceAccount: "UpdateServiceAccount"
        case .issueServiceAccountToken: "IssueServiceAccountToken"
        case .revokeServiceAccountToken: "RevokeServiceAccountToken"
        case .listServiceAccountTokens: "ListServiceAccountTokens"
        case .rollServiceAccountToken: "RollServiceAccountToken"
        case .putMember: "PutMember"
        case .listMembers: "ListMembers"
        case .removeMember: "RemoveMember"
        case .listEvents: "ListEvents"
        case .tailEvents: "TailEvents"
        case .getStatus: "GetStatus"
        case .bootstrap: "Bootstrap"
        case .listWorkspaces: "ListWorkspaces"
        case .setWorkspaceState: "SetWorkspaceState"
        case .verifyChain: "VerifyChain"
        case .backup: "Backup"
        case .reload: "Reload"
        case .getMetrics: "GetMetrics"
        case .checkHealth: "Check"
        }
    }
}
