import Foundation
import Testing

@Suite("tokenctl token import", .serialized)
struct ImportTests {
    let daemon: RunningDaemon

    init() throws {
        daemon = try RunningDaemon()
        try daemon.logIn()
    }

    /// A line whose digest is of its number: 64 digits. No two begin alike, for a store refuses such.
    private static func line(_ number: Int, name: String? = nil, owner: String = "ann", more: String = "") -> String {
        let digest = String(10_000 + number) + String(repeating: "0", count: 59)
        let name = name ?? "old-\(number)"
        return #"{"sha256": "\#(digest)", "name": "\#(name)", "owner": "\#(owner)", "scopes": ["issues:read"]\#(more)}"#
    }

    private func object(_ text: String) throws -> [String: Any] {
        try #require(try JSONSerialization.jsonObject(with: Data(text.utf8)) as? [String: Any])
    }

    @Test func tokensAreTakenOverByTheirDigestAndOnlyOnce() throws {
        // SHA-256 of "legacy-token-1".
        let digest = "a9297aa3a5544ab1becdd3ac2030d62da85c2cabcc9593e9b5b3a728e4978865"
        let line =
            #"{"sha256": "\#(digest)", "name": "old", "owner": "ann", "scopes": ["issues:read"], "hint": "legacy"}"#
        let imported = try daemon.tokenctl("token", "import", "-", input: line + "\n")
        #expect(imported.exitCode == 0, "\(imported.output)\(imported.errors)")
        #expect(imported.line == "1 line: 1 imported")
        #expect(try daemon.tokenctl("verify", input: "legacy-token-1").output.contains("VALID"))
        let again = try daemon.tokenctl("token", "import", "-", input: line)
        #expect(again.line == "1 line: 0 imported, 1 imported before")
        #expect(try daemon.tokenctl("token", "revoke", "--leaked", input: "legacy-token-1").exitCode == 0)
        #expect(try daemon.tokenctl("verify", input: "legacy-token-1").output.contains("REVOKED"))
    }

    @Test func theDigestOfTheEmptyTextIsNoTokens() throws {
        let digest = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
        let line = #"{"sha256": "\#(digest)", "name": "old", "owner": "ann", "scopes": ["issues:read"]}"#
        let refused = try daemon.tokenctl("token", "import", "-", input: line)
        #expect(refused.exitCode == 65)
        #expect(refused.output.contains("line 1, sha256: is that of the empty text"), "\(refused.output)")
    }

    @Test func aRefusedLineHoldsItsBatchBackAndTheOthersGoOn() throws {
        // Changes by a bearer would have to wait for each other.
        let delegation = ["--as", "ann", "--workspace", "ws_test"]
        func run(_ arguments: String...) throws -> Programs.Outcome {
            try Programs.run(
                "tokenctl", ["token", "import"] + arguments + delegation, environment: daemon.environment)
        }
        var lines = (1...230).map { Self.line($0) }
        lines[119] = Self.line(120, owner: "nobody")
        lines[149] = Self.line(150, name: "old-7")
        let file = daemon.directory + "/tokens.jsonl"
        try Data(lines.joined(separator: "\n").utf8).write(to: URL(fileURLWithPath: file))
        let imported = try run(file)
        #expect(imported.exitCode == 65)
        #expect(imported.output.contains("line 120, owner: "))
        #expect(imported.output.contains("230 lines: 130 imported, "))
        let ids = try daemon.tokenctl("token", "list", "--name-prefix", "old-", "--quiet").output
        #expect(ids.split(separator: "\n").count == 130)

        lines[119] = Self.line(120)
        lines[149] = Self.line(150)
        try Data(lines.joined(separator: "\n").utf8).write(to: URL(fileURLWithPath: file))
        let again = try run(file, "--json")
        #expect(again.exitCode == 0, "\(again.output)")
        let report = try object(again.output)
        #expect(report["imported"] as? Int == 100)
        #expect(report["known"] as? Int == 130)
    }

