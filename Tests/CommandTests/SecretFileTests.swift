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

    @Test func aSecretThatNothingCanHoldIsAnErrorAndNamesItsToken() throws {
        let full = try #require(FileHandle(forWritingAtPath: "/dev/full"))
        let process = Programs.process(
            "tokenctl", ["token", "create", "ci", "--scope", "issues:read", "--quiet"], environment: daemon.environment)
        let errors = Pipe()
        process.standardOutput = full
        process.standardError = errors
        try process.run()
        let text = String(decoding: try errors.fileHandleForReading.readToEnd() ?? Data(), as: UTF8.self)
        process.waitUntilExit()
        #expect(process.terminationStatus == 73)
        #expect(text.contains(/the secret of tok_[0-9A-Z]{26} is lost; roll the token or revoke it/))
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

    /// A file that can be read and not replaced, for root too: one that something is mounted on would be such.
    @Test func whatCannotBeReplacedIsFoundOutBeforeTheRoll() throws {
        let secret = try daemon.tokenctl("token", "create", "ci", "--scope", "issues:read", "--quiet")
        let pipe = path("pipe")
        try #require(mkfifo(pipe, 0o600) == 0)
        let writer = Thread {
            let handle = FileHandle(forWritingAtPath: pipe)
            try? handle?.write(contentsOf: Data(secret.output.utf8))
            try? handle?.close()
        }
        writer.start()
        let refused = try daemon.tokenctl("token", "roll", "--self", "--token-file", pipe)
        #expect(refused.exitCode == 73)
        #expect(refused.errors.contains("is no file that a token can be put in"))
        let shown = try daemon.tokenctl("token", "list", "--name-prefix", "ci", "--json").output
        #expect(shown.contains("\"rolled_at\": null"))
    }
}
