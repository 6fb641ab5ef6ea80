import Glibc
import Testing

@testable import TokenClient

@Suite("A verifier of a real server", .serialized)
struct VerifierDaemonTests {
    private let daemon: ManagedDaemon
    private let admin: TokenClient
    private let client: TokenClient
    private let verifier: TokenVerifier

    init() throws {
        daemon = try ManagedDaemon()
        admin = try daemon.host(.delegate(user: "ann", workspace: "ws_acme"))
        client = try daemon.service(.anonymous)
        verifier = try TokenVerifier(client: client)
    }

    /// The daemon's answer and the verifier's, the second time from memory where it can be.
    private func expectSame(_ token: String) async throws {
        for workspace in [nil, "", "ws_acme", "ws_other"] {
            for scopes in [
                [], ["issues:read"], ["issues:write"], ["x:read", "issues:read", "issues:write", "x:read"], [""],
            ] {
                let expected = try await client.verify(token, requiring: scopes, in: workspace)
                for _ in 0..<2 {
                    #expect(try await verifier.verify(token, requiring: scopes, in: workspace) == expected)
                    #expect(try await verifier.outcome(of: token, requiring: scopes, in: workspace) == expected.outcome)
                }
            }
        }
    }

    @Test("gives the same answer to every question, whatever has become of the token")
    func sameAnswers() async throws {
        let good = try await admin.createToken(name: "good", scopes: ["issues:read"])
        let ending = try await admin.createToken(
            name: "ending", scopes: ["issues:read"], expiresAt: Timestamp.now.adding(.milliseconds(700)))
        let revoked = try await admin.createToken(name: "revoked", scopes: ["issues:read"])
        let rolled = try await admin.createToken(name: "rolled", scopes: ["issues:read"])
        let account = try await admin.createServiceAccount(name: "robot", scopes: ["issues:read"])
        let disabled = try await admin.issueToken(ofServiceAccount: account.id, name: "ci")
        _ = try await admin.putMember(userID: "bob", role: "analyst")
        let bob = try daemon.host(.delegate(user: "bob", workspace: "ws_acme"))
        let suspended = try await bob.createToken(name: "laptop", scopes: ["issues:read"])
        let tokens = [good, ending, revoked, rolled, disabled, suspended].map { $0.secret.reveal() }
        // All of them are good, and remembered.
        for token in tokens { try await expectSame(token) }
        _ = try await admin.revokeToken(id: revoked.token.id)
        _ = try await admin.rollToken(id: rolled.token.id)
        _ = try await admin.updateServiceAccount(id: account.id, changing: .init(isDisabled: true))
        _ = try await admin.putMember(userID: "bob", status: .suspended)
        try? await Task.sleep(for: .milliseconds(800))
        var outcomes: [Verification.Outcome] = []
        for token in tokens + ["", "clpu_x", good.secret.reveal().dropLast() + "!"] {
            outcomes.append(try await verifier.outcome(of: token))
            try await expectSame(token)
        }
        #expect(
            outcomes == [
                .valid, .expired, .revoked, .superseded, .disabled, .ownerSuspended, .malformed, .malformed, .malformed,
            ])
        let statistics = verifier.statistics
        #expect(statistics.pageProblem == nil && statistics.hitCount > 50 && statistics.refusalCount > 50)
    }

    @Test("what the peer may not see any more is forgotten with the reload that says so")
    func narrowedGrant() async throws {
        let token = try await admin.createToken(name: "kept", scopes: ["issues:read"]).secret.reveal()
        for _ in 0..<3 { #expect(try await verifier.outcome(of: token) == .valid) }
        #expect(verifier.statistics.hitCount > 0)
        try daemon.write(configuration: "grant = user:\(geteuid()) verify ws_other\n")
        _ = try await daemon.host(.anonymous).reload()
        #expect(try await verifier.outcome(of: token) == .unknown)
    }

    @Test("a change that has returned is seen by the next question, each of many times")
    func exact() async throws {
        for round in 0..<50 {
            let made = try await admin.createToken(name: "\(round)", scopes: ["issues:read"])
            let token = made.secret.reveal()
            for _ in 0..<3 { #expect(try await verifier.outcome(of: token) == .valid) }
            if round % 2 == 0 {
                _ = try await admin.revokeToken(id: made.token.id)
                #expect(try await verifier.outcome(of: token) == .revoked)
            } else {
                let next = try await admin.rollToken(id: made.token.id)
                #expect(try await verifier.outcome(of: token) == .superseded)
                #expect(try await verifier.outcome(of: next.secret.reveal()) == .valid)
            }
        }
        #expect(verifier.statistics.hitCount >= 100)
    }

    @Test("loses scopes with the role of the token's owner")
    func demotion() async throws {
        _ = try await admin.putMember(userID: "bob", role: "analyst")
        let bob = try daemon.host(.delegate(user: "bob", workspace: "ws_acme"))
        let token = try await bob.createToken(name: "t", scopes: ["issues:read", "issues:write"]).secret.reveal()
        for _ in 0..<3 { #expect(try await verifier.outcome(of: token, requiring: ["issues:write"]) == .valid) }
        _ = try await admin.putMember(userID: "bob", role: "viewer")
        for _ in 0..<3 {
            #expect(try await verifier.outcome(of: token, requiring: ["issues:write"]) == .insufficientScope)
            #expect(try await verifier.outcome(of: token, requiring: ["issues:read"]) == .valid)
        }
    }

    @Test("goes on across a restart of the server, and forgets what it knew")
    func restart() async throws {
        let made = try await admin.createToken(name: "a", scopes: ["issues:read"])
        let token = made.secret.reveal()
        for _ in 0..<3 { #expect(try await verifier.outcome(of: token) == .valid) }
        try daemon.restart()
        #expect(try await verifier.outcome(of: token) == .valid)
        #expect(verifier.statistics.restartedCount == 1)
        _ = try await admin.revokeToken(id: made.token.id)
        #expect(try await verifier.outcome(of: token) == .revoked)
        let next = try await admin.createToken(name: "b", scopes: ["issues:read"]).secret.reveal()
        let hitCount = verifier.statistics.hitCount
        #expect(
            await eventually {
                _ = try? verifier.outcome(of: next)
                return verifier.statistics.hitCount > hitCount
            })
        #expect(verifier.statistics.pageProblem == nil)
    }

    @Test("tells the server when a token was used last")
    func usage() async throws {
        let made = try await admin.createToken(name: "a", scopes: ["issues:read"])
        _ = try await verifier.verify(made.secret.reveal())
        let first = Timestamp.now
        // Seconds are what is told.
        try await Task.sleep(for: .milliseconds(2_100))
        _ = try await verifier.verify(made.secret.reveal())
        #expect(verifier.statistics.hitCount == 1)
        try await verifier.reportUsage()
        // It writes down what it knows of uses when it stops.
        try daemon.restart()
        let usedAt = try #require(try await admin.token(id: made.token.id).lastUsedAt)
        #expect(usedAt > first && usedAt <= Timestamp.now)
    }
}
