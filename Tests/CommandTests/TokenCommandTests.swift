import Foundation
import Testing

@Suite("tokenctl against a daemon", .serialized)
struct TokenCommandTests {
    let daemon: RunningDaemon

    init() throws {
        daemon = try RunningDaemon()
        try daemon.logIn()
    }

    private func object(_ text: String) throws -> [String: Any] {
        try #require(try JSONSerialization.jsonObject(with: Data(text.utf8)) as? [String: Any])
    }

    @Test func aTokenLivesThroughTheCommandLine() throws {
        let created = try daemon.tokenctl("token", "create", "ci", "--scope", "issues:read", "--json")
        #expect(created.exitCode == 0)
        let answer = try object(created.output)
        let secret = try #require(answer["secret"] as? String)
        let id = try #require((answer["token"] as? [String: Any])?["id"] as? String)

        let valid = try daemon.tokenctl("verify", "--scope", "issues:read", input: secret + "\n")
        #expect(valid.exitCode == 0)
        #expect(valid.output.contains("VALID"))
        let lacking = try daemon.tokenctl("verify", "--scope", "issues:write", "--json", input: secret)
        #expect(lacking.exitCode == 1)
        #expect(try object(lacking.output)["outcome"] as? String == "INSUFFICIENT_SCOPE")
        #expect(try object(lacking.output)["missing_scopes"] as? [String] == ["issues:write"])

        let rolled = try daemon.tokenctl("token", "roll", id, "--quiet")
        #expect(rolled.exitCode == 0)
        #expect(try daemon.tokenctl("verify", "--json", input: secret).output.contains("SUPERSEDED"))
        #expect(try daemon.tokenctl("verify", "--quiet", input: rolled.output).exitCode == 0)

        #expect(try daemon.tokenctl("token", "revoke", id).line == "revoked \(id) (ci)")
        #expect(try daemon.tokenctl("verify", input: rolled.output).output.contains("REVOKED"))
        let shown = try object(try daemon.tokenctl("token", "show", id, "--json").output)
        #expect(shown["state"] as? String == "revoked")
    }

    @Test func aLeakedSecretEndsWithoutALogin() throws {
        let secret = try daemon.tokenctl("token", "create", "lost", "--scope", "issues:read", "--quiet").output
        let ended = try Programs.run(
            "tokenctl", ["token", "revoke", "--leaked"], input: secret,
            environment: ["TOKEND_SOCKET": daemon.directory + "/tokend.sock", "HOME": "/nonexistent"])
        #expect(ended.exitCode == 0)
        #expect(try daemon.tokenctl("verify", "--json", input: secret).output.contains("REVOKED"))
    }

