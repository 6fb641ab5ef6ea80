import Foundation
import Testing

/// Whole sessions, held to golden transcripts: what a person sees when the commands are used one after the other.
@Suite("Sessions with tokenctl", .serialized)
struct SessionTests {
    let daemon: RunningDaemon

    init() throws {
        daemon = try RunningDaemon()
        try daemon.logIn()
    }

    /// Runs commands and writes down what they answer.
    private final class Session {
        private let daemon: RunningDaemon
        private(set) var transcript = Transcript()

        init(_ daemon: RunningDaemon) { self.daemon = daemon }

        @discardableResult
        func run(_ line: String, input: String = "") throws -> String {
            let words = line.split(separator: " ").map { $0.replacingOccurrences(of: "+", with: " ") }
            let outcome = try Programs.run("tokenctl", words, input: input, environment: daemon.environment)
            transcript.add(words.map { $0.replacingOccurrences(of: daemon.directory, with: "<dir>") }, outcome)
            return outcome.line
        }
    }

    @Test func tokens() throws {
        let session = Session(daemon)
        try session.run("whoami")
        try session.run("scopes")
        try session.run("token create ci --scope issues:read --expires-in 90d")
        try session.run("token create ci --scope issues:read")
        try session.run("token create x --scope no:such")
        try session.run("token create x --scope issues:read --expires-at 2020-01-31T12:00:00Z")
        try session.run("token list")
        try session.run("token list --json --name-prefix ci")
        try session.run("token list --state revoked")
        let id = try session.run("token list --name-prefix ci --quiet")
        let secret = try session.run("token roll \(id) --overlap 1h --quiet")
        try session.run("verify --scope issues:read", input: secret)
        try session.run("verify --scope issues:write --json", input: secret)
        try session.run("verify --in ws_other", input: secret)
        try session.run("verify", input: "nonsense")
        try session.run("verify", input: String(repeating: "x", count: 300))
        try session.run("verify", input: String(repeating: "x", count: 5_000))
        try session.run("verify", input: "clpu_ü\u{7}")
        try session.run("token show \(id)")
        try session.run("token revoke \(id)")
        try session.run("token revoke \(id) --quiet")
        try session.run("token roll \(id)")
        try session.run("token roll \(id) --overlap 8d")
        try session.run("token show tok_01ARZ3NDEKTSV4RRFFQ69G5FAV")
        try session.run("verify", input: secret)
        try session.run("token revoke --leaked", input: secret)
        try Golden.expect(session.transcript.text, is: "session-tokens.txt")
    }

    @Test func serviceAccounts() throws {
        let session = Session(daemon)
        try session.run("service-account list")
        try session.run("service-account create deployer --scope issues:read --scope issues:write")
        try session.run("sa create deployer")
        try session.run("sa create empty --json")
        try session.run("sa list")
        try session.run("sa list --scope issues:read --quiet")
        try session.run("sa show deployer")
        let secret = try session.run("sa token issue deployer host-7 --expires-in 30d --quiet")
        try session.run("sa token issue deployer host-8 --scope issues:read")
        try session.run("sa token issue deployer host-9 --scope audit:read")
        try session.run("sa update deployer --name releaser --scope issues:read")
        try session.run("sa update releaser --no-scopes")
        try session.run("sa token list releaser")
        let id = try session.run("sa token list releaser --name-prefix host-7 --quiet")
        try session.run("sa disable releaser")
        try session.run("verify", input: secret)
        try session.run("sa list --disabled")
        try session.run("sa enable releaser")
        let rolled = try session.run("sa token roll releaser \(id) --overlap 1h --quiet")
        try session.run("verify", input: rolled)
        try session.run("sa token revoke releaser \(id)")
        try session.run("token show \(id)")
        try session.run("sa delete releaser")
        try session.run("sa delete releaser --yes")
        try session.run("sa delete releaser --yes")
        try session.run("sa show sa_01ARZ3NDEKTSV4RRFFQ69G5FAV")
        try Golden.expect(session.transcript.text, is: "session-service-accounts.txt")
    }

    @Test func members() throws {
        let session = Session(daemon)
        try session.run("member put bob")
        try session.run("member put bob --role analist")
        try session.run("member put bob --role analyst")
        try session.run("member put bob --role analyst --json")
        try session.run("member put bob --role viewer")
        try session.run("member list")
        try session.run("member list --role viewer --quiet")
        let secret = try session.run(
            "token create bobs --scope issues:read --as bob --workspace ws_test --quiet")
        try session.run("member suspend bob --json")
        try session.run("verify", input: secret)
        try session.run("member list --status suspended --json")
        try session.run("member reactivate bob")
        try session.run("member suspend ann")
        try session.run("member put ann --role viewer")
        try session.run("member remove ann --yes")
        try session.run("member remove bob --yes")
        try session.run("verify", input: secret)
        try session.run("member remove bob --yes")
        try session.run("member list --user bob")
        try Golden.expect(session.transcript.text, is: "session-members.txt")
    }

    @Test func operators() throws {
        let session = Session(daemon)
        try session.run("bootstrap --workspace ws_other --user eve")
        try session.run("bootstrap --workspace ws_other --user eve")
        try session.run("workspace list")
        try session.run("workspace suspend ws_test")
        try session.run("whoami")
        try session.run("workspace list --state suspended --json")
        try session.run("workspace activate ws_test")
        try session.run("whoami --quiet")
        try session.run("workspace end ws_other")
        try session.run("workspace end ws_other --yes")
        try session.run("workspace activate ws_other")
        try session.run("workspace suspend ws_none")
        try session.run("events --limit 3")
        try session.run("events --host --action workspace.* --json")
        try session.run("events --target ws_nothing")
        try session.run("audit verify --from 10 --through 5")
        try session.run("events --since 1h --until 30m")
        try session.run("audit verify")
        try session.run("audit verify --from 2 --through 3 --json")
        try session.run("audit verify --known 1:\(String(repeating: "0", count: 64))")
        try Golden.expect(session.transcript.text, is: "session-operators.txt")
    }

    @Test func aKnownHeadIsCheckedAsStatusShowsIt() throws {
        let status = try daemon.tokenctl("status").output
        let head = try #require(status.firstMatch(of: /audit head +(\S+)/)?.1)
        #expect(try daemon.tokenctl("audit", "verify", "--known", String(head)).exitCode == 0)
    }
}
