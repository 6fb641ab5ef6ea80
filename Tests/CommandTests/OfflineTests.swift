import Foundation
import Testing

/// What is done to a store while no daemon has it, as an operator does it.
@Suite("tokend on a store at rest", .serialized)
struct OfflineTests {
    let daemon: RunningDaemon
    private var copy: String { daemon.directory + "/copy.db" }

    init() throws {
        daemon = try RunningDaemon()
        try daemon.logIn()
    }

    private func tokend(_ arguments: String...) throws -> Programs.Outcome { try tokend(arguments) }

    private func tokend(_ arguments: [String]) throws -> Programs.Outcome {
        try Programs.run(
            "tokend",
            arguments + ["--store", daemon.store, "--socket", daemon.directory + "/tokend.sock"])
    }

    /// The number of the newest event in a new copy.
    private func backUp() throws -> String {
        let backup = try daemon.tokenctl("backup", copy, "--quiet")
        try #require(backup.exitCode == 0, "\(backup.errors)")
        return String(backup.line.prefix { $0 != ":" })
    }

    @Test func aStoreIsCheckedWhenNobodyHasIt() throws {
        let held = try tokend("check")
        #expect(held.exitCode == 75)
        #expect(held.errors.contains("is in use by process"))
        daemon.end()
        let check = try tokend("check", "--json")
        #expect(check.exitCode == 0, "\(check.output)")
        let report = try #require(
            try JSONSerialization.jsonObject(with: Data(check.output.utf8)) as? [String: Any])
        #expect(report["sound"] as? Bool == true)
        #expect((report["checks"] as? [[String: Any]])?.count ?? 0 >= 13)
        chmod(daemon.store + "/tokend.db", 0o644)
        let wrong = try tokend("check")
        #expect(wrong.exitCode == 78)
        #expect(wrong.output.contains("WRONG  file"))
        #expect(wrong.output.contains("chmod 0600"))
        chmod(daemon.store + "/tokend.db", 0o600)
        try daemon.start()
    }

    /// The lock file was moved away and copied back, so that its lock is on a file that nobody finds.
    @Test(arguments: ["check", "serve"]) func aStoreThatIsOpenUnderAnotherLockFileIsInUseAndNotDamaged(
        command: String
    ) throws {
        let lock = daemon.store + "/tokend.lock"
        #expect(try Programs.run("/bin/cp", ["-p", lock, lock + ".copy"]).exitCode == 0)
        #expect(rename(lock + ".copy", lock) == 0)
        let refused = try tokend(command)
        let said = refused.output + refused.errors
        #expect(refused.exitCode == 75, "\(said)")
        #expect(said.contains("another process has the database open"), "\(said)")
        #expect(!said.contains("damaged") && !said.contains("restore"), "\(said)")
        #expect(try daemon.tokenctl("whoami").exitCode == 0)
    }

    @Test func anOlderCopyIsRestoredOnlyWithConsentAndTheAdminRecovered() throws {
        let ci = try daemon.tokenctl("token", "create", "ci", "--scope", "issues:read", "--quiet").line
        let sequence = try backUp()
        let id = try daemon.tokenctl("token", "list", "--name-prefix", "ci", "--quiet").line
        #expect(try daemon.tokenctl("token", "revoke", id).exitCode == 0)
        let inUse = try tokend("restore", copy)
        #expect(inUse.exitCode == 75)
        daemon.end()

        let refused = try tokend("restore", copy)
        #expect(refused.exitCode == 78)
        #expect(refused.errors.contains("--accept-rollback \(sequence)"))
        #expect(try tokend("restore", copy, "--accept-rollback", sequence).exitCode == 64)
        #expect(
            try tokend("restore", copy, "--accept-rollback", sequence, "--revoke-all", "--keep-tokens")
                .exitCode == 64)
        let restored = try tokend("restore", copy, "--accept-rollback", sequence, "--revoke-all")
        #expect(restored.exitCode == 0, "\(restored.errors)")
        #expect(restored.output.contains("revoked 2 tokens"))
        #expect(restored.output.contains("tokend.db.replaced-"))

        let secretFile = daemon.directory + "/admin.token"
        let recovered = try tokend(
            "recover", "--admin", "ann", "--workspace", "ws_test", "--output-file", secretFile)
        #expect(recovered.exitCode == 0, "\(recovered.errors)")
        #expect(recovered.output.isEmpty)
        let attributes = try FileManager.default.attributesOfItem(atPath: secretFile)
        #expect(attributes[.posixPermissions] as? Int == 0o600)
        // Once more, in place of that one, and to the standard output.
        let again = try tokend("recover", "--admin", "ann", "--workspace", "ws_test")
        #expect(again.line.wholeMatch(of: /clpu_[0-9A-Za-z]{49}/) != nil)
        #expect(again.errors.contains("revoked 1 older"))
        #expect(try tokend("check").exitCode == 0)

        try daemon.start()
        #expect(try daemon.tokenctl("verify", input: ci).exitCode == 1)
        #expect(
            try daemon.tokenctl("verify", input: try String(contentsOfFile: secretFile, encoding: .utf8))
                .exitCode == 1)
        #expect(try daemon.tokenctl("login", input: again.output).exitCode == 0)
        let chain = try daemon.tokenctl("audit", "verify", "--json")
        #expect(chain.exitCode == 0)
        #expect(chain.output.contains(#""recoveries": 1"#))
        let actions = try daemon.tokenctl("events", "--host", "--action", "store.*", "--json").output
        for action in ["store.created", "store.recovered", "store.restored"] {
            #expect(actions.contains(action))
        }
    }

    @Test func aCopyMakesAStoreInAnotherPlaceWhichHasTheSameTokens() throws {
        let ci = try daemon.tokenctl("token", "create", "ci", "--scope", "issues:read", "--quiet").line
        _ = try backUp()
        daemon.end()
        let place = daemon.directory + "/second"
        let restored = try Programs.run(
            "tokend", ["restore", copy, "--store", place, "--socket", daemon.directory + "/tokend.sock"])
        #expect(restored.exitCode == 0, "\(restored.errors)")
        // Whoever keeps what the first daemon answered asks the second: the epochs have moved.
        #expect(restored.errors.isEmpty)
        try daemon.start(store: place)
        #expect(try daemon.tokenctl("verify", input: ci).exitCode == 0)
    }

    @Test(arguments: [
        ("/etc/passwd", 78, "is not a copy of a store of tokend; name another FILE"), ("/", 66, "name the FILE"),
    ])
    func aFileThatIsNoCopyIsCalledSo(_ file: String, _ exitCode: Int32, _ words: String) throws {
        daemon.end()
        let refused = try Programs.run("tokend", ["restore", file, "--store", daemon.directory + "/second"])
        #expect(refused.exitCode == exitCode)
        #expect(refused.errors.contains("\(file) is ") && refused.errors.contains(words), "\(refused.errors)")
    }

    @Test func whatIsNoCopyIsRefused() throws {
        daemon.end()
        let place = daemon.directory + "/second"
        for (file, exitCode) in [
            ("/nonexistent/copy.db", 66), ("/dev/null", 78), ("/proc/self/exe", 78),
        ] {
            let refused = try Programs.run("tokend", ["restore", file, "--store", place])
            #expect(refused.exitCode == exitCode, "\(file): \(refused.errors)")
        }
        let own = try tokend("restore", daemon.store + "/tokend.db")
        #expect(own.exitCode == 78)
        #expect(own.errors.contains("this very store"))
        #expect(try tokend("check").exitCode == 0)
        try daemon.start()
    }

    @Test func aClockThatIsRightNeedsNoRecovery() throws {
        daemon.end()
        let clock = try tokend("recover", "--clock")
        #expect(clock.exitCode == 0)
        #expect(clock.errors.contains("nothing was changed"))
        let rollback = try tokend("recover", "--accept-rollback", "3", "--keep-tokens")
        #expect(rollback.exitCode == 64)
        #expect(rollback.errors.contains("there is no rollback to accept"))
        let admin = try tokend("recover", "--admin", "eve", "--workspace", "ws_test")
        #expect(admin.exitCode == 64)
        #expect(admin.errors.contains("ann"))
        try daemon.start()
    }

    /// Root has become the store's user by then, who may not remove what root has made.
    @Test(.enabled(if: geteuid() == 0)) func aRecoveryThatIsRefusedLeavesNoFileForTheSecret() throws {
        daemon.end()
        chmod(daemon.directory, 0o711)
        try giveStore(to: 4242)
        let file = daemon.directory + "/ann.token"
        let output = ["--workspace", "ws_test", "--output-file", file]
        let refusals: [(admin: String, mode: mode_t, exitCode: Int32)] = [("eve", 0o700, 64), ("ann", 0o755, 78)]
        for (admin, mode, exitCode) in refusals {
            chmod(daemon.store, mode)
            let refused = try tokend(["recover", "--admin", admin] + output)
            #expect(refused.exitCode == exitCode, "\(refused.errors)")
            #expect(access(file, F_OK) != 0)
        }
        chmod(daemon.store, 0o700)
        #expect(try tokend(["recover", "--admin", "ann"] + output).exitCode == 0)
        #expect(try FileManager.default.attributesOfItem(atPath: file)[.ownerAccountID] as? uid_t == 0)
        #expect(try String(contentsOfFile: file, encoding: .utf8).wholeMatch(of: /clpu_[0-9A-Za-z]{49}\n/) != nil)
        try giveStore(to: 0)
        try daemon.start()
    }

    private func giveStore(to user: uid_t) throws {
        let files = try FileManager.default.contentsOfDirectory(atPath: daemon.store).map { daemon.store + "/" + $0 }
        // With the page, or its loss is waited for.
        for path in files + [daemon.store, daemon.directory + "/tokend.sock.epochs"] { chown(path, user, user) }
    }
}
