import LinuxIO
import Testing
import TokenWire

@testable import TokenClient

@Suite("A verifier")
struct VerifierTests {
    @Test("asks the daemon once and then answers the same from memory")
    func remembers() throws {
        let world = try VerifierWorld()
        world.set("a", VerifierWorld.valid("a", expiresAt: WireTimestamp(seconds: 4_000_000_000)))
        let verifier = try world.verifier()
        let first = try verifier.verify("a")
        #expect(first.isValid && first.tokenID == "tok_a" && first.scopes == ["issues:read"])
        for _ in 0..<10 {
            #expect(try verifier.verify("a") == first)
            #expect(try verifier.outcome(of: "a") == .valid)
        }
        #expect(world.requests == [VerifyRequest(token: "a")])
        #expect(world.pageCallCount == 1)
        let statistics = verifier.statistics
        #expect(statistics.hitCount == 20 && statistics.entryCount == 1 && statistics.pageProblem == nil)
        // The page was got on the way to the first answer, and nothing else is a reason to ask.
        #expect(statistics.missCount + statistics.fallbackCount == 1)
    }

    @Test("answers tasks from the same memory")
    func tasks() async throws {
        let world = try VerifierWorld()
        world.set("a", VerifierWorld.valid("a"))
        let verifier = try world.verifier()
        #expect(try await verifier.outcome(of: "a", requiring: ["issues:read"], in: "ws_1") == .valid)
        #expect(try await verifier.verify("a").tokenName == "a")
        #expect(try await verifier.outcome(of: "a", requiring: ["issues:write"]) == .insufficientScope)
        #expect(try await verifier.outcome(of: "b") == .unknown)
        #expect(try await verifier.verify("a", fresh: true).isValid)
        #expect(world.requests.map(\.token) == ["a", "b", "a"])
        try await verifier.reportUsage()
        #expect(world.reports.map { $0.map(\.count) } == [[1]])
    }

    @Test("judges scopes and workspace anew, the workspace first")
    func conditions() throws {
        let world = try VerifierWorld()
        world.set("a", VerifierWorld.valid("a", scopes: ["issues:read", "issues:write", "webhooks:admin"]))
        let verifier = try world.verifier()
        _ = try verifier.verify("a")
        func both(_ scopes: [String], _ workspace: String?) throws -> Verification {
            let verification = try verifier.verify("a", requiring: scopes, in: workspace)
            #expect(try verifier.outcome(of: "a", requiring: scopes, in: workspace) == verification.outcome)
            return verification
        }
        #expect(try both(["webhooks:admin", "issues:read"], "ws_1").isValid)
        #expect(try both([], "").isValid)
        let insufficient = try both(["b:read", "issues:read", "a:read", "b:read"], nil)
        #expect(insufficient.outcome == .insufficientScope)
        #expect(insufficient.missingScopes == ["b:read", "a:read", "b:read"] && insufficient.scopes == [])
        #expect(insufficient.tokenID == "tok_a" && insufficient.principalID == "ada")
        let mismatch = try both(["b:read"], "ws_2")
        #expect(mismatch.outcome == .workspaceMismatch && mismatch.tokenID == nil && mismatch.missingScopes == [])
        for workspace in [
            "ws_", "ws_11", "ws_1\0", "WS_1", String(repeating: "w", count: 31),
            "ws_1" + String(repeating: "x", count: 300),
        ] {
            #expect(try both([], workspace).outcome == .workspaceMismatch)
        }
        #expect(world.requests.count == 1)
        #expect(verifier.statistics.refusalCount == 16)
    }

    @Test("judges an answer that it has just got in the same way")
    func conditionsOfNewAnswer() throws {
        let world = try VerifierWorld()
        let verifier = try world.verifier()
        world.set("a", VerifierWorld.valid("a"))
        #expect(try verifier.verify("a", requiring: ["x:read"]).missingScopes == ["x:read"])
        world.set("b", VerifierWorld.valid("b"))
        #expect(try verifier.outcome(of: "b", requiring: ["x:read"], in: "ws_2") == .workspaceMismatch)
        world.set("c", VerifyAnswer(outcome: .revoked, tokenID: "tok_c", workspaceID: "ws_1"))
        #expect(try verifier.verify("c", requiring: ["x:read"], in: "ws_1").outcome == .revoked)
        #expect(try verifier.verify("c", in: "ws_2").tokenID == nil)
        #expect(try verifier.outcome(of: "d", in: "ws_2") == .unknown)
        #expect(world.requests.allSatisfy { $0.requiredScopes == [] && $0.workspaceID == "" })
    }

