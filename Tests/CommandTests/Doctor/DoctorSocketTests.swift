import Foundation
import Testing

@Suite("doctor, of sockets")
struct DoctorSocketTests {
    let patient: DoctorPatient

    init() throws { patient = try DoctorPatient() }

    @Test func aSocketThatIsNotThere() throws {
        let diagnosis = try patient.examine()
        diagnosis.expect("problem", "socket", "\(patient.socket) does not exist", remedy: "systemctl start tokend")
        #expect(!diagnosis.findings.contains { $0.subject == "daemon" || $0.subject == "access" })
    }

    @Test func aDirectoryInItsPlace() throws {
        try FileManager.default.createDirectory(atPath: patient.socket, withIntermediateDirectories: false)
        try patient.examine().expect("problem", "socket", "is a directory", remedy: "mount the socket's directory")
        let elsewhere = try patient.examine("--socket", "/etc")
        #expect(elsewhere.expect("problem", "socket", "is a directory")?.remedy?.contains("remove") == false)
    }

    @Test func aFileInItsPlaceOrAbove() throws {
        _ = FileManager.default.createFile(atPath: patient.socket, contents: nil)
        try patient.examine().expect("problem", "socket", "is not a socket", remedy: "or remove it and start tokend")
        let elsewhere = try patient.examine("--socket", "/etc/passwd")
        let remedy = elsewhere.expect("problem", "socket", "is not a socket")?.remedy
        #expect(remedy == "name the daemon's socket with --socket or TOKEND_SOCKET")
        #expect(!elsewhere.findings.contains { $0.subject == "store" }, "another socket says nothing of a store")
        try patient.examine("--socket", patient.socket + "/tokend.sock")
            .expect("problem", "socket", "below something that is no directory", remedy: "--socket")
    }

    @Test func aLinkThatLeadsNowhere() throws {
        symlink("/nonexistent/tokend.sock", patient.socket)
        try patient.examine().expect("problem", "socket", "leads nowhere", remedy: "remove it")
    }

    @Test func aLinkToASocket() throws {
        try DoctorPatient.bind(patient.directory + "/other.sock")
        symlink("other.sock", patient.socket)
        let diagnosis = try patient.examine()
        diagnosis.expect("warning", "socket", "is a link", remedy: patient.directory + "/other.sock")
        diagnosis.expect("problem", "daemon", "nobody listens")
    }

    @Test func aSocketThatADeadDaemonHasLeft() throws {
        try patient.leaveSocket()
        let diagnosis = try patient.examine()
        diagnosis.expect("ok", "socket", "mode 0660")
        diagnosis.expect("problem", "daemon", "nobody listens on \(patient.socket)", remedy: "start tokend")
        #expect(diagnosis.exitCode == 1)
    }

    @Test(arguments: [
        (0o666, "everybody on this host may connect"), (0o600, "its group may not connect"),
        (0o662, "everybody on this host may connect"),
    ])
    func aModeThatIsAnother(_ mode: mode_t, _ text: String) throws {
        try patient.leaveSocket()
        chmod(patient.socket, mode)
        try patient.examine().expect("warning", "socket", text, remedy: "chmod 0660 \(patient.socket)")
    }

    @Test func anOperatorsSocketThatOthersCanOpen() throws {
        try DoctorPatient.bind(patient.directory + "/operator.sock")
        try patient.examine().expect("problem", "operator", "has mode 0660", remedy: "chmod 0600")
        chmod(patient.directory + "/operator.sock", 0o600)
        #expect(try !patient.examine().findings.contains { $0.subject == "operator" })
    }

    @Test(.enabled(if: geteuid() == 0))
    func anOwnerWhoIsNobodyToTrust() throws {
        try patient.leaveSocket()
        chown(patient.socket, 4242, 4242)
        try patient.examine().expect("problem", "socket", "belongs to uid 4242", remedy: "find out who made it")
    }

    @Test(.enabled(if: geteuid() == 0))
    func aDirectoryThatMayNotBeEntered() throws {
        let daemon = try RunningDaemon()
        // It has mode 0700 until somebody is let in.
        _ = try daemon.diagnose(asUser: 4242, group: 4242, socketGroup: 4242)
        try FileManager.default.createDirectory(
            atPath: daemon.directory + "/shut", withIntermediateDirectories: false,
            attributes: [.posixPermissions: 0o700])
        let outcome = try Programs.run(
            "/usr/bin/setpriv",
            [
                "--reuid", "4242", "--regid", "4242", "--clear-groups", daemon.directory + "/tokenctl", "doctor",
                "--json", "--socket", daemon.directory + "/shut/tokend.sock",
            ], environment: daemon.environment)
        try Diagnosis(outcome).expect("problem", "socket", "may not enter", remedy: "chmod o+x")
    }
}