    @Test func whatIsTooMuchAtOnceWaits() throws {
        let lines = (1...115).map { Self.line($0) }.joined(separator: "\n")
        let clock = ContinuousClock()
        let start = clock.now
        let imported = try daemon.tokenctl("token", "import", "-", input: lines)
        #expect(imported.line == "115 lines: 115 imported")
        // Of 100 at once and 10 a second.
        #expect(clock.now - start > .seconds(1))
    }

    @Test func linesThatAreWrongByThemselvesAreToldWithoutADaemon() throws {
        let lines = [
            "\u{FEFF}" + Self.line(1), "", "no json", #"{"sha256": "00"}"#, "[]", Self.line(2, more: #", "scope": []"#),
            Self.line(1), #"{"name": "a", "name": "b"}"#, Self.line(3, more: #", "expires_at": "soon""#),
            Self.line(4, more: #", "hint": "12345678901234567""#), Self.line(5, name: ""), Self.line(6) + " 7",
            #"{"sha256": "\#(String(repeating: "a", count: 64))", "name": "x", "owner": "ann", "scopes": []}"#,
            Self.line(7, more: #", "expires_at": null, "hint": "\ud83d\ude00""#),
            Self.line(8, more: #", "hint": "\ud83d""#),
            Self.line(9, more: ", \"hint\": \"\u{1}\""), String(Self.line(10).dropLast(3)), Self.line(11, name: "ü€"),
            Self.line(12, more: #", "\u001b[31m\u009b1m": 1"#), #"{"\u001b[2J" 1}"#,
        ]
        let checked = try Programs.run(
            "tokenctl", ["token", "import", "-", "--dry-run"], input: lines.joined(separator: "\r\n"))
        #expect(checked.exitCode == 65)
        try Golden.expect(checked.output + checked.errors, is: "import-dry-run.txt")
        let json = try Programs.run(
            "tokenctl", ["token", "import", "-", "--dry-run", "--json"], input: lines.joined(separator: "\n"))
        let report = try object(json.output)
        #expect(report["lines"] as? Int == 19)
        #expect(report["refused_lines"] as? Int == 16)
        #expect((report["refusals"] as? [[String: Any]])?.first?["line"] as? Int == 3)
        #expect((report["refusals"] as? [[String: Any]])?.contains { $0["field"] as? String == "scope" } == true)
    }

    @Test func aFaultOfTheFileKeepsNothingBackThatCameBefore() throws {
        let lines = (1...50).map { Self.line($0) } + [String(repeating: "x", count: 300_000)]
        let imported = try daemon.tokenctl("token", "import", "-", input: lines.joined(separator: "\n"))
        #expect(imported.exitCode == 65)
        #expect(imported.line == "50 lines: 50 imported")
        #expect(imported.errors.contains("the import ended before line 51\n"))
        #expect(imported.errors.contains("line 51 is too long"))
        let directory = try daemon.tokenctl("token", "import", "/")
        #expect(directory.exitCode == 65 && directory.errors.contains("/: Is a directory"))
        let quiet = try daemon.tokenctl("token", "import", "-", "--quiet", input: "no json")
        #expect(quiet.exitCode == 65 && quiet.output.isEmpty && quiet.errors.hasPrefix("line 1: is no JSON"))
    }

    @Test func whoMayNotImportIsToldAtOnce() throws {
        let made = try daemon.tokenctl(
            "token", "create", "reader", "--scope", "issues:read", "--output-file", daemon.directory + "/reader")
        try #require(made.exitCode == 0)
        let refused = try daemon.tokenctl(
            "token", "import", "-", "--token-file", daemon.directory + "/reader", input: Self.line(1))
        #expect(refused.exitCode == 77)
        #expect(refused.errors.contains("workspace:admin"))
        #expect(refused.output.contains("0 imported"))
    }
}
