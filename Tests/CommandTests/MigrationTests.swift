import Foundation
import TestSupport
import Testing

@Suite("A daemon that finds an older schema")
struct MigrationTests {
    /// What a statement that rewrites the table of tokens keeps for its rollback is some 140 bytes a token.
    @Test func itsMemoryDoesNotGrowWithTheStore() throws {
        let daemon = try RunningDaemon()
        try daemon.logIn()
        daemon.end()
        let older = """
            WITH RECURSIVE number(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM number WHERE n < 80000)
            INSERT INTO token (id, principal, name, scopes, hint, created_at, created_by)
                SELECT printf('tok_%026d', n), 1, printf('%050d', n), 'issues:read', 'clpu_abcd', 1, 'ann' FROM number;
            """
        let edited = try Programs.run(
            "/usr/bin/sqlite3", [daemon.store + "/tokend.db", older + "\n" + OldSchema.version3])
        try #require(edited.exitCode == 0, "\(edited.errors)")
        try daemon.start()
        let migrating = try daemon.peakKilobyteCount
        try daemon.restart()
        #expect(try migrating - daemon.peakKilobyteCount < 7 << 10)
    }
}

extension RunningDaemon {
    /// Of the memory that it had in RAM, see proc(5).
    fileprivate var peakKilobyteCount: Int {
        get throws {
            let status = try String(contentsOfFile: "/proc/\(processID)/status", encoding: .utf8)
            return try #require(status.firstMatch(of: /VmHWM:\s+(\d+) kB/).flatMap { Int($0.1) })
        }
    }
}
