import Foundation
import Testing
import TokenClient

@testable import tokenctl

@Suite("doctor, of clocks")
struct DoctorClockTests {
    private let start = Timestamp("2027-01-31T12:00:00Z") ?? .now

    private func at(_ seconds: Int) -> Timestamp { start.adding(.seconds(seconds)) }

    /// A daemon that started at 0, and was asked at the moment `now` of this process's clock.
    private func findings(daemon: Int, now: Int, mark: Int, uptime: Int64) -> [Finding] {
        ClockCheck(
            now: at(daemon), asked: at(now)...at(now), mark: at(mark), startedAt: at(0), uptimeSeconds: uptime
        ).findings
    }

    @Test func clocksThatAgree() {
        let findings = findings(daemon: 5_000, now: 5_001, mark: 4_999, uptime: 5_000)
        #expect(findings.map(\.level) == [.ok])
    }

    @Test(arguments: [(5_010, "9 s ahead of"), (4_990, "11 s behind")])
    func aDaemonWithAnotherClock(_ daemon: Int, _ text: String) {
        let findings = findings(daemon: daemon, now: 5_001, mark: 4_980, uptime: 5_000)
        #expect(findings.map(\.level) == [.problem])
        #expect(findings.first?.text.contains(text) == true)
    }

    @Test(arguments: [(9_000, "set 4000 s ahead"), (1_000, "set 4000 s back")])
    func aClockThatWasSetSinceTheDaemonStarted(_ now: Int, _ text: String) {
        let findings = findings(daemon: now, now: now, mark: min(now, 5_000), uptime: 5_000)
        #expect(findings.contains { $0.level == .warning && $0.text.contains(text) })
    }

    /// For an hour the daemon waits, also after a stop that was longer than five minutes.
    @Test func aStepThatTheDaemonDoesNotBelieveYet() {
        #expect(findings(daemon: 600, now: 600, mark: 0, uptime: 600).map(\.level) == [.ok])
        let findings = findings(daemon: 9_000, now: 9_000, mark: 5_000, uptime: 9_000)
        #expect(findings.map(\.level) == [.warning])
        #expect(findings.first?.text.contains("does not believe yet") == true)
    }

    @Test func aStoreThatHasSeenALaterTime() throws {
        let daemon = try RunningDaemon()
        daemon.end()
        let store = daemon.directory + "/store/tokend.db"
        let later = (Timestamp.now.seconds + 86_400) * 1_000_000
        let edited = try Programs.run("/usr/bin/sqlite3", [store, "UPDATE store SET clock_mark = \(later)"])
        try #require(edited.exitCode == 0, "\(edited.errors)")
        try daemon.start()
        let diagnosis = try daemon.diagnose()
        diagnosis.expect("problem", "clock", "tokens expire as if it were that time", remedy: "tokend recover --clock")
        #expect(diagnosis.exitCode == 1)
    }
}
