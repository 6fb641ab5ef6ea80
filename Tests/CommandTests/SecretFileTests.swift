import Foundation
import Testing

@Suite("Secrets that tokenctl puts in files", .serialized)
struct SecretFileTests {
    let daemon: RunningDaemon

    init() throws {
        daemon = try RunningDaemon()
        try daemon.logIn()
    }

    private func path(_ name: String) -> String { daemon.directory + "/" + name }

    private func mode(_ path: String) throws -> Int {
        let attributes = try FileManager.default.attributesOfItem(atPath: path)
        return try #require(attributes[.posixPermissions] as? Int)
    }

    private func outcome(_ secret: String) throws -> String {
        try daemon.tokenctl("verify", input: secret).output.components(separatedBy: "\n")[0]
    }

    private func makeTokenFile(_ arguments: String...) throws -> String {
        let file = path("token-\(UUID().uuidString)")
        let created = try Programs.run(
            "tokenctl", arguments + ["--output-file", file], environment: daemon.environment)
        try #require(created.exitCode == 0, "\(created.errors)")
        return file
    }

    @Test func aSecretGoesOnceIntoANewFileAndNowhereElse() throws {
        let file = path("new.token")
        let created = try daemon.tokenctl(
            "token", "create", "ci", "--scope", "issues:read", "--output-file", file)
        #expect(created.exitCode == 0)
        let secret = try String(contentsOfFile: file, encoding: .utf8)
        #expect(secret.wholeMatch(of: /clpu_[0-9A-Za-z]{49}\n/) != nil)
        #expect(try mode(file) == 0o600)
        #expect(!(created.output + created.errors).contains(secret.dropLast()))
        #expect(try outcome(secret).hasSuffix("VALID"))

        let quiet = try daemon.tokenctl(
            "token", "create", "ci2", "--scope", "issues:read", "--quiet", "--output-file", path("second"))
        #expect(quiet.line.wholeMatch(of: /tok_[0-9A-Z]{26}/) != nil)
        let json = try daemon.tokenctl("token", "roll", quiet.line, "--json", "--output-file", path("third"))
        #expect(json.exitCode == 0)
        #expect(!json.output.contains("secret"))
        // As without a file, but for the secret.
        #expect(json.output.hasPrefix("{\n  \"token\": {\n"))
    }

    @Test func aFileThatIsThereIsNeverOverwritten() throws {
        let file = path("old.token")
        try Data("mine".utf8).write(to: URL(fileURLWithPath: file))
        let refused = try daemon.tokenctl("token", "create", "ci", "--scope", "issues:read", "--output-file", file)
        #expect(refused.exitCode == 73)
        #expect(try String(contentsOfFile: file, encoding: .utf8) == "mine")
        // And no token was made for nothing.
        #expect(try daemon.tokenctl("token", "list", "--name-prefix", "ci", "--quiet").output.isEmpty)
    }

    @Test func aRefusedTokenLeavesNoFile() throws {
        let file = path("none.token")
        let refused = try daemon.tokenctl("token", "create", "ci", "--scope", "no:such", "--output-file", file)
        #expect(refused.exitCode == 65)
        #expect(!FileManager.default.fileExists(atPath: file))
    }

    @Test(arguments: [
        "token create more --scope issues:read --quiet", "token create more --scope issues:read",
        "token roll ID --json",
        "sa token issue robot host --quiet", "sa token roll robot SERVICE_ID", "bootstrap --workspace ws_b --user eve",
    ])
    func aSecretThatNothingCanHoldIsAnErrorAndNamesItsToken(_ words: String) throws {
        let id = try daemon.tokenctl(
            "token", "create", "ci", "--scope", "issues:read", "--output-file", path("ci"), "-q")
        try #require(daemon.tokenctl("sa", "create", "robot", "--scope", "issues:read").exitCode == 0)
        let serviceID = try daemon.tokenctl("sa", "token", "issue", "robot", "one", "--output-file", path("one"), "-q")
        let line = words.replacingOccurrences(of: "SERVICE_ID", with: serviceID.line)
            .replacingOccurrences(of: "ID", with: id.line)
        let lost = try Programs.shell("tokenctl", "\"$0\" \(line) > /dev/full", environment: daemon.environment)
        #expect(lost.exitCode == 73)
        #expect(lost.errors.contains(/the secret of tok_[0-9A-Z]{26} is lost; roll the token or revoke it/))
    }

    @Test func aTokenRenewsItselfInItsFile() throws {
        let file = try makeTokenFile("token", "create", "ci", "--scope", "issues:read", "--expires-in", "9d")
        let old = try String(contentsOfFile: file, encoding: .utf8)
        let rolled = try daemon.tokenctl("token", "roll", "--self", "--token-file", file)
        #expect(rolled.exitCode == 0, "\(rolled.errors)")
        #expect(rolled.output.contains("(ci); the new secret is in \(file), the old one verifies until"))
        let new = try String(contentsOfFile: file, encoding: .utf8)
        #expect(new != old)
        #expect(!(rolled.output + rolled.errors).contains(new.dropLast()))
        #expect(try mode(file) == 0o600)
        #expect(try outcome(old).hasSuffix("VALID"))
        #expect(try outcome(new).hasSuffix("VALID"))
        // Again, from the new secret: never more than two live ones.
        let again = try daemon.tokenctl("token", "roll", "--self", "--token-file", file, "--overlap", "60s", "--quiet")
        #expect(again.exitCode == 0)
        #expect(again.output.isEmpty)
        #expect(try outcome(old).hasSuffix("SUPERSEDED"))
        let files = try FileManager.default.contentsOfDirectory(atPath: daemon.directory)
        #expect(!files.contains { $0.hasSuffix(".new") })
    }

