import Foundation
import Testing

@Suite("doctor, of daemons and stores", .serialized)
struct DoctorDaemonTests {
    @Test func aHostOnWhichNothingIsWrong() throws {
        let daemon = try RunningDaemon()
        try daemon.logIn()
        let diagnosis = try daemon.diagnose()
        diagnosis.expect("ok", "socket", "mode 0660")
        diagnosis.expect("ok", "access", "may connect")
        diagnosis.expect("ok", "daemon", "serves, process \(daemon.processID)")
        diagnosis.expect("ok", "store", "\(daemon.directory)/store is held by process \(daemon.processID)")
        diagnosis.expect("ok", "page", "from their own memory")
        diagnosis.expect("ok", "clock", "has not been set")
        diagnosis.expect("ok", "login", "is ann's in ws_test")
        #expect(diagnosis.exitCode == 0)
        let text = try daemon.tokenctl("doctor").output
        #expect(text.hasSuffix("\n\nnothing is wrong\n") && !text.contains("\u{1B}"))
        #expect(try daemon.tokenctl("doctor", "--quiet").output == "")
    }

    @Test func anOperatorWhoseSocketIsGone() throws {
        let daemon = try RunningDaemon()
        unlink(daemon.directory + "/operator.sock")
        let diagnosis = try daemon.diagnose()
        diagnosis.expect("problem", "operator", "operator.sock does not exist", remedy: "tokend-operator.socket")
    }

    @Test func aDaemonWhoseSocketIsGone() throws {
        let daemon = try RunningDaemon()
        unlink(daemon.directory + "/tokend.sock")
        let diagnosis = try daemon.diagnose("--store", daemon.store)
        diagnosis.expect(
            "problem", "socket", "tokend.sock does not exist, and tokend runs",
            remedy: "restart tokend: its socket is gone")
        diagnosis.expect("ok", "store", "\(daemon.store) is held by process \(daemon.processID)")
        #expect(!diagnosis.findings.contains { $0.remedy?.contains("start tokend") == true && $0.subject != "socket" })
    }

    // MARK: Stores

    @Test func aStoreThatAProcessHasWhichAnswersElsewhere() throws {
        let daemon = try RunningDaemon()
        let patient = try DoctorPatient()
        try patient.examine("--store", daemon.directory + "/store").expect(
            "problem", "store", "is held by process \(daemon.processID), which does not answer here",
            remedy: "kill \(daemon.processID)")
    }

    @Test func aStoreThatNobodyHas() throws {
        let daemon = try RunningDaemon()
        daemon.end()
        let diagnosis = try daemon.diagnose("--store", daemon.directory + "/store")
        diagnosis.expect("ok", "store", "no process has it")
        diagnosis.expect("problem", "socket", "does not exist")
    }

    @Test func aStoreThatIsMissingOrHasLostItsLock() throws {
        let patient = try DoctorPatient()
        try patient.examine("--store", "/nonexistent").expect(
            "problem", "store", "there is no store in /nonexistent", remedy: "tokend init --store /nonexistent")
        _ = FileManager.default.createFile(atPath: patient.directory + "/tokend.db", contents: nil)
        try patient.examine("--store", patient.directory).expect(
            "problem", "store", "without its tokend.lock", remedy: "restore")
    }

    @Test func aStoreThatIsNamedAndMissingIsAProblemBesideADaemonThatAnswers() throws {
        let daemon = try RunningDaemon()
        let diagnosis = try daemon.diagnose("--store", "/nonexistent")
        diagnosis.expect(
            "problem", "store", "there is no store in /nonexistent", remedy: "has \(daemon.store): leave out --store")
        #expect(diagnosis.exitCode == 1)
    }

    @Test func aStoreIsNotMissedWhereAnotherSocketIsNamed() throws {
        #expect(try !DoctorPatient().examine().findings.contains { $0.subject == "store" })
    }

    // MARK: The page

