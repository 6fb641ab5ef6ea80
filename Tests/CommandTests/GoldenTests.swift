import Foundation
import Testing

@Suite("What tokenctl says without a daemon")
struct GoldenTests {
    /// The commands that the general help lists: in every section before the options.
    private func commands() throws -> [String] {
        let help = try Programs.run("tokenctl", ["--help"]).output
        let sections = try #require(help.components(separatedBy: "Common options:").first)
        return sections.components(separatedBy: "\n").compactMap { line in
            guard let match = line.wholeMatch(of: #/  ([a-z]+(?:[- ][a-z]+)*) {2,}\S.*/#) else { return nil }
            return String(match.1)
        }
    }

    @Test func helpIsAsItShallBe() throws {
        let commands = try commands()
        #expect(commands.count > 30)
        let beginnings = ["token", "service-account", "service-account token", "member", "workspace", "audit"]
        var files: Set<String> = []
        for name in commands + beginnings + [""] {
            let words = name.split(separator: " ").map(String.init)
            let outcome = try Programs.run("tokenctl", words + ["--help"])
            #expect(outcome.exitCode == 0)
            #expect(outcome.errors.isEmpty)
            let file = (words.isEmpty ? "general" : words.joined(separator: "-")) + ".txt"
            try Golden.expect(outcome.output, is: "help/" + file)
            files.insert(file)
        }
        #expect(try Golden.names(in: "help") == files, "help of commands that there are no more")
    }

    @Test func helpIsFoundInEveryWay() throws {
        let help = try Programs.run("tokenctl", ["service-account", "token", "issue", "--help"]).output
        for words in [
            ["help", "service-account", "token", "issue"], ["sa", "token", "issue", "-h"],
            ["sa", "token", "issue", "acc", "name", "--scope", "a:b", "--help"],
            ["--json", "sa", "token", "issue", "--help"],
            ["sa", "--json", "token", "--timeout", "5s", "issue", "--help"], ["--help", "sa", "token", "issue"],
        ] {
            let outcome = try Programs.run("tokenctl", words)
            #expect(outcome.output == help)
            #expect(outcome.exitCode == 0)
        }
        #expect(try Programs.run("tokenctl", []).output == Programs.run("tokenctl", ["help"]).output)
    }

    static let wrongCommandLines: [[String]] = [
        ["tokn"], ["tokne", "list"], ["service-account-token"], ["Another-systems-token-0123456789"],
        ["token"], ["token", "crate"], ["token", "frobnicate"], ["sa", "token"],
        ["sa", "token", "isue"], ["help", "tokn"], ["--jsn", "token", "list"], ["token", "--jsn", "list"],
        ["tokn", "--limit", "3"],
        ["--json"], ["token", "--json"], ["token", "create"],
        ["token", "create", "x"], ["token", "create", "x", "--scoop", "y"], ["token", "create", "x", "--scope"],
        ["token", "create", "x", "--scope="], ["token", "create", "x", "--scope", "a:b", "--expires-in", "soon"],
        ["token", "create", "x", "--scope", "a:b", "--expires-at", "tomorrow"],
        ["token", "create", "x", "--scope", "a:b", "--expires-in", "1d", "--expires-at", "2027-01-31T12:00:00Z"],
        ["token", "list", "--state", "activ"], ["token", "list", "--limit", "0"], ["token", "list", "--limit", "many"],
        ["token", "show", "a", "b"], ["token", "show", "a", "--json", "--json"], ["token", "show"],
        ["token", "roll"], ["token", "roll", "--self", "tok_1"], ["token", "roll", "--self", "--overlap", "59s"],
        ["token", "roll", "--self", "--as", "ann", "--workspace", "ws_a"],
        ["token", "roll", "--self", "--output-file", "x"], ["token", "roll", "--self"],
        ["token", "roll", "--self", "--token-file", "/nonexistent/token"], ["token", "revoke"],
        ["token", "revoke", "--leaked", "tok_1"], ["token", "revoke", "--leaked"], ["token", "import"],
        ["token", "import", "/nonexistent.jsonl", "--dry-run"], ["service-account", "create"],
        ["service-account", "list", "--disabled", "--enabled"], ["service-account", "update", "sa_1"],
        ["service-account", "update", "sa_1", "--scope", "a:b", "--no-scopes"], ["service-account", "delete", "sa_1"],
        ["service-account", "token", "issue", "sa_1"], ["member", "put"], ["member", "list", "--status", "suspnded"],
        ["member", "remove", "bob"], ["workspace", "end", "ws_a"], ["workspace", "list", "--state", "gone"],
        ["events", "--after", "7"], ["events", "--action", "*"], ["events", "--action", "tok*"],
        ["events", "--action", "token"], ["events", "--follow", "--since", "1h"],
        ["events", "--follow", "--after", "-1"],
        ["events", "--since", "yesterday"], ["audit", "verify", "--from", "0"],
        ["audit", "verify", "--known", "12:beef"], ["metrics", "--output-file"], ["top", "--interval", "0s"],
        ["completion"], ["completion", "bsh"],
        ["completion", "tcsh"],
        ["whoami", "--json=yes"], ["whoami"], ["whoami", "--as", "ann"], ["whoami", "--workspace", "ws_a"],
        ["whoami", "--as", "ann", "--workspace", "ws_a", "--token-file", "x"], ["whoami", "--timeout", "5"], ["login"],
        ["login", "--as", "ann"], ["verify", "--workspace", "ws_b"], ["--workspace", "ws_b", "verify"],
        ["verify", "--token-file=x"], ["workspace", "list", "--as", "bob"], ["demo", "--socket", "x"],
        ["events", "--host", "--workspace", "ws_b"], ["bootstrap", "--as", "bob"],
        ["token", "revoke", "--leaked", "--as", "ann"], ["token", "roll", "--self", "--workspace", "ws_a"],
        ["bootstrap"], ["bootstrap", "--workspace", "ws_a"], ["verify"],
        ["status", "--socket", "/nonexistent/tokend.sock"],
        ["backup"], ["backup", "-"], ["backup", ""], ["member", "put", ""],
        ["metrics", "--output-file", "-"], ["token", "create", "x", "--scope", "a:b", "--output-file", "-"],
        ["backup", "/nonexistent/copy.db"],
        ["token", "create", "x", "--scope", "a:b", "--expires-in", "99999999999d"],
        ["token", "list", "--expires-within", "99999999999d"], ["token", "list", "--unused-for", "99999999999d"],
        ["events", "--since", "99999999999d"], ["status", "--server-user", "no such user"],
        ["service-account", "token", "issue", "sa_1", "x", "--output-file=-"],
    ]

    @Test func everyErrorIsAsItShallBe() throws {
        var transcript = Transcript()
        for words in Self.wrongCommandLines {
            let outcome = try Programs.run("tokenctl", words, environment: ["HOME": "/nonexistent"])
            #expect(outcome.exitCode != 0, "\(words)")
            #expect(outcome.output.isEmpty, "\(words)")
            transcript.add(words, outcome)
        }
        try Golden.expect(transcript.text, is: "errors.txt")
    }
}
