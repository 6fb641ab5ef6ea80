import LinuxIO
import Synchronization
import Testing
import TokenWire

@testable import TokenClient

@Suite("A verifier that many threads use")
struct VerifierRaceTests {
    /// Counts the changes of a token: it is good while the number is even, and revoked while it is odd.
    private final class Changes: Sendable {
        let count = Atomic<Int>(0)
        let isOver = Atomic<Bool>(false)
        let validCount = Atomic<Int>(0)
        let violationCount = Atomic<Int>(0)

        var current: Int { count.load(ordering: .sequentiallyConsistent) }
    }

    @Test("says valid at no time after a revocation has returned, and invalid at none before it began")
    func exact() async throws {
        let world = try VerifierWorld()
        let good = VerifierWorld.valid("a")
        world.set("a", good)
        let verifier = try world.verifier()
        let changes = Changes()
        await onThreads(4) { thread in
            guard thread > 0 else {
                for _ in 0..<200 {
                    // A revocation: begin, commit, end, and it has returned.
                    world.begin("a")
                    world.set("a", VerifyAnswer(outcome: .revoked, tokenID: "tok_a", workspaceID: "ws_1"))
                    world.end("a")
                    changes.count.add(1, ordering: .sequentiallyConsistent)
                    for _ in 0..<20 where (try? verifier.outcome(of: "a")) != .revoked {
                        changes.violationCount.add(1, ordering: .relaxed)
                    }
                    changes.count.add(1, ordering: .sequentiallyConsistent)
                    world.begin("a")
                    world.set("a", good)
                    world.end("a")
                    for _ in 0..<20 where (try? verifier.outcome(of: "a")) != .valid {
                        changes.violationCount.add(1, ordering: .relaxed)
                    }
                }
                changes.isOver.store(true, ordering: .releasing)
                return
            }
            while !changes.isOver.load(ordering: .acquiring) {
                let before = changes.current
                let isValid =
                    thread == 1
                    ? (try? verifier.verify("a", requiring: ["issues:read"], in: "ws_1"))?.isValid
                    : (try? verifier.outcome(of: "a")) == .valid
                // Revoked when it began, and nothing has changed since.
                if isValid == true, before % 2 == 1, changes.current == before {
                    changes.violationCount.add(1, ordering: .relaxed)
                }
                if isValid == true { changes.validCount.add(1, ordering: .relaxed) }
            }
        }
        #expect(changes.violationCount.load(ordering: .relaxed) == 0)
        #expect(changes.validCount.load(ordering: .relaxed) > 1_000)
        #expect(verifier.statistics.hitCount > 1_000)
    }

    @Test("tells of each token what is its own while entries displace each other, pages are lost and uses reported")
    func mixed() async throws {
        let world = try VerifierWorld()
        let tokens = (0..<64).map { "token-\($0)" }
        for (number, token) in tokens.enumerated() {
            world.set(token, VerifierWorld.valid(token, scopes: ["s\(number):read"], workspaceID: "ws_\(number)"))
        }
        let verifier = try world.verifier(entryCountMax: 32)
        let wrong = Collected<String>()
        await onThreads(4) { thread in
            var random = SystemRandomNumberGenerator()
            for round in 0..<8_000 {
                let number = Int(random.next() % 24) + (round % 50 == 0 ? 40 : 0)
                let token = tokens[number]
                switch thread {
                case 0:
                    if (try? verifier.verify(token))?.tokenName != token { wrong.add("name of \(token)") }
                case 1:
                    let outcome = try? verifier.outcome(of: token, requiring: ["s\(number):read"], in: "ws_\(number)")
                    if outcome != .valid { wrong.add("\(token) \(String(describing: outcome))") }
                case 2:
                    let other = (number + 1) % 64
                    if (try? verifier.outcome(of: token, requiring: ["s\(other):read"])) != .insufficientScope {
                        wrong.add("scope of \(token)")
                    }
                    if (try? verifier.outcome(of: token, in: "ws_\(other)")) != .workspaceMismatch {
                        wrong.add("workspace of \(token)")
                    }
                default:
                    world.begin(token)
                    world.end(token)
                    if round % 200 == 0 { try? world.restartOnPage() }
                    if round % 100 == 0 { try? verifier.reportUsage() }
                    rest()
                    if round == 300 { return }
                }
            }
        }
        #expect(wrong.all == [])
        #expect(verifier.statistics.hitCount > 0)
        let total = verifier.statistics.hitCount
        try await verifier.reportUsage()
        #expect(world.reports.joined().map(\.count).reduce(0, +) == total)
    }
}