    @Test("remembers nothing but good tokens", arguments: [2, 3, 5, 6, 7, 8, 9, 77] as [Int32])
    func refusals(_ number: Int32) throws {
        let world = try VerifierWorld()
        var answer = VerifierWorld.valid("a")
        answer.outcome = VerifyOutcome(rawValue: number)
        world.set("a", answer)
        let verifier = try world.verifier()
        for _ in 0..<3 { #expect(try verifier.outcome(of: "a") != .valid) }
        #expect(world.requests.count == 3)
        #expect(verifier.statistics.entryCount == 0)
    }

    @Test("asks the daemon when it is told to, with the conditions")
    func fresh() throws {
        let world = try VerifierWorld()
        world.set("a", VerifierWorld.valid("a"))
        let verifier = try world.verifier()
        _ = try verifier.verify("a")
        _ = try verifier.verify("a", requiring: ["issues:read"], in: "ws_1", fresh: true)
        let request = VerifyRequest(token: "a", requiredScopes: ["issues:read"], workspaceID: "ws_1")
        #expect(world.requests == [VerifyRequest(token: "a"), request])
        #expect(verifier.statistics.freshCount == 1)
    }

    @Test("leaves it to the daemon to refuse more scopes than a question may have")
    func manyScopes() throws {
        let world = try VerifierWorld()
        world.set("a", VerifierWorld.valid("a"))
        let verifier = try world.verifier()
        _ = try verifier.verify("a")
        let scopes = (0..<51).map { "a\($0):read" }
        _ = try verifier.verify("a", requiring: scopes)
        _ = try verifier.outcome(of: "a", requiring: scopes)
        #expect(world.requests.map(\.requiredScopes.count) == [0, 51, 51])
    }

    @Test("asks nobody about a text that is longer than any token")
    func longText() async throws {
        let world = try VerifierWorld()
        let verifier = try world.verifier()
        func outcomes(_ text: String) throws -> [Verification.Outcome] {
            [
                try verifier.outcome(of: text, requiring: ["issues:read"], in: "ws_1"),
                try verifier.verify(text).outcome, try verifier.verify(text, fresh: true).outcome,
            ]
        }
        for long in [String(repeating: "l", count: 256), String(repeating: "é", count: 1 << 18)] {
            #expect(try outcomes(long) == [.malformed, .malformed, .malformed])
            #expect(try await verifier.outcome(of: long) == .malformed)
            #expect(try await verifier.verify(long).outcome == .malformed)
        }
        #expect(world.requests.isEmpty && world.pageCallCount == 0)
        #expect(try await verifier.outcome(of: String(repeating: "l", count: 255)) == .unknown)
        #expect(world.requests.count == 1)
    }

    @Test("compares bytes where Unicode has two spellings")
    func bytes() throws {
        let world = try VerifierWorld()
        world.set("a", VerifierWorld.valid("a", scopes: ["caf\u{e9}:read"], workspaceID: "ws_\u{e9}"))
        let verifier = try world.verifier()
        for _ in 0..<2 {
            #expect(try verifier.outcome(of: "a", requiring: ["caf\u{e9}:read"], in: "ws_\u{e9}") == .valid)
            #expect(try verifier.outcome(of: "a", requiring: ["cafe\u{301}:read"]) == .insufficientScope)
            #expect(try verifier.verify("a", requiring: ["cafe\u{301}:read"]).missingScopes.count == 1)
            #expect(try verifier.outcome(of: "a", in: "ws_e\u{301}") == .workspaceMismatch)
        }
        #expect(try verifier.outcome(of: "caf\u{e9}") == .unknown)
        #expect(world.requests.count == 2)
    }

    @Test("keeps a token of a workspace with a name of any length", arguments: [1, 30, 31, 32, 33, 128])
    func longWorkspaces(_ count: Int) throws {
        let world = try VerifierWorld()
        let workspace = String(repeating: "w", count: count)
        world.set("a", VerifierWorld.valid("a", workspaceID: workspace))
        let verifier = try world.verifier()
        _ = try verifier.verify("a")
        #expect(try verifier.outcome(of: "a", in: workspace) == .valid)
        #expect(try verifier.outcome(of: "a", in: workspace + "w") == .workspaceMismatch)
        #expect(try verifier.outcome(of: "a", in: workspace.dropLast() + "v") == .workspaceMismatch)
        #expect(world.requests.count == 1)
    }

    @Test("knows 256 scopes, and asks about tokens with others")
    func scopeNumbers() throws {
        let world = try VerifierWorld()
        let verifier = try world.verifier()
        let names = (0..<300).map { "resource-\($0):read" }
        for first in stride(from: 0, to: 300, by: 50) {
            world.set("\(first)", VerifierWorld.valid("\(first)", scopes: Array(names[first..<first + 50])))
            _ = try verifier.verify("\(first)")
        }
        #expect(verifier.statistics.entryCount == 5)
        for (number, name) in names.enumerated() {
            for first in [0, 50, 100, 150, 200] {
                let isHeld = first..<first + 50 ~= number
                #expect(
                    try verifier.outcome(of: "\(first)", requiring: [name]) == (isHeld ? .valid : .insufficientScope))
            }
        }
        #expect(world.requests.count == 6)
        #expect(try verifier.outcome(of: "250", requiring: [names[299]]) == .valid)
        #expect(world.requests.count == 7)
    }

    @Test("keeps no more than it was told to, and the ones used last")
    func bounded() throws {
        let world = try VerifierWorld()
        let verifier = try world.verifier(entryCountMax: 64)
        for number in 0..<1_000 {
            world.set("\(number)", VerifierWorld.valid("\(number)"))
            #expect(try verifier.verify("\(number)").tokenName == "\(number)")
        }
        #expect(verifier.statistics.entryCount == 64)
        #expect(try world.asked { _ = try verifier.outcome(of: "999") } == 0)
        #expect(try world.asked { for number in 0..<900 { _ = try verifier.outcome(of: "\(number)") } } > 800)
    }

    @Test("refuses a size that it can't have", arguments: [-1, 0, 7, 1 << 24 + 1])
    func sizes(_ count: Int) throws {
        let world = try VerifierWorld()
        #expect(
            thrownCode { () throws(TokenError) in
                do { _ = try world.verifier(entryCountMax: count) } catch let error as TokenError { throw error } catch
                {}
            } == .invalidArgument)
    }
}
