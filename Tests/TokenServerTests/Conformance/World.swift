import Testing
import TokenWire

@testable import TokenServer

/// A server with a little of everything, for the walk over the methods.
///
/// In `ws_acme`: ann, tenant_admin, with the tokens `admin` (every scope) and `weak` (issues:read); bob, an analyst, with
/// `bob` (issues:read); the service account robot, issues:read, with the token `robot`. In `ws_other`: eve, tenant_admin.
final class World {
    let fixture: ServerFixture
    let service: RawClient
    let host: RawClient
    var secrets: [String: String] = [:]
    /// Of tokens by their names, and of the service account.
    var ids: [String: String] = [:]

    enum Caller: Sendable {
        case nobody
        /// By the token of this name.
        case bearer(String)
        /// On the operator's socket, for a user of ws_acme.
        case user(String)
        /// On the operator's socket, for nobody.
        case host
    }

    init() throws {
        fixture = try ServerFixture()
        service = try fixture.client()
        host = try fixture.operatorClient()
        secrets["admin"] = fixture.admin
        ids["admin"] = fixture.adminTokenID
        let other = try host.call(.bootstrap, BootstrapRequest(workspaceID: "ws_other", userID: "eve")).secretToken()
        try keep("eve", other)
        try createToken("weak", of: "ann", ["issues:read"])
        _ = try call(.putMember, PutMemberRequest(userID: "bob", role: "analyst"), .user("ann")).decode { _ in }
        try createToken("bob", of: "bob", ["issues:read"])
        let account = try call(
            .createServiceAccount, CreateServiceAccountRequest(name: "robot", scopes: ["issues:read"]), .user("ann")
        ).account()
        ids["robot account"] = account.id
        try keep(
            "robot",
            try call(
                .issueServiceAccountToken,
                IssueServiceAccountTokenRequest(serviceAccountID: account.id, name: "robot"), .user("ann")
            ).secretToken())
    }

    private func keep(_ name: String, _ made: SecretTokenResponse) throws {
        secrets[name] = made.secret
        ids[name] = try #require(made.token?.id)
    }

    @discardableResult
    func createToken(
        _ name: String, of user: String, _ scopes: [String], expiresAt: Timestamp? = nil
    ) throws -> String {
        let request = CreateTokenRequest(name: name, scopes: scopes, expiresAt: expiresAt)
        let made = try call(.createToken, request, .user(user)).secretToken()
        try keep(name, made)
        return made.secret
    }

    func id(_ name: String) throws -> String { try #require(ids[name]) }
    func secret(_ name: String) throws -> String { try #require(secrets[name]) }

    func call(_ method: Method, _ request: some WireMessage, _ caller: Caller) throws -> Reply {
        switch caller {
        case .nobody: try service.call(method, request)
        case .bearer(let name): try service.call(method, request, metadata: [.bearer(try secret(name))])
        case .user(let user): try host.call(method, request, metadata: .delegated(user, "ws_acme"))
        case .host: try host.call(method, request)
        }
    }

    func verify(_ name: String, scopes: [String] = [], workspace: String = "") throws -> VerifyResponse {
        try service.call(
            .verify, VerifyRequest(token: try secret(name), requiredScopes: scopes, workspaceID: workspace)
        ).verified()
    }

    /// Actions and targets of the events behind a number, oldest first.
    func events(behind sequence: UInt64) throws -> [(action: String, target: String)] {
        let list = try host.call(.listEvents, ListEventsRequest(pageSize: 100)).events()
        return list.events.filter { $0.seq > sequence }.reversed().map { ($0.action, $0.target) }
    }

    func headSequence() throws -> UInt64 {
        try host.call(.getStatus, EmptyMessage()).daemonStatus().headSeq
    }
}

extension Reply {
    func account() throws -> ServiceAccount {
        let response = try decode { try ServiceAccountResponse(copying: ServiceAccountResponse.View($0)) }
        return try #require(response.serviceAccount)
    }

    func member() throws -> PutMemberResponse {
        try decode { try PutMemberResponse(copying: PutMemberResponse.View($0)) }
    }

    func token() throws -> Token {
        let response = try decode { try TokenResponse(copying: TokenResponse.View($0)) }
        return try #require(response.token)
    }

    func endedTokenCount() throws -> Int64 {
        try decode { try EndedTokensResponse(copying: EndedTokensResponse.View($0)).endedTokenCount }
    }

    var missingScopes: String? { status?.errorInfo?.metadata.first { $0.key == "missing_scopes" }?.value }

    var fields: [String] { status?.badRequest?.fieldViolations.map(\.field) ?? [] }
}
