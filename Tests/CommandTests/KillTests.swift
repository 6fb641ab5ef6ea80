import Foundation
import TestSupport
import Testing

// Optimised builds have no such points.
#if DEBUG
    /// What ends by SIGKILL in the middle of its work on a store: see LinuxIO's `Failpoint`.
    @Suite("tokend, killed at a point of its work", .serialized)
    struct KillTests {
        let daemon: RunningDaemon

        init() throws {
            daemon = try RunningDaemon()
            try daemon.logIn()
        }

        private func tokend(
            _ arguments: [String], _ store: String, killedAt point: String? = nil
        ) throws -> Programs.Outcome {
            let outcome = try Programs.run(
                "tokend", arguments + ["--store", store, "--socket", daemon.directory + "/tokend.sock"],
                environment: point.map { ["TOKEND_FAILPOINTS": $0 + "=kill:1"] } ?? [:])
            if let point { #expect(outcome.exitCode == SIGKILL, "\(point): \(outcome.errors)") }
            return outcome
        }

        private func query(_ store: String, _ sql: String) throws -> String {
            try Programs.run("/usr/bin/sqlite3", [store + "/tokend.db", sql]).line
        }

        @Test func aRestorationLeavesTheOldStoreOrTheNewOneWhole() throws {
            // The copy is older by the end of a token.
            let copy = daemon.directory + "/copy.db"
            let made = try daemon.tokenctl("token", "create", "ci", "--scope", "issues:read", "--quiet")
            let head = try daemon.tokenctl("backup", copy, "--quiet").line.prefix { $0 != ":" }
            try #require(daemon.tokenctl("token", "revoke", "--leaked", input: made.output).exitCode == 0)
            daemon.end()
            let restoring = ["restore", copy, "--accept-rollback", String(head), "--keep-tokens"]
            let steps = [
                ("restoreCopied", "token.revoked"), ("restoreCompleted", "token.revoked"),
                ("restorePageMarked", "token.revoked"), ("restoreOldKept", "token.revoked"),
                ("restoreReplaced", "store.restored"), ("restoreMarkWritten", "store.restored"),
            ]
            for (point, newestAction) in steps {
                let store = daemon.directory + "/" + point
                #expect(try Programs.run("/bin/cp", ["-a", daemon.store, store]).exitCode == 0)
                _ = try tokend(restoring, store, killedAt: point)
                #expect(try tokend(["check"], store).exitCode == 0, "\(point)")
                let newest = try query(store, "SELECT action FROM event ORDER BY sequence DESC LIMIT 1")
                #expect(newest == newestAction, "\(point)")
                if newestAction == "token.revoked" {
                    let again = try tokend(restoring, store)
                    #expect(again.exitCode == 0, "\(point): \(again.errors)")
                }
                let check = try tokend(["check"], store).output
                #expect(check.contains("with 1 accepted recoveries"), "\(point): \(check)")
            }
        }

        /// The first of the migrations that are left rewrites the table of tokens.
        @Test func aMigrationIsDoneByTheNextStart() throws {
            daemon.end()
            let store = daemon.store
            _ = try query(store, OldSchema.version3 + "UPDATE token SET last_used_at = 1")
            _ = try tokend(["serve"], store, killedAt: "beforeMigrationCommit")
            let check = try tokend(["check"], store)
            #expect(check.exitCode == 0 && check.output.contains("version 3,"), "\(check.output)")
            #expect(try query(store, "SELECT count(*) FROM token WHERE last_used_at = 1") == "1")
            try daemon.start()
            #expect(try daemon.tokenctl("token", "list", "--json").output.contains("1970-01-01T00:00:00"))
            daemon.end()
            #expect(try tokend(["check"], store).output.contains("version 7,"))
        }
    }
#endif
