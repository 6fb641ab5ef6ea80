import Foundation
import Testing
import TokenWire

@Suite("doctor, of what a daemon says of itself")
struct DoctorAnswerTests {
    private let patient: DoctorPatient

    init() throws { patient = try DoctorPatient() }

    /// A daemon that started nine thousand seconds ago, by its clocks.
    private func diagnose(
        version: String = "0.1.0", aheadOf seconds: Int64 = 0, setAhead step: Int64 = 0, mark: Int64 = 0,
        isReady: Bool = true, hindrance: String = ""
    ) throws -> Diagnosis {
        let now = Int64(Date().timeIntervalSince1970) + seconds
        let daemon = try FakeDaemon(
            in: patient.directory, health: isReady ? .serving : .notServing,
            GetStatusResponse(
                version: version, isReady: isReady, notReadyReason: isReady ? "" : "the daemon is stopping", pid: 1,
                startedAt: Timestamp(seconds: now - 9_000 - step), uptimeSeconds: 9_000,
                now: Timestamp(seconds: now), clockMark: Timestamp(seconds: now + mark), hindrance: hindrance))
        return try withExtendedLifetime(daemon) { try patient.examine() }
    }

    @Test func oneOfThisVersionWithoutClockTroubles() throws {
        let diagnosis = try diagnose()
        diagnosis.expect("ok", "daemon", "tokend 0.1.0 serves, process 1")
        diagnosis.expect("ok", "clock", "has not been set")
        #expect(!diagnosis.findings.contains { $0.subject == "version" || $0.subject == "changes" })
    }

    @Test func oneOfAnotherVersion() throws {
        try diagnose(version: "9.9.9").expect(
            "warning", "version", "the daemon is tokend 9.9.9, and this is tokenctl 0.1.0",
            remedy: "systemctl restart tokend")
    }

    /// As while systemd starts it again and again: the connection waits in the socket.
    @Test func oneThatIsNotThereYet() throws {
        let waiting = try ListeningSocket(at: patient.socket, mode: 0o660)
        let diagnosis = try withExtendedLifetime(waiting) { try patient.examine("--timeout", "1s") }
        diagnosis.expect("problem", "daemon", "nobody answers", remedy: "journalctl -u tokend")
    }

    @Test func oneThatStops() throws {
        try diagnose(isReady: false).expect("problem", "daemon", "does not serve: the daemon is stopping")
    }

    @Test func oneWhoseChangesFail() throws {
        let diagnosis = try diagnose(hindrance: "the disk is full; make room in /store")
        diagnosis.expect("problem", "changes", "the disk is full", remedy: "make room in /store")
        diagnosis.expect("ok", "daemon", "serves")
    }

    @Test func clocksThatAreNotAsTheyShouldBe() throws {
        try diagnose(aheadOf: 5_000).expect("problem", "clock", " s ahead of this process's", remedy: "libfaketime")
    }

    @Test func aClockThatWasSet() throws {
        try diagnose(setAhead: 4_000).expect("warning", "clock", "was set 4000 s ahead", remedy: "timedatectl")
    }

    @Test func aStepThatIsNotBelieved() throws {
        try diagnose(mark: -4_000).expect("warning", "clock", "does not believe yet", remedy: "after an hour")
    }

    @Test func aTimeThatTheStoreHasSeen() throws {
        try diagnose(mark: 4_000).expect("problem", "clock", "as if it were that time", remedy: "recover --clock")
    }
}