    @Test func aPageThatIsNotTheDaemons() throws {
        let daemon = try RunningDaemon()
        let page = daemon.directory + "/tokend.sock.epochs"
        var bytes = try Data(contentsOf: URL(fileURLWithPath: page))
        /// Puts another file in its place: who has the page mapped must not see it shrink.
        func expect(_ finding: String, of bytes: Data, owner: uid_t = geteuid()) throws {
            unlink(page)
            _ = FileManager.default.createFile(
                atPath: page, contents: bytes, attributes: [.posixPermissions: 0o640])
            chown(page, owner, gid_t.max)
            let diagnosis = try daemon.diagnose()
            diagnosis.expect("warning", "page", finding, remedy: "restart tokend")
            #expect(diagnosis.exitCode == 0)
        }
        if geteuid() == 0 { try expect("has not the owner", of: bytes, owner: 4242) }
        try expect("has not the size", of: bytes.prefix(100))
        bytes[16] ^= 1
        try expect("is not the daemon's page any more", of: bytes)
        unlink(page)
        try daemon.diagnose().expect("warning", "page", "can't be read", remedy: "restart tokend")
    }

    /// unshare(1) of this host may be too old, or not allowed here.
    @Test(
        .enabled("no time namespace can be made here") {
            try Programs.run("/usr/bin/unshare", ["--time", "--boottime", "100000", "true"]).exitCode == 0
        })
    func aTimeNamespace() throws {
        let daemon = try RunningDaemon()
        let tokenctl = Programs.directory.appending(path: "tokenctl").path
        let outcome = try Programs.run(
            "/usr/bin/unshare", ["--time", "--boottime", "100000", tokenctl, "doctor", "--json"],
            environment: daemon.environment)
        try Diagnosis(outcome).expect("warning", "page", "time namespace", remedy: "without a time namespace")
    }

    // MARK: Others

    @Test(.enabled(if: geteuid() == 0)) func somebodyElseWhoListens() throws {
        let patient = try DoctorPatient()
        chown(patient.directory, 4242, 4242)
        let listener = """
            import socket, sys, threading
            s = socket.socket(socket.AF_UNIX); s.bind(sys.argv[1]); s.listen(); print(flush=True)
            def hang_up():
                while True: s.accept()[0].close()
            threading.Thread(target=hang_up, daemon=True).start(); sys.stdin.read()
            """
        let process = Programs.process(
            "/usr/bin/setpriv",
            ["--reuid", "4242", "--regid", "4242", "--clear-groups", "python3", "-c", listener, patient.socket])
        let (input, output) = (Pipe(), Pipe())
        (process.standardInput, process.standardOutput) = (input, output)
        try process.start()
        defer {
            try? input.fileHandleForWriting.close()
            process.waitUntilExit()
        }
        _ = output.fileHandleForReading.availableData
        let diagnosis = try patient.examine()
        diagnosis.expect("problem", "socket", "belongs to uid 4242")
        diagnosis.expect("problem", "daemon", "uid 4242 listens on \(patient.socket)", remedy: "stop that process")
        diagnosis.expect("problem", "daemon", "uid 4242 listens", remedy: "--server-user")
        for (arguments, named) in [(["--server-user", "4242"], ""), ([], "4242")] {
            let known = try Diagnosis(
                Programs.run(
                    "tokenctl", ["doctor", "--json"] + arguments,
                    environment: ["TOKEND_SOCKET": patient.socket, "TOKEND_SERVER_USER": named]))
            #expect(!known.findings.contains { $0.remedy?.contains("--server-user") == true })
        }
        let distrusted = try Programs.run("tokenctl", ["status"], environment: ["TOKEND_SOCKET": patient.socket])
        #expect(distrusted.exitCode == 77)
        #expect(distrusted.errors.contains("name its user by --server-user, or TOKEND_SERVER_USER, if it is tokend"))
        #expect(!distrusted.errors.contains("trustedServerUserIDs"))
    }
}
