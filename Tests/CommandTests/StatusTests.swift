import Foundation
import LinuxIO
import Testing

@Suite("tokenctl status", .serialized)
struct StatusTests {
    let daemon: RunningDaemon

    init() throws { daemon = try RunningDaemon() }

    private struct Answer: Decodable {
        struct Setting: Decodable, Equatable {
            let name: String
            let value: String?
            let origin: String
            let place: String?
        }

        let ready: Bool
        let settings: [Setting]?
    }

    private func status(_ arguments: String...) throws -> Answer {
        let outcome = try Programs.run(
            "tokenctl", ["status", "--json"] + arguments, environment: daemon.environment)
        #expect(outcome.exitCode == 0)
        return try JSONDecoder().decode(Answer.self, from: Data(outcome.output.utf8))
    }

    @Test(.enabled(if: geteuid() == 0)) func whoeverMayNotSeeTheSettingsIsToldSo() throws {
        let status = try daemon.tokenctl(
            "status", "--verbose", asUser: 4242, group: 4242, socketGroup: 4243, groups: "--groups=4243")
        #expect(status.exitCode == 0)
        #expect(status.errors.contains("settings are for root and the daemon's user"))
    }

    @Test func aDaemonThatIsDownIsWaitedForOnce() throws {
        daemon.end()
        let start = ContinuousClock.now
        #expect(try daemon.tokenctl("status").exitCode == 69)
        #expect(ContinuousClock.now - start < .milliseconds(1_700))
    }

    /// It takes calls and answers none.
    @Test func aQuestionThatIsNotAnsweredHasChangedNothing() throws {
        let patient = try DoctorPatient()
        let waiting = try ListeningSocket(at: patient.socket, mode: 0o660)
        let status = try withExtendedLifetime(waiting) {
            try Programs.run("tokenctl", ["verify", "--timeout", "1s", "--socket", patient.socket], input: "x")
        }
        #expect(status.exitCode == 75)
        #expect(status.errors == "tokenctl: no answer within the call's timeout\n")
    }

    @Test func anotherProgramAtTheSocketIsSuspected() throws {
        let patient = try DoctorPatient()
        let listener = """
            import socket, sys
            s = socket.socket(socket.AF_UNIX); s.bind(sys.argv[1]); s.listen(); print(flush=True)
            while True:
                c, _ = s.accept(); c.recv(1 << 16); c.sendall(b"HTTP/1.1 400 Bad Request\\r\\n\\r\\n"); c.close()
            """
        let process = Programs.process("/usr/bin/python3", ["-c", listener, patient.socket])
        let output = Pipe()
        process.standardOutput = output
        try process.start()
        defer {
            process.terminate()
            process.waitUntilExit()
        }
        _ = output.fileHandleForReading.availableData
        let refused = try Programs.run("tokenctl", ["verify", "--socket", patient.socket], input: "x")
        #expect(refused.exitCode == 70)
        #expect(refused.errors.contains("Is it tokend that listens on \(patient.socket)?"), "\(refused.errors)")
    }

    @Test func anEmptyVariableNamesNoSocket() throws {
        let outcome = try Programs.run("tokenctl", ["status"], environment: ["TOKEND_SOCKET": ""])
        // Where a daemon serves at the usual place, it is that one's.
        #expect(outcome.exitCode == 0 || outcome.errors.contains("/run/tokend/"), "\(outcome.errors)")
    }

    @Test func settingsAreShownWithWhereTheyComeFrom() throws {
        #expect(try status().settings == nil)
        let settings = try #require(try status("--verbose").settings)
        #expect(
            settings.first
                == .init(name: "store", value: daemon.directory + "/store", origin: "command_line", place: nil))
        #expect(settings.contains(.init(name: "event-loops", value: "1", origin: "built_in", place: nil)))
        #expect(settings.contains(.init(name: "grant", value: nil, origin: "built_in", place: nil)))
        let text = try daemon.tokenctl("status", "--verbose").output
        #expect(text.contains("\nSETTING "))
        #expect(text.contains(/\nsocket +\S+\/tokend.sock +command line\n/))
        #expect(text.contains(/\nscopes-file +- +built in\n/))
    }
}
