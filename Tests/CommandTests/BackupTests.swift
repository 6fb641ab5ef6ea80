import Foundation
import Testing

@Suite("tokenctl backup", .serialized)
struct BackupTests {
    let daemon: RunningDaemon
    var file: String { daemon.directory + "/copy.db" }

    init() throws {
        daemon = try RunningDaemon()
        try daemon.logIn()
    }

    private func attributes() throws -> [FileAttributeKey: Any] {
        try FileManager.default.attributesOfItem(atPath: file)
    }

    @Test func theFileIsWholeAndItsOwnersAlone() throws {
        let backup = try daemon.tokenctl("backup", file, "--json")
        #expect(backup.exitCode == 0, "\(backup.errors)")
        #expect(backup.errors.isEmpty)
        let report = try #require(
            try JSONSerialization.jsonObject(with: Data(backup.output.utf8)) as? [String: Any])
        #expect(report["file"] as? String == file)
        #expect(report["bytes"] as? Int == (try attributes()[.size] as? Int))
        #expect((report["sha256"] as? String)?.count == 64)
        #expect(try attributes()[.posixPermissions] as? Int == 0o600)
        let head = try #require(try daemon.tokenctl("status").output.firstMatch(of: /audit head +(\S+)/)?.1)
        #expect("\(report["head_seq"] ?? ""):\(report["head_hash"] ?? "")" == head)
        #expect(!FileManager.default.fileExists(atPath: file + ".partial"))
    }

    @Test func aFileThatIsThereStaysAsItIs() throws {
        try Data("older".utf8).write(to: URL(fileURLWithPath: file))
        let backup = try daemon.tokenctl("backup", file)
        #expect(backup.exitCode == 73)
        #expect(backup.errors.contains("no file is overwritten"))
        #expect(try String(contentsOfFile: file, encoding: .utf8) == "older")
    }

    @Test func whatAnEarlierBackupLeftIsNoHindranceAndOneAtWorkIs() throws {
        let partial = file + ".partial"
        try Data("half of one".utf8).write(to: URL(fileURLWithPath: partial))
        let descriptor = open(partial, O_RDONLY)
        #expect(flock(descriptor, LOCK_EX) == 0)
        let second = try daemon.tokenctl("backup", file)
        #expect(second.exitCode == 75)
        #expect(second.errors.contains("another tokenctl"))
        close(descriptor)
        let third = try daemon.tokenctl("backup", file, "--quiet")
        #expect(third.exitCode == 0)
        #expect(third.line.wholeMatch(of: /\d+:[0-9a-f]{64}/) != nil)
    }

    @Test func theOperatorsSocketIsFoundBesideTheNamedOne() throws {
        #expect(try daemon.tokenctl("backup", file, "--socket", daemon.directory + "/none.sock").exitCode == 0)
    }

    @Test func withoutADaemonNothingIsLeft() throws {
        daemon.end()
        #expect(try daemon.tokenctl("backup", file).exitCode == 69)
        let left = try FileManager.default.contentsOfDirectory(atPath: daemon.directory)
        #expect(!left.contains { $0.hasPrefix("copy.db") }, "\(left)")
    }

    @Test func aTerminalShowsHowFarItIs() throws {
        let terminal = try Pseudoterminal()
        let process = try terminal.start("tokenctl", ["backup", file], environment: daemon.environment)
        let shown = try terminal.read(until: "newest event")
        process.waitUntilExit()
        #expect(process.terminationStatus == 0)
        #expect(shown.contains("the daemon copies the store"))
        #expect(shown.contains("of 0 MiB"))
    }
}
