import LinuxIO
import TokenWire

extension Conformance {
    static let tokens: [Conformance] =
        verifying + caching + scopesAndCaller + creating + looking + rolling + revoking + importing

    private static let verifying: [Conformance] = [
        .yes(.verify, "a live token", as: .nobody) { VerifyRequest(token: try $0.secret("weak")) },
        .yes(.verify, "no token at all is an outcome", as: .nobody) { _ in VerifyRequest(token: "x") },
        .yes(.verifyBatch, "some of each", as: .nobody) {
            VerifyBatchRequest(requests: [VerifyRequest(token: try $0.secret("weak")), VerifyRequest(token: "x")])
        },
        .no(.verifyBatch, .validationError, "none", as: .nobody, naming: "requests") { _ in VerifyBatchRequest() },
        .no(.verifyBatch, .validationError, "more than a hundred", as: .nobody, naming: "requests") { _ in
            VerifyBatchRequest(requests: Array(repeating: VerifyRequest(token: "x"), count: 101))
        },
    ]

    private static let caching: [Conformance] = [
        .yes(.getCachePage, "the page", as: .nobody) { _ in EmptyMessage() },
        .yes(.reportUsage, "of a token, and of none", as: .nobody) {
            ReportUsageRequest(usages: [
                TokenUsage(tokenID: try $0.id("weak"), count: 3, lastUsedAt: Timestamp(seconds: 1)),
                TokenUsage(tokenID: "x", count: 1),
            ])
        },
    ]

    private static let scopesAndCaller: [Conformance] = [
        .yes(.listScopes, "without a caller", as: .nobody) { _ in EmptyMessage() },
        .yes(.listScopes, "with one", as: .bearer("weak")) { _ in EmptyMessage() },
        .yes(.whoAmI, "a personal token", as: .bearer("bob")) { _ in EmptyMessage() },
        .yes(.whoAmI, "a service account's", as: .bearer("robot")) { _ in EmptyMessage() },
        .yes(.whoAmI, "a user whom a peer names", as: .user("bob")) { _ in EmptyMessage() },
    ]

    private static let creating: [Conformance] = [
        .yes(.createToken, "of the caller's own", as: .bearer("weak"), leaving: "token.created") { _ in
            CreateTokenRequest(name: "new", scopes: ["issues:read"])
        },
        .no(.createToken, .validationError, "without name and scope", naming: "name", "scopes") { _ in
            CreateTokenRequest()
        },
        .no(.createToken, .validationError, "a scope outside the catalogue", naming: "scopes") { _ in
            CreateTokenRequest(name: "new", scopes: ["no:such"])
        },
        .no(.createToken, .validationError, "an end in the past", naming: "expires_at") { _ in
            CreateTokenRequest(name: "new", scopes: ["issues:read"], expiresAt: Timestamp(seconds: 1))
        },
        .no(.createToken, .forbidden, "more than the caller holds", as: .bearer("weak"), naming: "issues:write") { _ in
            CreateTokenRequest(name: "new", scopes: ["issues:read", "issues:write"])
        },
        .no(.createToken, .forbidden, "by a service account", as: .bearer("robot")) { _ in
            CreateTokenRequest(name: "new", scopes: ["issues:read"])
        },
        .no(.createToken, .conflict, "a name that is taken") { _ in
            CreateTokenRequest(name: "weak", scopes: ["issues:read"])
        },
        .no(.createToken, .forbidden, "an end after the bearer's", as: .bearer("short"), after: addShort) { _ in
            CreateTokenRequest(name: "new", scopes: ["issues:read"])
        },
    ]

    @Sendable private static func addShort(_ world: World) throws {
        let inAnHour = Timestamp(microsecondsSince1970: SystemClock.realtimeMicroseconds() + 3_600_000_000)
        try world.createToken("short", of: "ann", ["issues:read"], expiresAt: inAnHour)
    }

    private static let looking: [Conformance] = [
        .yes(.listTokens, "the caller's own", as: .bearer("bob")) { _ in ListTokensRequest() },
        .yes(.listTokens, "another member's") { _ in ListTokensRequest(ownerID: "bob") },
        .no(.listTokens, .forbidden, "another's without the scope", as: .bearer("bob"), naming: "workspace:admin") {
            _ in ListTokensRequest(ownerID: "ann")
        },
        .no(.listTokens, .notFound, "of nobody") { _ in ListTokensRequest(ownerID: "zoe") },
        .no(.listTokens, .forbidden, "of a service account itself", as: .bearer("robot")) { _ in ListTokensRequest() },
        .no(.listTokens, .validationError, "a state of the other kind", naming: "state") { _ in
            ListTokensRequest(state: .disabled)
        },
        .yes(.getToken, "the caller's own", as: .bearer("bob")) { IDRequest(id: try $0.id("bob")) },
        .yes(.getToken, "another's") { IDRequest(id: try $0.id("bob")) },
        .no(.getToken, .notFound, "another's without the scope", as: .bearer("bob")) {
            IDRequest(id: try $0.id("weak"))
        },
        .no(.getToken, .notFound, "a service account's") { IDRequest(id: try $0.id("robot")) },
    ]

