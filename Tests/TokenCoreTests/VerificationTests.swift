import Testing

@testable import TokenCore

@Suite("Judging a verification")
struct VerificationTests {
    static let now = Instant(microseconds: 1_000)
    /// Never, in the past, just now, and in one microsecond.
    static let moments = [nil, Instant(microseconds: 1), now, Instant(microseconds: 1_001)]

    @Test("the raw values are the protocol's")
    func rawValues() {
        let names: [VerifyOutcome] = [
            .unspecified, .valid, .malformed, .unknown, .workspaceMismatch, .revoked, .superseded, .expired, .disabled,
            .ownerSuspended, .insufficientScope,
        ]
        #expect(names.map(\.rawValue) == Array(0...10))
        #expect(VerifyOutcome.allCases == names)
        #expect(TokenKind.allCases.map(\.rawValue) == [1, 2])
    }

    @Test("where several outcomes hold it is the first of the contract, in all combinations")
    func order() {
        let workspace = Array("ws_a".utf8)
        var judged = 0
        for bits in 0..<128 {
            func has(_ bit: Int) -> Bool { bits & 1 << bit != 0 }
            for supersededAt in Self.moments {
                for expiresAt in Self.moments {
                    var facts = VerificationFacts(workspaceID: has(0) ? "ws_b" : "ws_a", principalID: "usr_1")
                    facts.isTokenEnded = has(1)
                    facts.isParentEnded = has(2)
                    facts.supersededAt = supersededAt
                    facts.expiresAt = expiresAt
                    facts.hasExpiredForGood = has(6)
                    facts.isDisabled = has(3)
                    facts.isSuspended = has(4)
                    let holds: [(Bool, VerifyOutcome)] = [
                        (has(0), .workspaceMismatch),
                        (has(1) || has(2), .revoked),
                        (supersededAt.map { $0 <= Self.now } ?? false, .superseded),
                        (has(6) || expiresAt.map { $0 <= Self.now } ?? false, .expired), (has(3), .disabled),
                        (has(4), .ownerSuspended),
                        (has(5), .insufficientScope), (true, .valid),
                    ]
                    let outcome = facts.judge(
                        requestedWorkspace: workspace.span, now: Self.now, holdsRequired: { _ in !has(5) })
                    #expect(outcome == holds.first { $0.0 }?.1)
                    judged += 1
                }
            }
        }
        #expect(judged == 2_048)
    }

    @Test("any workspace will do when none is asked for, and no other when one is")
    func workspaces() {
        let facts = VerificationFacts(workspaceID: "ws_01ARZ3NDEKTSV4RRFFQ69G5FAV", principalID: "usr_1")
        func outcome(_ workspace: String) -> VerifyOutcome {
            facts.judge(requestedWorkspace: Array(workspace.utf8).span, now: Self.now, holdsRequired: { _ in true })
        }
        #expect(facts.judge(requestedWorkspace: nil, now: Self.now, holdsRequired: { _ in true }) == .valid)
        #expect(outcome(facts.workspaceID) == .valid)
        for other in [
            "", "ws_", "ws_01ARZ3NDEKTSV4RRFFQ69G5FAW", "ws_01ARZ3NDEKTSV4RRFFQ69G5FA", facts.workspaceID + "0",
        ] {
            #expect(outcome(other) == .workspaceMismatch)
        }
    }

    @Test("the scopes asked for are looked up in those that the token has now")
    func scopes() throws {
        var facts = VerificationFacts(workspaceID: "ws_a", principalID: "usr_1")
        facts.scopes = try #require(ScopeSet(text: "audit:read issues:read"))
        for (text, outcome) in [("issues:read", VerifyOutcome.valid), ("issues:write", .insufficientScope)] {
            let scope = Array(text.utf8)
            #expect(
                facts.judge(requestedWorkspace: nil, now: Self.now, holdsRequired: { $0.contains(scope.span) })
                    == outcome)
        }
    }

    @Test("a secret dies at its expiry or at the end of its overlap, whichever comes first")
    func death() {
        var facts = VerificationFacts(workspaceID: "ws_a", principalID: "usr_1")
        let (early, late) = (Instant(microseconds: 1), Instant(microseconds: 2))
        #expect(facts.diesAt == nil)
        for (superseded, expires, dies) in [
            (nil, late, late), (early, nil, early), (early, late, early), (late, early, early),
        ] {
            facts.supersededAt = superseded
            facts.expiresAt = expires
            #expect(facts.diesAt == dies)
        }
    }
}
