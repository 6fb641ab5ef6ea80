import TokenWire

extension Conformance {
    static let accounts: [Conformance] = [
        .yes(.createServiceAccount, "with scopes", leaving: "service_account.created") { _ in
            CreateServiceAccountRequest(name: "new", scopes: ["issues:read"])
        },
        .yes(.createServiceAccount, "without any", leaving: "service_account.created") { _ in
            CreateServiceAccountRequest(name: "new")
        },
        .no(.createServiceAccount, .validationError, "without a name", naming: "name") { _ in
            CreateServiceAccountRequest(scopes: ["issues:read"])
        },
        .no(.createServiceAccount, .validationError, "a scope outside the catalogue", naming: "scopes") { _ in
            CreateServiceAccountRequest(name: "new", scopes: ["no:such"])
        },
        .no(.createServiceAccount, .conflict, "a name that is taken") { _ in CreateServiceAccountRequest(name: "robot")
        },
        .no(.createServiceAccount, .forbidden, "without the scope", as: .bearer("weak"), naming: "workspace:admin") {
            _ in CreateServiceAccountRequest(name: "new")
        },
        .no(
            .createServiceAccount, .forbidden, "more than the caller holds", as: .bearer("manager"),
            naming: "issues:write", after: addManager
        ) { _ in CreateServiceAccountRequest(name: "new", scopes: ["issues:write"]) },
        .yes(.listServiceAccounts, "all") { _ in ListServiceAccountsRequest() },
        .no(.listServiceAccounts, .forbidden, "without the scope", as: .bearer("weak"), naming: "workspace:admin") {
            _ in ListServiceAccountsRequest()
        },
        .no(.listServiceAccounts, .validationError, "a scope that is none", naming: "scope") { _ in
            ListServiceAccountsRequest(scope: "x")
        },
        .yes(.getServiceAccount, "one") { IDRequest(id: try $0.id("robot account")) },
        .no(.getServiceAccount, .notFound, "none") { _ in IDRequest(id: ValidRequests.accountID) },
        .no(.getServiceAccount, .notFound, "what is no id") { _ in IDRequest(id: "robot") },
        .no(.getServiceAccount, .forbidden, "without the scope", as: .bearer("weak"), naming: "workspace:admin") {
            IDRequest(id: try $0.id("robot account"))
        },
        .yes(.updateServiceAccount, "all of it", leaving: "service_account.updated") {
            UpdateServiceAccountRequest(
                id: try $0.id("robot account"), name: "r2", scopes: ["issues:write"], disabled: true)
        },
        .yes(.updateServiceAccount, "nothing") { UpdateServiceAccountRequest(id: try $0.id("robot account")) },
        .yes(.updateServiceAccount, "to no scopes", leaving: "service_account.updated") {
            UpdateServiceAccountRequest(id: try $0.id("robot account"), scopes: [])
        },
        .no(.updateServiceAccount, .validationError, "to no name", naming: "name") {
            UpdateServiceAccountRequest(id: try $0.id("robot account"), name: "")
        },
        .no(.updateServiceAccount, .notFound, "none") { _ in
            UpdateServiceAccountRequest(id: ValidRequests.accountID, name: "r2")
        },
        .no(
            .updateServiceAccount, .forbidden, "to more than the caller holds", as: .bearer("manager"),
            naming: "issues:write", after: addManager
        ) { UpdateServiceAccountRequest(id: try $0.id("robot account"), scopes: ["issues:write"]) },
        .yes(.deleteServiceAccount, "one", leaving: "service_account.deleted") {
            IDRequest(id: try $0.id("robot account"))
        },
        .no(.deleteServiceAccount, .notFound, "a second time", after: delete) {
            IDRequest(id: try $0.id("robot account"))
        },
        .no(.deleteServiceAccount, .forbidden, "without the scope", as: .bearer("weak"), naming: "workspace:admin") {
            IDRequest(id: try $0.id("robot account"))
        },
    ]

    @Sendable private static func delete(_ world: World) throws {
        let id = try world.id("robot account")
        _ = try world.call(.deleteServiceAccount, IDRequest(id: id), .user("ann")).endedTokenCount()
    }

    /// A token that may manage accounts and holds nothing to give them but what robot has.
    @Sendable private static func addManager(_ world: World) throws {
        try world.createToken("manager", of: "ann", ["workspace:admin", "issues:read"])
    }

