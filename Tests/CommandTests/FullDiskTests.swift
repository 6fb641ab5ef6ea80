import Foundation
import TestSupport
import Testing

@Suite(
    "What is told of a full disk", .serialized,
    .enabled(if: SmallDisk.isPossible, "this process may not mount a small disk"))
struct FullDiskTests {
    private let daemon: RunningDaemon
    private let disk: SmallDisk

    init() throws {
        disk = try SmallDisk(byteCount: 4 << 20)
        daemon = try RunningDaemon()
        daemon.end()
        // That of another store is a lost page, for which revocations would have to wait.
        unlink(daemon.directory + "/tokend.sock.epochs")
        #expect(try Programs.run("tokend", ["init", "--store", disk.path + "/store"]).exitCode == 0)
        try daemon.start(store: disk.path + "/store")
        try daemon.logIn()
    }

    private func status() throws -> [String: Any] {
        let outcome = try daemon.tokenctl("status", "--json")
        return try #require(try JSONSerialization.jsonObject(with: Data(outcome.output.utf8)) as? [String: Any])
    }

    private func gauge() throws -> String? {
        try daemon.tokenctl("metrics").output.split(separator: "\n").last { $0.hasPrefix("tokend_store_hindered ") }
            .map(String.init)
    }

    private func create(_ name: String) throws -> Programs.Outcome {
        try daemon.tokenctl("token", "create", name, "--scope", "issues:read", "--quiet")
    }

    @Test func statusDoctorAndMetricsSayWhyChangesFailUntilTheyDoNot() throws {
        #expect(try create("first").exitCode == 0)
        let id = try daemon.tokenctl("token", "list", "--name-prefix", "first", "--quiet").line
        #expect(try status()["hindrance"] is NSNull)
        #expect(try gauge() == "tokend_store_hindered 0")
        try disk.fill()
        var refused = try create("t")
        for number in 0..<200 where refused.exitCode == 0 { refused = try create("t\(number)") }
        #expect(refused.errors.contains("disk is full"), "\(refused.errors)")

        let told = try status()
        #expect((told["hindrance"] as? String)?.hasSuffix("; make room in \(disk.path)/store") == true)
        #expect(told["hindered_since"] is String)
        // Tokens verify.
        #expect(told["ready"] as? Bool == true)
        #expect(try daemon.tokenctl("status").output.contains("fail, "))
        #expect(try gauge() == "tokend_store_hindered 1")
        let doctor = try daemon.tokenctl("doctor")
        #expect(doctor.exitCode != 0)
        #expect(doctor.output.contains("→ make room in \(disk.path)/store"), "\(doctor.output)")

        let revoked = try daemon.tokenctl("token", "revoke", id)
        #expect(revoked.exitCode == 0, "\(revoked.errors)")
        disk.makeRoom()
        usleep(250_000)
        #expect(try create("again").exitCode == 0)
        #expect(try status()["hindrance"] is NSNull)
        #expect(try gauge() == "tokend_store_hindered 0")
    }
}
