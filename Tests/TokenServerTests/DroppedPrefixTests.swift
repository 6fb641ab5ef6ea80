import Testing
import TokenCore
import TokenStore
import TokenWire

@testable import TokenServer

extension ServerTests {
    /// A token of a prefix that the configuration no longer has, and another system's token beside it.
    @Suite("A prefix that was dropped")
    struct DroppedPrefixTests {
        private let fixture: ServerFixture
        private let client: RawClient
        private let dropped: String

        init() throws {
            fixture = try ServerFixture()
            client = try fixture.client()
            let secret = TokenText.make(
                prefixes: try TokenPrefixes(["abc"]), kind: .personal, random: (1, 2, 3, 4)
            ).revealAsText()
            dropped = secret
            let bytes = Array(secret.utf8)
            let creation = CreateToken(
                name: "before", scopes: ScopeSet(text: "issues:read") ?? ScopeSet(), expiresAt: nil, request: nil,
                secret: SecretDraft(digest: Digest(hashing: bytes.span), hint: TokenText.hint(bytes.span)))
            let isMade = Semaphore()
            let origin = Origin(
                claim: .delegated(userID: "ann", workspaceID: "ws_acme"), peerUserID: 0, peerProcessID: 1,
                traceID: "", deadlineNanoseconds: nil)
            fixture.store.submit(creation, origin: origin) { result in
                if case .failure(let refusal) = result { Issue.record("\(refusal)") }
                isMade.signal()
            }
            isMade.wait()
        }

        private func verify(_ text: String) throws -> VerifyResponse {
            try client.call(.verify, VerifyRequest(token: text)).verified()
        }

        private func importToken(_ text: String) throws {
            _ = try fixture.operatorClient().call(
                .bootstrap, BootstrapRequest(workspaceID: "ws_other", userID: "eve"))
            let token = ImportedToken(
                digest: Digest(hashing: Array(text.utf8).span).bytes, name: "old", ownerID: "eve",
                scopes: ["issues:read"], hint: "old_…")
            let reply = try fixture.operatorClient().call(
                .importTokens, ImportTokensRequest(tokens: [token]), metadata: .delegated("eve", "ws_other"))
            _ = try reply.decode { _ in }
        }

        @Test func staysDroppedWhenAnotherWorkspaceHasImportedATokenAndTheImportedOneVerifies() throws {
            #expect(try verify(dropped).outcome == .malformed)
            let text = "old_secret of another system"
            try importToken(text)
            for _ in 0..<2 {
                #expect(try verify(dropped) == VerifyResponse(outcome: .unknown))
                #expect(try verify(text).outcome == .valid)
            }
            let batch = VerifyBatchRequest(requests: [VerifyRequest(token: dropped), VerifyRequest(token: text)])
            let outcomes = try client.call(.verifyBatch, batch).decode {
                try VerifyBatchResponse(copying: VerifyBatchResponse.View($0)).responses.map(\.outcome)
            }
            #expect(outcomes == [.unknown, .valid])
            let caller = try client.call(.whoAmI, EmptyMessage(), metadata: [.bearer(dropped)])
            #expect(caller.status?.reason == .unauthorized)
            let revocation = try client.call(.revokeSelf, RevokeSelfRequest(token: dropped))
            #expect(revocation.status?.reason == .notFound)
            #expect(try client.call(.whoAmI, EmptyMessage(), metadata: [.bearer(text)]).status == nil)
        }
    }
}
