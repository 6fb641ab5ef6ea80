import Testing
import TokenWire

@testable import TokenServer

extension ServerTests {
    @Suite("Workspaces don't see each other")
    struct IsolationTests {
        /// A method with an id of another workspace in it, and the same with one of nobody.
        struct Probe: Sendable, CustomTestStringConvertible {
            let method: Method
            let request: @Sendable (_ token: String, _ account: String, _ user: String) -> any WireMessage

            var testDescription: String { "\(method.name)" }

            init(
                _ method: Method,
                _ request: @escaping @Sendable (_ token: String, _ account: String, _ user: String) -> any WireMessage
            ) {
                self.method = method
                self.request = request
            }
        }

        static let probes: [Probe] = [
            Probe(.getToken) { token, _, _ in IDRequest(id: token) },
            Probe(.rollToken) { token, _, _ in RollTokenRequest(id: token) },
            Probe(.revokeToken) { token, _, _ in IDRequest(id: token) },
            Probe(.listTokens) { _, _, user in ListTokensRequest(ownerID: user) },
            Probe(.getServiceAccount) { _, account, _ in IDRequest(id: account) },
            Probe(.updateServiceAccount) { _, account, _ in UpdateServiceAccountRequest(id: account, name: "x") },
            Probe(.deleteServiceAccount) { _, account, _ in IDRequest(id: account) },
            Probe(.issueServiceAccountToken) { _, account, _ in
                IssueServiceAccountTokenRequest(serviceAccountID: account, name: "x")
            },
            Probe(.listServiceAccountTokens) { _, account, _ in
                ListServiceAccountTokensRequest(serviceAccountID: account)
            },
            Probe(.rollServiceAccountToken) { token, account, _ in
                RollServiceAccountTokenRequest(serviceAccountID: account, id: token)
            },
            Probe(.revokeServiceAccountToken) { token, account, _ in
                RevokeServiceAccountTokenRequest(serviceAccountID: account, id: token)
            },
            Probe(.removeMember) { _, _, user in RemoveMemberRequest(userID: user) },
        ]

        /// The administrator of ws_other asks for what is in ws_acme.
        @Test(arguments: probes)
        func whatIsAnotherWorkspacesIsNotThereInTheSameBytes(_ probe: Probe) throws {
            let world = try World()
            let foreign = probe.request(try world.id("robot"), try world.id("robot account"), "bob")
            let absent = probe.request(ValidRequests.tokenID, ValidRequests.accountID, "zoe")
            let answers = [
                try world.call(probe.method, foreign, .bearer("eve")),
                try world.call(probe.method, absent, .bearer("eve")),
            ]
            let statuses = answers.map { $0.status.map(withoutTrace) }
            #expect(answers[0].code == .notFound)
            #expect(statuses[0]?.encoded() == statuses[1]?.encoded())
            #expect(try world.verify("robot").outcome == .valid)
        }

        private func withoutTrace(_ status: Status) -> Status {
            Status(
                status.reason ?? .internal, message: status.message, traceID: "",
                metadata: status.errorInfo?.metadata.filter { $0.key != "trace_id" } ?? [],
                violations: status.badRequest?.fieldViolations ?? [])
        }

        @Test func everyMethodThatTakesAnIdIsProbed() {
            let withoutID: Set<Method> = [
                .whoAmI, .createToken, .importTokens, .createServiceAccount, .listServiceAccounts, .putMember,
                .listMembers,
            ]
            let managing = Method.allCases.filter { MethodRule.rule(of: $0).caller == .required }
            #expect(Set(managing).subtracting(withoutID) == Set(Self.probes.map(\.method)))
        }

        @Test func listsHoldNothingOfAnotherWorkspace() throws {
            let world = try World()
            let tokens = try world.call(.listTokens, ListTokensRequest(), .bearer("eve")).tokens()
            #expect(tokens.tokens.map(\.ownerID) == ["eve"])
            let accounts = try world.call(.listServiceAccounts, ListServiceAccountsRequest(), .bearer("eve")).decode {
                try ListServiceAccountsResponse(copying: ListServiceAccountsResponse.View($0))
            }
            #expect(accounts.serviceAccounts == [])
            #expect(accounts.totalSize == 0)
            let members = try world.call(.listMembers, ListMembersRequest(), .bearer("eve")).decode {
                try ListMembersResponse(copying: ListMembersResponse.View($0))
            }
            #expect(members.members.map(\.userID) == ["eve"])
            let events = try world.call(.listEvents, ListEventsRequest(), .bearer("eve")).events()
            #expect(Set(events.events.map(\.workspaceID)) == ["ws_other"])
            #expect(events.totalSize == 3)
        }

        @Test func namesAreFreeInEachWorkspace() throws {
            let world = try World()
            let account = try world.call(
                .createServiceAccount, CreateServiceAccountRequest(name: "robot"), .bearer("eve"))
            #expect(account.status == nil)
            let member = try world.call(.putMember, PutMemberRequest(userID: "bob", role: "viewer"), .bearer("eve"))
            #expect(member.status == nil)
            #expect(try world.verify("bob").workspaceID == "ws_acme")
        }

        @Test func importingAnotherWorkspacesDigestTellsNothingOfIt() throws {
            let world = try World()
            let token = ImportedToken(
                digest: [UInt8](repeating: 5, count: 32), name: "old", ownerID: "bob", scopes: ["issues:read"])
            _ = try world.call(.importTokens, ImportTokensRequest(tokens: [token]), .bearer("admin")).decode { _ in }
            var other = token
            other.ownerID = "eve"
            let refused = try world.call(.importTokens, ImportTokensRequest(tokens: [other]), .bearer("eve"))
            #expect(refused.status?.reason == .conflict)
            // What is in the way is named to those alone who may see it.
            #expect(refused.status?.errorInfo?.metadata.map(\.key) == ["trace_id"])
        }
    }
}
