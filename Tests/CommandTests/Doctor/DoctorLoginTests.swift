import Foundation
import Testing

@Suite("doctor, of logins", .serialized)
struct DoctorLoginTests {
    let daemon: RunningDaemon
    var file: String { daemon.directory + "/own/.config/tokend/token" }

    init() throws {
        daemon = try RunningDaemon()
        try daemon.logIn()
    }

    @Test func aFileThatIsNotAsItShouldBe() throws {
        chmod(file, 0o644)
        try daemon.diagnose().expect("problem", "login", "can be read by others", remedy: "chmod 0600 \(file)")
        chmod(file, 0o600)
        try "\n".write(toFile: file, atomically: false, encoding: .utf8)
        try daemon.diagnose().expect("problem", "login", "holds no token", remedy: "tokenctl login")
        unlink(file)
        try FileManager.default.createDirectory(atPath: file, withIntermediateDirectories: false)
        try daemon.diagnose().expect("problem", "login", "\(file): Is a directory", remedy: "tokenctl login")
        rmdir(file)
        try daemon.diagnose().expect("ok", "login", "not logged in")
        try daemon.diagnose("--token-file", "/nonexistent").expect(
            "problem", "login", "does not exist", remedy: "tokenctl login")
    }

    @Test func aTokenThatEndsSoonOrIsRevoked() throws {
        let made = try daemon.tokenctl(
            "token", "create", "short", "--expires-in", "2d", "--scope", "issues:read", "--quiet")
        #expect(try daemon.tokenctl("login", input: made.output).exitCode == 0)
        try daemon.diagnose().expect("warning", "login", "ends in", remedy: "tokenctl token create")
        #expect(try daemon.tokenctl("token", "revoke", "--leaked", input: made.output).exitCode == 0)
        try daemon.diagnose().expect("problem", "login", "does not verify", remedy: "tokenctl login")
    }
}
