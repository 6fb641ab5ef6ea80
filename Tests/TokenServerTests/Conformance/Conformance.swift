import Testing
import TokenWire

@testable import TokenServer

/// One row of the walk: a method, who calls it with what, and what must come of it.
struct Conformance: Sendable, CustomTestStringConvertible {
    enum Expected: Sendable {
        /// With the events that it leaves.
        case success([String])
        /// With the fields that are named, for a validation error; or the scopes, for a forbidden one. No event.
        case refused(ErrorReason, [String])
    }

    let method: Method
    let title: String
    let caller: World.Caller
    let request: @Sendable (World) throws -> any WireMessage
    let expected: Expected
    /// What happens before the call.
    let preparation: @Sendable (World) throws -> Void

    var testDescription: String { "\(method.name): \(title)" }

    /// A call that succeeds, and the events it leaves.
    static func yes(
        _ method: Method, _ title: String, as caller: World.Caller = .bearer("admin"), leaving events: String...,
        after preparation: @escaping @Sendable (World) throws -> Void = { _ in },
        _ request: @escaping @Sendable (World) throws -> any WireMessage
    ) -> Conformance {
        Conformance(
            method: method, title: title, caller: caller, request: request, expected: .success(events),
            preparation: preparation)
    }

    /// A call that is refused, and the fields or scopes named.
    static func no(
        _ method: Method, _ reason: ErrorReason, _ title: String, as caller: World.Caller = .bearer("admin"),
        naming names: String..., after preparation: @escaping @Sendable (World) throws -> Void = { _ in },
        _ request: @escaping @Sendable (World) throws -> any WireMessage
    ) -> Conformance {
        Conformance(
            method: method, title: title, caller: caller, request: request, expected: .refused(reason, names),
            preparation: preparation)
    }

    func run() throws {
        let world = try World()
        try preparation(world)
        let before = try world.headSequence()
        let request = try request(world)
        let reply = try world.call(method, request, caller)
        let events = try world.events(behind: before).map(\.action)
        switch expected {
        case .success(let actions):
            #expect(reply.status == nil)
            #expect(events == actions)
        case .refused(let reason, let names):
            #expect(reply.status?.reason == reason, "\(reply.status?.message ?? "it succeeded")")
            #expect(reply.status?.code == reason.code)
            #expect(reply.traceID?.count == 16)
            #expect(events == [])
            let named =
                reason == .forbidden ? reply.missingScopes?.split(separator: " ").map(String.init) : reply.fields
            #expect(named ?? [] == names)
        }
    }
}

extension ServerTests {
    @Suite("Every operation: what it answers, refuses and leaves in the audit")
    struct ConformanceTests {
        @Test(arguments: Conformance.tokens) func tokens(_ row: Conformance) throws { try row.run() }
        @Test(arguments: Conformance.accounts) func serviceAccounts(_ row: Conformance) throws { try row.run() }
        @Test(arguments: Conformance.accountTokens) func tokensOfAccounts(_ row: Conformance) throws { try row.run() }
        @Test(arguments: Conformance.members) func members(_ row: Conformance) throws { try row.run() }
        @Test(arguments: Conformance.host) func host(_ row: Conformance) throws { try row.run() }

        private static let all =
            Conformance.tokens + Conformance.accounts + Conformance.accountTokens + Conformance.members
            + Conformance.host

        @Test func noMethodIsLeftOut() {
            let walked = Set(
                Self.all.filter { if case .success = $0.expected { true } else { false } }.map(\.method))
            // Streams have suites of their own, and so have reloads, which want files.
            #expect(Set(Method.allCases).subtracting(walked) == [.tailEvents, .backup, .reload])
        }

        /// Refusals that no row has to repeat, because they come before a method is looked at.
        @Test(arguments: Method.allCases.filter { MethodRule.rule(of: $0).caller == .required })
        func whoNamesNoCallerIsUnauthorized(_ method: Method) throws {
            let fixture = try ServerFixture.shared
            // Even a request that is empty where it must not be: the caller comes before the store, not before the form.
            for metadata in [[], [KeyValue.bearer(Tokens.unknown)], .delegated("nobody", "ws_acme")] {
                let client = try metadata.count == 2 ? fixture.operatorClient() : fixture.client()
                let reply = try client.call(method, ValidRequests.request(method), metadata: metadata)
                #expect(reply.status?.reason == .unauthorized)
            }
        }
    }
}

/// For each method with a caller a request that is well formed, and names what does not exist.
enum ValidRequests {
    static let tokenID = "tok_01ARZ3NDEKTSV4RRFFQ69G5FAV"
    static let accountID = "sa_01ARZ3NDEKTSV4RRFFQ69G5FAV"

    static func request(_ method: Method) -> any WireMessage {
        switch method {
        case .createToken: CreateTokenRequest(name: "n", scopes: ["issues:read"])
        case .getToken, .revokeToken: IDRequest(id: tokenID)
        case .rollToken: RollTokenRequest(id: tokenID)
        case .importTokens:
            ImportTokensRequest(tokens: [
                ImportedToken(
                    digest: [UInt8](repeating: 7, count: 32), name: "n", ownerID: "bob", scopes: ["issues:read"])
            ])
        case .createServiceAccount: CreateServiceAccountRequest(name: "n")
        case .getServiceAccount, .deleteServiceAccount: IDRequest(id: accountID)
        case .updateServiceAccount: UpdateServiceAccountRequest(id: accountID, name: "n")
        case .issueServiceAccountToken: IssueServiceAccountTokenRequest(serviceAccountID: accountID, name: "n")
        case .revokeServiceAccountToken: RevokeServiceAccountTokenRequest(serviceAccountID: accountID, id: tokenID)
        case .rollServiceAccountToken: RollServiceAccountTokenRequest(serviceAccountID: accountID, id: tokenID)
        case .listServiceAccountTokens: ListServiceAccountTokensRequest(serviceAccountID: accountID)
        case .putMember: PutMemberRequest(userID: "zoe", role: "viewer")
        case .removeMember: RemoveMemberRequest(userID: "zoe")
        default: EmptyMessage()
        }
    }
}