    private static let rolling: [Conformance] = [
        .yes(.rollToken, "the caller's own", leaving: "token.rolled") { RollTokenRequest(id: try $0.id("weak")) },
        .yes(.rollToken, "itself, with an overlap", as: .bearer("weak"), leaving: "token.rolled") {
            RollTokenRequest(id: try $0.id("weak"), overlapSeconds: 60)
        },
        .no(.rollToken, .validationError, "itself without one", as: .bearer("weak"), naming: "overlap_seconds") {
            RollTokenRequest(id: try $0.id("weak"))
        },
        .no(.rollToken, .validationError, "more than seven days", naming: "overlap_seconds") {
            RollTokenRequest(id: try $0.id("weak"), overlapSeconds: 604_801)
        },
        .no(.rollToken, .forbidden, "another's, even by an administrator") { RollTokenRequest(id: try $0.id("bob")) },
        .no(.rollToken, .forbidden, "a stronger one", as: .bearer("tiny"), naming: "issues:read", after: addTiny) {
            RollTokenRequest(id: try $0.id("weak"), overlapSeconds: 60)
        },
        .no(.rollToken, .conflict, "a revoked one", after: { try revoke("weak", $0) }) {
            RollTokenRequest(id: try $0.id("weak"))
        },
        .no(.rollToken, .notFound, "a service account's") { RollTokenRequest(id: try $0.id("robot")) },
    ]

    @Sendable private static func addTiny(_ world: World) throws {
        try world.createToken("tiny", of: "ann", ["patterns:read"])
    }

    private static func revoke(_ name: String, _ world: World) throws {
        _ = try world.call(.revokeToken, IDRequest(id: try world.id(name)), .user("ann")).token()
    }

    private static let revoking: [Conformance] = [
        .yes(.revokeToken, "the caller's own", as: .bearer("bob"), leaving: "token.revoked") {
            IDRequest(id: try $0.id("bob"))
        },
        .yes(.revokeToken, "another's", leaving: "token.revoked") { IDRequest(id: try $0.id("bob")) },
        .yes(.revokeToken, "again, which changes nothing", after: { try revoke("bob", $0) }) {
            IDRequest(id: try $0.id("bob"))
        },
        .no(.revokeToken, .notFound, "another's without the scope", as: .bearer("bob")) {
            IDRequest(id: try $0.id("weak"))
        },
        .no(.revokeToken, .notFound, "a service account's") { IDRequest(id: try $0.id("robot")) },
        .yes(.revokeSelf, "a member's", as: .nobody, leaving: "token.revoked") {
            RevokeSelfRequest(token: try $0.secret("bob"))
        },
        .yes(.revokeSelf, "a service account's", as: .nobody, leaving: "service_account.token_revoked") {
            RevokeSelfRequest(token: try $0.secret("robot"))
        },
        .no(.revokeSelf, .notFound, "of nobody", as: .nobody) { _ in RevokeSelfRequest(token: Tokens.unknown) },
        .no(.revokeSelf, .validationError, "no token's text", as: .nobody, naming: "token") { _ in
            RevokeSelfRequest(token: "x")
        },
    ]

    private static func imported(
        _ name: String = "old", owner: String = "bob", scopes: [String] = ["issues:read"], digest: UInt8 = 1
    ) -> ImportedToken {
        ImportedToken(
            digest: [UInt8](repeating: digest, count: 32), name: name, ownerID: owner, scopes: scopes, hint: "old_…")
    }

    @Sendable private static func importOne(_ world: World) throws {
        _ = try world.call(.importTokens, ImportTokensRequest(tokens: [imported()]), .user("ann")).decode { _ in }
    }

    private static let importing: [Conformance] = [
        .yes(.importTokens, "two", leaving: "token.imported", "token.imported") { _ in
            ImportTokensRequest(tokens: [imported(), imported("older", owner: "", digest: 2)])
        },
        .yes(.importTokens, "again, which changes nothing", after: importOne) { _ in
            ImportTokensRequest(tokens: [imported()])
        },
        .no(.importTokens, .conflict, "a digest of another token", naming: "tokens[1].digest", after: importOne) { _ in
            ImportTokensRequest(tokens: [imported("new", digest: 9), imported("other")])
        },
        .no(.importTokens, .conflict, "a name that is taken", naming: "tokens[0].name") { _ in
            ImportTokensRequest(tokens: [imported("bob")])
        },
        .no(.importTokens, .notFound, "for nobody", naming: "tokens[0].owner_id") { _ in
            ImportTokensRequest(tokens: [imported(owner: "zoe")])
        },
        .no(
            .importTokens, .validationError, "what is wrong by itself", naming: "tokens[0].digest", "tokens[0].name",
            "tokens[0].scopes", "tokens[2].hint", "tokens[2].digest"
        ) { _ in
            ImportTokensRequest(tokens: [
                ImportedToken(digest: [1], ownerID: "bob"), imported("a"),
                ImportedToken(
                    digest: [UInt8](repeating: 1, count: 32), name: "b", scopes: ["issues:read"],
                    hint: String(repeating: "h", count: 17)),
            ])
        },
        .no(
            .importTokens, .forbidden, "a scope the caller lacks", as: .bearer("importer"), naming: "issues:write",
            after: {
                try $0.createToken("importer", of: "ann", ["workspace:admin"])
            }
        ) { _ in
            ImportTokensRequest(tokens: [imported(scopes: ["issues:write"])])
        },
        .no(.importTokens, .validationError, "none", naming: "tokens") { _ in ImportTokensRequest() },
        .no(.importTokens, .forbidden, "without the scope", as: .bearer("bob"), naming: "workspace:admin") { _ in
            ImportTokensRequest(tokens: [imported()])
        },
    ]
}
