import Glibc
import LinuxIO
import Testing
import TokenWire

extension ServerTests {
    @Suite("What a verification says")
    struct VerificationTests {
        private let fixture: ServerFixture
        private let client: RawClient

        init() throws {
            fixture = try ServerFixture()
            client = try fixture.client()
        }

        private func verify(
            _ token: String, scopes: [String] = [], workspace: String = ""
        ) throws -> VerifyResponse {
            try client.call(
                .verify, VerifyRequest(token: token, requiredScopes: scopes, workspaceID: workspace)
            ).verified()
        }

        private func revoke(_ id: String) throws {
            let reply = try client.call(
                .revokeToken, RevokeTokenRequest(id: id), metadata: [.bearer(fixture.admin)])
            #expect(reply.status == nil)
        }

        private func roll(_ id: String, overlapSeconds: UInt32 = 0) throws -> String {
            try client.call(
                .rollToken, RollTokenRequest(id: id, overlapSeconds: overlapSeconds),
                metadata: [.bearer(fixture.admin)]
            ).secretToken().secret
        }

        private func soon(_ milliseconds: Int64) -> Timestamp {
            Timestamp(microsecondsSince1970: SystemClock.realtimeMicroseconds() + milliseconds * 1_000)
        }

        @Test func aTextWithoutOurShapeOrChecksumIsMalformed() throws {
            let last = fixture.admin.last == "0" ? "1" : "0"
            for text in [
                "", "x", "clpu_", String(fixture.admin.dropLast()), fixture.admin.dropLast() + last,
                fixture.admin + "0",
                " " + fixture.admin, String(repeating: "x", count: 100_000),
            ] {
                #expect(try verify(text) == VerifyResponse(outcome: .malformed))
            }
        }

        @Test func aWellFormedTextThatNobodyHasIsUnknown() throws {
            #expect(try verify(Tokens.unknown, workspace: "ws_acme") == VerifyResponse(outcome: .unknown))
        }

        @Test func aValidTokenCarriesItsFactsAndItsEffectiveScopes() throws {
            let made = try fixture.createToken("ci", scopes: ["issues:write", "issues:read"])
            let response = try verify(made.secret, scopes: ["issues:read"], workspace: "ws_acme")
            #expect(response.outcome == .valid)
            #expect(response.tokenID == made.token?.id)
            #expect(response.tokenName == "ci")
            #expect(response.kind == .personal)
            #expect(response.workspaceID == "ws_acme")
            #expect(response.principalID == "ann")
            #expect(response.scopes == ["issues:read", "issues:write"])
            #expect(response.missingScopes.isEmpty)
            #expect(response.expiresAt == nil)
        }

        @Test func anotherWorkspaceIsToldNothingElse() throws {
            let made = try fixture.createToken("ci")
            #expect(
                try verify(made.secret, scopes: ["audit:read"], workspace: "ws_other")
                    == VerifyResponse(outcome: .workspaceMismatch))
            // Nor that it is revoked.
            try revoke(try #require(made.token?.id))
            #expect(try verify(made.secret, workspace: "ws_other") == VerifyResponse(outcome: .workspaceMismatch))
        }

        @Test func missingScopesAreNamedAndHeldOnesAreNot() throws {
            let made = try fixture.createToken("ci", scopes: ["issues:read"])
            let response = try verify(made.secret, scopes: ["audit:read", "issues:read", "no scope"])
            #expect(response.outcome == .insufficientScope)
            #expect(response.missingScopes == ["audit:read", "no scope"])
            #expect(response.scopes.isEmpty)
            #expect(response.tokenID == made.token?.id)
        }

        @Test func theFirstOfSeveralReasonsIsSaid() throws {
            // Superseded, and the other reasons one after another.
            let made = try fixture.createToken("ci", expiresAt: soon(900))
            let id = try #require(made.token?.id)
            let new = try roll(id)
            #expect(try verify(made.secret, scopes: ["audit:read"]).outcome == .superseded)
            #expect(try verify(new, scopes: ["audit:read"]).outcome == .insufficientScope)
            usleep(1_000_000)
            #expect(try verify(new, scopes: ["audit:read"]).outcome == .expired)
            #expect(try verify(made.secret).outcome == .superseded)
            #expect(try verify(made.secret).scopes.isEmpty)
            try revoke(id)
            #expect(try verify(made.secret).outcome == .revoked)
            #expect(try verify(new).outcome == .revoked)
            #expect(try verify(new, workspace: "ws_other").outcome == .workspaceMismatch)
        }

        @Test func bothSecretsVerifyDuringAnOverlapAndTheOldOneSaysWhenItDies() throws {
            let made = try fixture.createToken("ci")
            let new = try roll(try #require(made.token?.id), overlapSeconds: 3_600)
            let old = try verify(made.secret)
            #expect(old.outcome == .valid)
            #expect(old.expiresAt != nil)
            #expect(try verify(new).outcome == .valid)
            #expect(try verify(new).expiresAt == nil)
        }

        @Test func aBatchIsAnsweredInOrder() throws {
            let made = try fixture.createToken("ci")
            let requests = [made.secret, "x", Tokens.unknown, fixture.admin].map { VerifyRequest(token: $0) }
            let reply = try client.call(.verifyBatch, VerifyBatchRequest(requests: requests))
            let outcomes = try reply.decode { try VerifyBatchResponse(copying: VerifyBatchResponse.View($0)) }
                .responses.map(\.outcome)
            #expect(outcomes == [.valid, .malformed, .unknown, .valid])
            let surplus = (0...WireLimits.verifyBatchCountMax).map { _ in VerifyRequest(token: "x") }
            let refused = try client.call(.verifyBatch, VerifyBatchRequest(requests: surplus))
            #expect(refused.status?.badRequest?.fieldViolations.map(\.field) == ["requests"])
        }

        @Test func afterARevocationHasReturnedNoVerificationOfAnyConnectionSucceeds() throws {
            let clients = try (0..<8).map { _ in try fixture.client() }
            for number in 0..<20 {
                let made = try fixture.createToken("ci-\(number)")
                for client in clients { try client.begin(.verify, VerifyRequest(token: made.secret)) }
                for client in clients { #expect(try #require(try client.receive()).verified().outcome == .valid) }
                try revoke(try #require(made.token?.id))
                for client in clients { try client.begin(.verify, VerifyRequest(token: made.secret)) }
                for client in clients { #expect(try #require(try client.receive()).verified().outcome == .revoked) }
            }
        }
    }
}