    @Test func everyLeakedSecretEndsAndWhatIsNoneIsTold() throws {
        let secrets = try ["one", "two"].map { name in
            try daemon.tokenctl("token", "create", name, "--scope", "issues:read", "--quiet").line
        }
        let ended = try daemon.tokenctl("token", "revoke", "--leaked", input: secrets.joined(separator: "\n") + "\n")
        #expect(ended.exitCode == 0)
        #expect(ended.line == "2 secrets no longer verify")
        for secret in secrets { #expect(try daemon.tokenctl("verify", input: secret).output.contains("REVOKED")) }
        let text = "found \(secrets[0]) in a log"
        let mixed = try daemon.tokenctl("token", "revoke", "--leaked", "--json", input: text)
        #expect(mixed.exitCode == 0 && mixed.errors.isEmpty)
        #expect(try object(mixed.output)["secrets"] as? Int == 1)
        #expect(try object(mixed.output)["failed_words"] as? Int == 0)
        #expect(try object(mixed.output)["other_words"] as? Int == 4)
        let none = try daemon.tokenctl("token", "revoke", "--leaked", "--json", input: "found nothing in a log")
        #expect(none.exitCode == 65)
        #expect(try object(none.output)["revoked"] as? Bool == false)
        #expect(none.errors.contains("no token goes with 5 words of standard input; check that all were copied whole"))
    }

    /// What lists show of a token, and names in a program, are not taken for tokens that were cut.
    @Test func aLeakedSecretThatWasCutIsTold() throws {
        let cases = [
            ("TOKEN and CUT", 1, 1), ("TOKEN,CUT", 1, 0), ("key=CUT; TOKEN", 1, 0), ("TOKEN TOKENx", 1, 0),
            ("TOKEN clpu_…x7Qa this_is_a_name status_code menus_visible", 0, 4),
            ("again and again and TOKEN and then TOKEN \\nTOKEN", 0, 3),
        ]
        for (text, failedCount, otherCount) in cases {
            let secret = try daemon.tokenctl("token", "create", "lost", "--scope", "issues:read", "--quiet").line
            let found = text.replacingOccurrences(of: "CUT", with: secret.prefix(30))
                .replacingOccurrences(of: "TOKEN", with: secret)
            let ended = try daemon.tokenctl("token", "revoke", "--leaked", "--json", input: found)
            #expect(ended.exitCode == (failedCount == 0 ? 0 : 65))
            let answer = try object(ended.output)
            #expect(answer["secrets"] as? Int == 1)
            #expect(answer["failed_words"] as? Int == failedCount)
            #expect(answer["other_words"] as? Int == otherCount)
            #expect(ended.errors.contains("check that all were copied whole") == (failedCount > 0))
            #expect(!ended.errors.contains(secret.prefix(10)))
        }
    }

    @Test func aLeakedSecretEndsWhereverInATextItStands() throws {
        let cases = [
            ("k='TOKEN'", 0), ("curl -H 'Authorization: Bearer TOKEN'", 4), (#"{"log":"begin\nTOKEN\nend"}"#, 0),
            ("https://h/?t=TOKEN&x=1", 0), ("TOKEN,", 0), ("x\tTOKEN\r\n", 1),
        ]
        for (text, otherCount) in cases {
            let secret = try daemon.tokenctl("token", "create", "lost", "--scope", "issues:read", "--quiet").line
            let ended = try daemon.tokenctl(
                "token", "revoke", "--leaked", input: text.replacingOccurrences(of: "TOKEN", with: secret))
            #expect(ended.exitCode == 0 && ended.errors.isEmpty, "\(ended.errors)")
            let several = "; \(otherCount) other words are no tokens"
            let others = [0: "", 1: "; 1 other word is no token"][otherCount] ?? several
            #expect(ended.line == "the secret no longer verifies" + others)
            #expect(!(ended.output + ended.errors).contains(secret.dropFirst(5).prefix(8)))
            #expect(try daemon.tokenctl("verify", input: secret).output.contains("REVOKED"))
        }
    }

    @Test func leakedSecretsEndHoweverLongTheTextAroundThemIs() throws {
        let secrets = try (0..<4).map { number in
            try daemon.tokenctl("token", "create", "s\(number)", "--scope", "issues:read", "--quiet").line
        }
        // No blank in it, and one secret lies across the end of a piece.
        let gap = String(repeating: "-", count: 65_536 - 20)
        let text = secrets[0] + gap + secrets[1] + "." + gap + secrets[2] + gap + secrets[3]
        let ended = try daemon.tokenctl("token", "revoke", "--leaked", "--json", input: text)
        #expect(ended.exitCode == 0)
        #expect(try object(ended.output)["secrets"] as? Int == 4)
        for secret in secrets { #expect(try daemon.tokenctl("verify", input: secret).output.contains("REVOKED")) }
    }

    /// Each number says how many bytes of the token are in the piece before the one in which it ends.
    @Test func aLeakedSecretEndsBehindLettersOfWhichThereIsNoEnd() throws {
        for byteCount in [1, 20, 53, 54] {
            let secret = try daemon.tokenctl("token", "create", "lost", "--scope", "issues:read", "--quiet").line
            try #require(secret.utf8.count == 54)
            let text = String(repeating: "a", count: 65_536 - byteCount) + secret
            let ended = try daemon.tokenctl("token", "revoke", "--leaked", input: text)
            #expect(ended.exitCode == 0, "\(ended.errors)")
            #expect(try daemon.tokenctl("verify", input: secret).output.contains("REVOKED"))
        }
    }

    @Test func aSecretThatIsUnknownKeepsNoneBehindItAlive() throws {
        func create(_ name: String) throws -> String {
            try daemon.tokenctl("token", "create", name, "--scope", "issues:read", "--quiet").line
        }
        // With imported tokens any word may be one.
        let hash = String(repeating: "0", count: 64)
        let imported = try daemon.tokenctl(
            "token", "import", "-",
            input: #"{"sha256": "\#(hash)", "name": "old", "owner": "ann", "scopes": ["issues:read"]}"#)
        #expect(imported.exitCode == 0, "\(imported.errors)")
        let secrets = [try create("one"), try create("two")]
        let text = "found \(secrets[0]) and \(secrets[1]) in a log"
        let ended = try daemon.tokenctl("token", "revoke", "--leaked", input: text)
        #expect(ended.exitCode == 0 && ended.line == "2 secrets no longer verify; 5 other words are no tokens")
        for secret in secrets { #expect(try daemon.tokenctl("verify", input: secret).output.contains("REVOKED")) }
        #expect(try daemon.tokenctl("token", "revoke", "--leaked", input: "another").exitCode == 66)
    }

    @Test func anErrorNamesTheOptionThatWasGiven() throws {
        for option in ["--expires-in", "--expires-at"] {
            let value = option == "--expires-in" ? "0s" : "2020-01-01T00:00:00Z"
            let refused = try daemon.tokenctl("token", "create", "t", "--scope", "issues:read", option, value)
            #expect(refused.errors.contains("\(option): "), "\(refused.errors)")
        }
    }

    @Test(arguments: [
        (["token", "create", "", "--scope", "issues:read"], "NAME is empty"),
        (["token", "create", "t", "--scope", "issues read"], "--scope: number 1 is no scope"),
        (["member", "put", "bob", "--role", "king"], "--role: "),
        (["member", "put", "b b", "--role", "analyst"], "USER: "),
        (["service-account", "create", "a\u{200E}", "--scope", "issues:read"], "NAME: holds U+200E"),
        (["bootstrap", "--workspace", "ws_b", "--user", "b b"], "--user: "),
    ])
    func anErrorNamesWhatWasTyped(_ words: [String], _ beginning: String) throws {
        let refused = try Programs.run("tokenctl", words, environment: daemon.environment)
        #expect(refused.errors.hasPrefix("tokenctl: " + beginning), "\(refused.errors)")
    }

    @Test func aSecretAsAnArgumentIsNotRepeated() throws {
        let secret = try daemon.tokenctl("token", "create", "ci", "--scope", "issues:read", "--quiet").line
        for words in [
            ["verify", secret], ["login", secret], ["token", "revoke", secret], ["token", "show", secret],
            ["token", "roll", secret], [secret], ["whoami", secret], ["token", secret], ["verify", "short"],
            ["whoami", "--token=\(secret)"],
        ] {
            let refused = try Programs.run("tokenctl", words, environment: daemon.environment)
            #expect(refused.exitCode == 64)
            #expect(!(refused.output + refused.errors).contains(words[words.count - 1]), "\(words)")
            #expect(!(refused.output + refused.errors).contains(secret), "\(words)")
        }
        #expect(try daemon.tokenctl("token", "revoke", secret).errors.contains("with --leaked"))
        #expect(try daemon.tokenctl("verify", secret).errors.contains("token revoke --leaked"))
    }

    @Test func anAccountWhoseNameBeginsAsAnIdIsFoundByIt() throws {
        #expect(try daemon.tokenctl("sa", "create", "sa_bot", "--scope", "issues:read").exitCode == 0)
        #expect(try daemon.tokenctl("sa", "show", "sa_bot").output.contains("sa_bot"))
        #expect(try daemon.tokenctl("sa", "token", "issue", "sa_bot", "one", "--quiet").exitCode == 0)
    }

    @Test func listsAreFilteredAndQuietListsAreIds() throws {
        for name in ["one", "two", "three"] {
            let created = try daemon.tokenctl(
                "token", "create", name, "--scope", "issues:read", "--expires-in", "10d", "--quiet")
            try #require(created.exitCode == 0, "\(created.errors)")
        }
        let ids = try daemon.tokenctl("token", "list", "--name-prefix", "t", "--quiet").output.split(separator: "\n")
        #expect(ids.count == 2)
        #expect(ids.allSatisfy { $0.hasPrefix("tok_") })
        #expect(try daemon.tokenctl("token", "list", "--expires-within", "9d", "--quiet").output.isEmpty)
        let within = try daemon.tokenctl("token", "list", "--expires-within", "11d", "--quiet")
        #expect(within.output.split(separator: "\n").count == 3)
        let table = try daemon.tokenctl("token", "list").output
        #expect(table.hasPrefix("ID "))
        #expect(table.contains("in 10 days") || table.contains("in 9 days"))
    }

    @Test func errorsSayWhatToDoAndExitWithTheirCode() throws {
        let taken = try daemon.tokenctl("token", "create", "bootstrap", "--scope", "issues:read")
        #expect(taken.exitCode == 65)
        #expect(taken.errors.contains("has this name; roll it, revoke it, or choose another name"))
        let absent = try daemon.tokenctl("token", "show", "tok_01ARZ3NDEKTSV4RRFFQ69G5FAV")
        #expect(absent.exitCode == 66)
        #expect(absent.errors.contains("no such token"))
        #expect(absent.errors.contains("trace: "))
        let scopeless = try daemon.tokenctl("token", "create", "x", "--scope", "no:such")
        #expect(scopeless.exitCode == 65)
        #expect(scopeless.errors.contains("not in the catalogue"))
        let down = try Programs.run(
            "tokenctl", ["whoami", "--socket", "/tmp/no/such.sock"], environment: daemon.environment)
        #expect(down.exitCode == 69)
        // What would go to a standard output that there is not does not go to the daemon.
        for output in ["> /dev/full", ">&-"] {
            let lost = try Programs.shell("tokenctl", "\"$0\" whoami \(output)", environment: daemon.environment)
            #expect(lost.exitCode == 73)
            #expect(lost.errors.contains("standard output can't be written"))
        }
    }

    @Test func aTokenFileThatOthersCanReadIsRefused() throws {
        let path = daemon.directory + "/own/.config/tokend/token"
        try FileManager.default.setAttributes([.posixPermissions: 0o644], ofItemAtPath: path)
        let refused = try daemon.tokenctl("whoami")
        #expect(refused.exitCode == 77)
        #expect(refused.errors.contains("chmod 0600"))
    }

    @Test func statusAndScopesAndEventsAnswer() throws {
        let status = try object(try daemon.tokenctl("status", "--json").output)
        #expect(status["ready"] as? Bool == true)
        #expect(status["store_path"] as? String == daemon.directory + "/store")
        let scopes = try daemon.tokenctl("scopes").output
        #expect(scopes.contains(" * issues:read"))
        let events = try daemon.tokenctl("events", "--json").output
        #expect(events.contains("token.created"))
        #expect(try daemon.tokenctl("events", "--host", "--json").output.contains("store.created"))
    }

    @Test func loggingInAgainIsAdvisedWhereTheLoginIsWhatFailed() throws {
        let id = try daemon.tokenctl("token", "list", "--quiet").line
        let admin = daemon.directory + "/admin"
        let scopes = ["--scope", "workspace:admin", "--output-file", admin]
        #expect(
            try Programs.run("tokenctl", ["token", "create", "admin"] + scopes, environment: daemon.environment)
                .exitCode == 0)
        #expect(try daemon.tokenctl("token", "revoke", id, "--token-file", admin).exitCode == 0)
        let advice = "Log in again with tokenctl login."
        let stale = try daemon.tokenctl("whoami")
        #expect(stale.exitCode == 77 && stale.errors.contains(advice))
        // What everybody may know is told to somebody whose login has ended, too.
        let scopeList = try daemon.tokenctl("scopes")
        #expect(scopeList.exitCode == 0 && scopeList.output.contains("   issues:read"))
        #expect(scopeList.errors.contains("your login does not verify any more"))

        #expect(try daemon.tokenctl("token", "revoke", "--leaked", input: contents(admin)).exitCode == 0)
        let refused = [
            try daemon.tokenctl("whoami", "--token-file", admin),
            try daemon.tokenctl("token", "roll", "--self", "--token-file", admin),
            try daemon.tokenctl("login", input: contents(admin)),
            try daemon.tokenctl("whoami", "--as", "nobody", "--workspace", "ws_test"),
        ]
        for outcome in refused {
            #expect(outcome.exitCode == 77 && !outcome.errors.contains(advice), "\(outcome.errors)")
        }
    }

    private func contents(_ path: String) throws -> String { try String(contentsOfFile: path, encoding: .utf8) }

    @Test func theOperatorActsForAUser() throws {
        let created = try Programs.run(
            "tokenctl",
            [
                "token", "list", "--as", "ann", "--workspace", "ws_test", "--socket",
                daemon.directory + "/operator.sock", "--quiet",
            ], environment: ["HOME": "/nonexistent"])
        #expect(created.exitCode == 0, "\(created.errors)")
        #expect(created.output.hasPrefix("tok_"))
        // The operator's socket is found beside the daemon's.
        let found = try daemon.tokenctl("token", "list", "--as", "ann", "--workspace", "ws_test", "--quiet")
        #expect(found.output == created.output)
    }
}
