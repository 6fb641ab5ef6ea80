import Foundation
import TestSupport
import Testing
import TokenCore

@testable import TokenStore

@Suite("Checking a store at rest")
struct StoreCheckTests {
    private let fixture: StoreFixture

    init() throws {
        fixture = try StoreFixture(isKeptSound: false)
        _ = try fixture.bootstrap()
        fixture.close()
    }

    private func check(_ rules: AccessRules = .builtIn) throws -> StoreCheck {
        try StoreCheck(
            directory: fixture.directory, epochPagePath: fixture.directory + "/tokend.sock.epochs",
            rules: rules)
    }

    private func faults(_ rules: AccessRules = .builtIn) throws -> [String] {
        try check(rules).lines.filter { !$0.isSound }.map { "\($0.name): \($0.text)" }
    }

    private func damage(_ sql: String) throws {
        #expect(try exitCode("/usr/bin/sqlite3", fixture.paths.database, sql) == 0)
    }

    @Test func aSoundStoreIsSoundAndStaysAsItIs() throws {
        let before = try Data(contentsOf: URL(filePath: fixture.paths.database))
        let check = try check()
        #expect(check.isSound)
        #expect(
            Set(check.lines.map(\.name)) == [
                "directory", "file", "file system", "lock", "schema", "pragmas", "integrity",
                "foreign keys", "secrets", "audit",
                "mark", "roles", "clock", "epoch page",
            ])
        #expect(try Data(contentsOf: URL(filePath: fixture.paths.database)) == before)
        let names = try FileManager.default.contentsOfDirectory(atPath: fixture.directory).sorted()
        #expect(names == ["tokend.db", "tokend.lock", "tokend.reserve"])
        _ = try fixture.store()
        let held = try #require(throws: StoreFailure.self) { try self.check() }
        #expect(held.exitCode == 75)
    }

    @Test(
        .enabled(if: access("/usr/bin/sqlite3", X_OK) == 0),
        arguments: [
            ("UPDATE event SET actor = 'eve' WHERE sequence = 2", "audit: event 2 was edited"),
            ("UPDATE token SET principal = 99", "foreign keys: a row of token refers"),
            ("UPDATE token SET revoked_at = 1, ended_at = 1", "secrets: a secret of the token tok_"),
            ("UPDATE secret SET scopes = 'issues:write'", "secrets: a secret of the token tok_"),
            ("UPDATE secret SET expires_at = 1", "secrets: a secret of the token tok_"),
            ("UPDATE secret SET number = number + 1 WHERE number = (SELECT max(number) FROM secret)", "secrets: "),
            ("DROP INDEX token_live_name", "schema: the index token_live_name is missing; restore"),
            ("DROP TABLE request", "schema: the "),
            ("ALTER TABLE workspace ADD COLUMN x ANY", "schema: the table workspace is not as tokend makes it"),
            (
                "CREATE TRIGGER undo AFTER UPDATE ON token BEGIN DELETE FROM secret; END",
                "schema: the trigger undo is none of tokend's"
            ),
            ("PRAGMA user_version = 99", "database: "), ("PRAGMA application_id = 1", "database: "),
            ("UPDATE event SET hash = zeroblob(32) WHERE sequence = 4", "mark: "),
            ("UPDATE store SET clock_mark = 4000000000000000", "clock: the store has seen 2096"),
            ("UPDATE principal SET role = 'czar'", "roles: the roles lack czar"),
        ] as [(String, String)])
    func whatIsWrongIsNamed(sql: String, fault: String) throws {
        try damage(sql)
        let faults = try faults()
        #expect(faults.contains { $0.hasPrefix(fault) }, "\(faults)")
    }

    @Test func everyFileIsLookedAt() throws {
        chmod(fixture.paths.database, 0o644)
        #expect(try faults().first?.contains("chmod 0600") == true)
        chmod(fixture.paths.database, 0o600)
        chmod(fixture.directory, 0o755)
        #expect(try faults().first?.contains("chmod 0700") == true)
        chmod(fixture.directory, 0o700)
        unlink(fixture.paths.lock)
        #expect(try faults().first?.hasPrefix("lock: ") == true)
        try FileManager.default.removeItem(atPath: fixture.paths.database)
        #expect(throws: StoreFailure.self) { try check() }
    }

    /// Litestream keeps its place in tables of the database.
    @Test(.enabled(if: access("/usr/bin/sqlite3", X_OK) == 0))
    func tablesOfAnotherProgramAreNoFault() throws {
        try damage("CREATE TABLE _litestream_seq (id INTEGER PRIMARY KEY, seq INTEGER UNIQUE)")
        try damage("CREATE INDEX _litestream_index ON _litestream_seq (seq)")
        #expect(try faults() == [])
        try damage("CREATE UNIQUE INDEX once ON token (hint)")
        #expect(try faults().first?.hasPrefix("schema: the index once is none of tokend's") == true)
        try damage("DROP INDEX once; CREATE VIEW other AS SELECT 1")
        #expect(try faults().first?.hasPrefix("schema: the view other is none of tokend's") == true)
    }

    @Test(.enabled(if: access("/usr/bin/sqlite3", X_OK) == 0))
    func aStoreOfAnOlderSchemaAndOneThatWasAnalyzedAreSound() throws {
        try damage("ANALYZE;" + OldSchema.version3)
        #expect(try faults() == [])
        let next = "bring it to \(Schema.newestVersion)"
        #expect(try check().lines.contains { $0.text.contains("version 3,") && $0.text.hasSuffix(next) })
    }

    @Test func whatARestorationHasKeptIsNamedWithHowToRemoveIt() throws {
        let kept = fixture.paths.database + ".replaced-2027-01-31T120000Z"
        for path in [kept, kept + "-wal"] { try Data(count: 3 << 20).write(to: URL(filePath: path)) }
        let check = try check()
        #expect(check.isSound)
        let lines = check.lines.filter { $0.name == "replaced" }.map(\.text)
        #expect(lines.count == 2)
        #expect(lines.first?.hasPrefix("\(kept), 3 MiB, ") == true && lines.first?.hasSuffix(": rm \(kept)") == true)
    }

    @Test(arguments: [0, 1, 3] as [UInt64]) func aPageThatIsTornIsFoundWithWhatToDo(_ page: UInt64) throws {
        let file = try FileHandle(forWritingTo: URL(filePath: fixture.paths.database))
        try file.seek(toOffset: page * 4096)
        try file.write(contentsOf: Data(repeating: 0xa5, count: 2048))
        try file.close()
        let faults = try faults()
        #expect(!faults.isEmpty)
        for fault in faults { #expect(fault.contains("tokend restore FILE --store \(fixture.directory)"), "\(fault)") }
    }
}