    /// The process's number is the same each time, as in a container, and a run before has left what it was at.
    @Test func whatABrokenRenewalHasLeftIsNoHindranceAndGoes() throws {
        let file = try makeTokenFile("token", "create", "ci", "--scope", "issues:read")
        let (numbered, leftover) = ("\(file).$$.new", "\(file).tokenctl-abc123.new")
        let rolled = try Programs.shell(
            "tokenctl", "touch \(numbered) \(leftover); exec \"$0\" token roll --self --token-file \(file)",
            environment: daemon.environment)
        #expect(rolled.exitCode == 0, "\(rolled.errors)")
        #expect(!FileManager.default.fileExists(atPath: leftover))
        let login = try Programs.shell(
            "tokenctl", "touch \(leftover); exec \"$0\" login --token-file \(file) < \(file)",
            environment: daemon.environment)
        #expect(login.exitCode == 0, "\(login.errors)")
        #expect(!FileManager.default.fileExists(atPath: leftover))
    }

    @Test(arguments: [
        ("verify < /", "standard input: Is a directory"), ("verify <&-", "standard input: Bad file descriptor"),
        ("login < /", "standard input: Is a directory"), ("whoami --token-file /", "/: Is a directory"),
        ("whoami --token-file BINARY", "what BINARY holds is no token"),
        ("login < TWO", "standard input holds more than one word"),
    ])
    func whatHoldsNoTokenIsNamed(_ line: String, _ message: String) throws {
        let (binary, two) = (path("binary"), path("two"))
        try Data([1, 2, 3, 255]).write(to: URL(fileURLWithPath: binary))
        chmod(binary, 0o600)
        try Data("clpu_one clpu_two".utf8).write(to: URL(fileURLWithPath: two))
        let named = { (text: String) in
            text.replacingOccurrences(of: "BINARY", with: binary).replacingOccurrences(of: "TWO", with: two)
        }
        let outcome = try Programs.shell("tokenctl", "\"$0\" \(named(line))", environment: daemon.environment)
        #expect(outcome.exitCode == 65)
        #expect(outcome.errors.contains(named(message)), "\(outcome.errors)")
    }

    @Test func aDirectoryForLoginsThatIsNotAbsoluteIsIgnored() throws {
        let environment = daemon.environment.merging(["XDG_CONFIG_HOME": "elsewhere"]) { $1 }
        #expect(try Programs.run("tokenctl", ["whoami", "--quiet"], environment: environment).line == "ann")
    }

    @Test func theLoginRenewsItself() throws {
        let file = daemon.directory + "/own/.config/tokend/token"
        let old = try String(contentsOfFile: file, encoding: .utf8)
        #expect(try daemon.tokenctl("token", "roll", "--self").exitCode == 0)
        #expect(try String(contentsOfFile: file, encoding: .utf8) != old)
        #expect(try daemon.tokenctl("whoami", "--quiet").line == "ann")
    }

    @Test func aServiceAccountsTokenRenewsItself() throws {
        let scopes = ["--scope", "issues:read", "--scope", "workspace:admin"]
        let account = try Programs.run(
            "tokenctl", ["sa", "create", "deployer", "--quiet"] + scopes, environment: daemon.environment)
        try #require(account.exitCode == 0, "\(account.errors)")
        let file = try makeTokenFile("sa", "token", "issue", "deployer", "host-7")
        let old = try String(contentsOfFile: file, encoding: .utf8)
        let rolled = try daemon.tokenctl("token", "roll", "--self", "--token-file", file, "--json")
        #expect(rolled.exitCode == 0, "\(rolled.errors)")
        #expect(rolled.output.hasPrefix("{\n  \"token\": {\n"))
        #expect(rolled.output.contains("\"kind\": \"service_account\""))
        #expect(try String(contentsOfFile: file, encoding: .utf8) != old)
        #expect(try daemon.tokenctl("whoami", "--quiet", "--token-file", file).line == account.line)
    }

    @Test func aLinkStaysAndWhatItLeadsToIsReplaced() throws {
        let file = try makeTokenFile("token", "create", "ci", "--scope", "issues:read")
        let link = path("link")
        try FileManager.default.createSymbolicLink(atPath: link, withDestinationPath: file)
        let old = try String(contentsOfFile: file, encoding: .utf8)
        #expect(try daemon.tokenctl("token", "roll", "--self", "--token-file", link).exitCode == 0)
        #expect(try FileManager.default.destinationOfSymbolicLink(atPath: link) == file)
        #expect(try String(contentsOfFile: file, encoding: .utf8) != old)
    }

    /// As a file that something is mounted on would be, which root can't replace either.
    @Test func whatCannotBeReplacedIsFoundOutBeforeTheRoll() throws {
        _ = try makeTokenFile("token", "create", "ci", "--scope", "issues:read")
        let pipe = path("pipe")
        try #require(mkfifo(pipe, 0o600) == 0)
        let refused = try daemon.tokenctl("token", "roll", "--self", "--token-file", pipe)
        #expect(refused.exitCode == 73)
        #expect(refused.errors.contains("is no file that a token can be put in"))
        let shown = try daemon.tokenctl("token", "list", "--name-prefix", "ci", "--json").output
        #expect(shown.contains("\"rolled_at\": null"))
    }
}