    static let accountTokens: [Conformance] = [
        .yes(.issueServiceAccountToken, "with all its scopes", leaving: "service_account.token_issued") {
            IssueServiceAccountTokenRequest(serviceAccountID: try $0.id("robot account"), name: "new")
        },
        .no(.issueServiceAccountToken, .validationError, "a scope it lacks", naming: "scopes") {
            IssueServiceAccountTokenRequest(
                serviceAccountID: try $0.id("robot account"), name: "new", scopes: ["issues:write"])
        },
        .no(.issueServiceAccountToken, .validationError, "without a name", naming: "name") {
            IssueServiceAccountTokenRequest(serviceAccountID: try $0.id("robot account"))
        },
        .no(.issueServiceAccountToken, .conflict, "a name that is taken") {
            IssueServiceAccountTokenRequest(serviceAccountID: try $0.id("robot account"), name: "robot")
        },
        .no(.issueServiceAccountToken, .notFound, "of no account") { _ in
            IssueServiceAccountTokenRequest(serviceAccountID: ValidRequests.accountID, name: "new")
        },
        .no(.issueServiceAccountToken, .forbidden, "without the scope", as: .bearer("weak"), naming: "workspace:admin")
        {
            IssueServiceAccountTokenRequest(serviceAccountID: try $0.id("robot account"), name: "new")
        },
        .no(
            .issueServiceAccountToken, .forbidden, "what the caller lacks", as: .bearer("blind"),
            naming: "issues:read", after: { try $0.createToken("blind", of: "ann", ["workspace:admin"]) }
        ) { IssueServiceAccountTokenRequest(serviceAccountID: try $0.id("robot account"), name: "new") },
        .yes(.listServiceAccountTokens, "all") {
            ListServiceAccountTokensRequest(serviceAccountID: try $0.id("robot account"))
        },
        .no(.listServiceAccountTokens, .notFound, "of no account") { _ in
            ListServiceAccountTokensRequest(serviceAccountID: ValidRequests.accountID)
        },
        .no(.listServiceAccountTokens, .validationError, "a state of the other kind", naming: "state", "kind") {
            ListServiceAccountTokensRequest(
                serviceAccountID: try $0.id("robot account"), state: .ownerSuspended, kind: .personal)
        },
        .no(.listServiceAccountTokens, .forbidden, "without the scope", as: .bearer("weak"), naming: "workspace:admin")
        {
            ListServiceAccountTokensRequest(serviceAccountID: try $0.id("robot account"))
        },
        .yes(.rollServiceAccountToken, "by an administrator", leaving: "service_account.token_rolled") {
            RollServiceAccountTokenRequest(
                serviceAccountID: try $0.id("robot account"), id: try $0.id("robot"))
        },
        .yes(.rollServiceAccountToken, "itself", as: .bearer("robot"), leaving: "service_account.token_rolled") {
            RollServiceAccountTokenRequest(
                serviceAccountID: try $0.id("robot account"), id: try $0.id("robot"), overlapSeconds: 60)
        },
        .no(
            .rollServiceAccountToken, .validationError, "itself without an overlap", as: .bearer("robot"),
            naming: "overlap_seconds"
        ) {
            RollServiceAccountTokenRequest(
                serviceAccountID: try $0.id("robot account"), id: try $0.id("robot"))
        },
        .no(.rollServiceAccountToken, .notFound, "a member's") {
            RollServiceAccountTokenRequest(serviceAccountID: try $0.id("robot account"), id: try $0.id("weak"))
        },
        .no(.rollServiceAccountToken, .forbidden, "without the scope", as: .bearer("weak"), naming: "workspace:admin") {
            RollServiceAccountTokenRequest(
                serviceAccountID: try $0.id("robot account"), id: try $0.id("robot"))
        },
        .no(.rollServiceAccountToken, .conflict, "a revoked one", after: revokeRobot) {
            RollServiceAccountTokenRequest(
                serviceAccountID: try $0.id("robot account"), id: try $0.id("robot"))
        },
        .yes(.revokeServiceAccountToken, "one", leaving: "service_account.token_revoked") {
            RevokeServiceAccountTokenRequest(
                serviceAccountID: try $0.id("robot account"), id: try $0.id("robot"))
        },
        .yes(.revokeServiceAccountToken, "again, which changes nothing", after: revokeRobot) {
            RevokeServiceAccountTokenRequest(
                serviceAccountID: try $0.id("robot account"), id: try $0.id("robot"))
        },
        .no(.revokeServiceAccountToken, .notFound, "a member's") {
            RevokeServiceAccountTokenRequest(serviceAccountID: try $0.id("robot account"), id: try $0.id("weak"))
        },
        .no(
            .revokeServiceAccountToken, .forbidden, "itself, without the scope", as: .bearer("robot"),
            naming: "workspace:admin"
        ) {
            RevokeServiceAccountTokenRequest(
                serviceAccountID: try $0.id("robot account"), id: try $0.id("robot"))
        },
    ]

    @Sendable private static func revokeRobot(_ world: World) throws {
        let request = RevokeServiceAccountTokenRequest(
            serviceAccountID: try world.id("robot account"), id: try world.id("robot"))
        _ = try world.call(.revokeServiceAccountToken, request, .user("ann")).token()
    }
}
