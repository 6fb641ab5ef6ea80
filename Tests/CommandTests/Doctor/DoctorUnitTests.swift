import Foundation
import Testing

@Suite("doctor, of systemd's unit")
struct DoctorUnitTests {
    let patient: DoctorPatient

    init() throws { patient = try DoctorPatient() }

    private func unit(
        _ active: String, enabled: String = "enabled", result: String = "success", status: Int = 0,
        load: String = "loaded", socket: String = "disabled"
    ) throws -> Diagnosis {
        let properties = "LoadState=\(load)\nActiveState=\(active)\nUnitFileState=\(enabled)\nResult=\(result)"
        try patient.installSystemctl(
            "\(properties)\nExecMainStatus=\(status)\n\nLoadState=loaded\nUnitFileState=\(socket)")
        return try patient.examine(path: "\(patient.directory):/usr/bin:/bin")
    }

    @Test func aUnitThatRuns() throws {
        try unit("active").expect("ok", "unit", "tokend.service is active")
        try unit("active", enabled: "disabled").expect(
            "warning", "unit", "neither", remedy: "systemctl enable tokend.socket")
        let diagnosis = try unit("active", enabled: "disabled", socket: "enabled")
        #expect(!diagnosis.findings.contains { $0.finding.contains("enabled") })
    }

    @Test func aUnitThatIsNotThereOrNotStarted() throws {
        try unit("inactive", load: "not-found").expect(
            "problem", "unit", "not installed", remedy: "install the package")
        try unit("inactive").expect("problem", "unit", "is inactive", remedy: "systemctl start tokend")
    }

    @Test(arguments: [
        (64, "command line is wrong", "ExecStart"), (70, "a fault of tokend", "journalctl"),
        (71, "the system refused something", "limits"), (74, "the store's disk failed", "journalctl -k"),
        (75, "another process has the store", "stop that one"), (77, "not permitted", "owner of the store"),
        (78, "store, socket or configuration is wrong", "--check-config"), (3, "exit code 3", "journalctl -u tokend"),
    ])
    func whyAUnitHasFailed(_ code: Int, _ meaning: String, _ remedy: String) throws {
        let diagnosis = try unit("failed", result: "exit-code", status: code)
        diagnosis.expect("problem", "unit", "tokend.service has failed: exit code \(code)", remedy: remedy)
        diagnosis.expect("problem", "unit", meaning)
    }

    @Test func aUnitThatWasKilledOrWaited() throws {
        try unit("failed", result: "signal", status: 9).expect("problem", "unit", "signal 9", remedy: "journalctl")
        try unit("failed", result: "watchdog", status: 6).expect("problem", "unit", "watchdog", remedy: "journalctl")
        try unit("failed", result: "timeout", status: 15).expect("problem", "unit", "timeout", remedy: "journalctl")
        try unit("activating", result: "exit-code", status: 74)
            .expect("warning", "unit", "is starting; last it ended with exit code 74", remedy: "disk")
    }

    @Test func aHostWithoutSystemd() throws {
        let found = { (diagnosis: Diagnosis) in diagnosis.findings.contains { $0.subject == "unit" } }
        try patient.installSystemctl("System has not been booted with systemd", exitCode: 1)
        #expect(try !found(patient.examine(path: "\(patient.directory):/usr/bin:/bin")))
        #expect(try !found(patient.examine(path: "/nonexistent")))
    }
}
