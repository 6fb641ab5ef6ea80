import Foundation
import Testing
import TokenCore

@testable import TokenStore

@Suite("A store of an older schema")
struct MigrationTests {
    @Test(arguments: 1..<Int(Schema.newestVersion))
    func whateverItsVersionItBecomesOneOfTheNewest(version: Int) throws {
        let connection = try SQLiteConnection(path: ":memory:", access: .readWrite)
        for migration in Schema.migrations.prefix(version) { try migration.apply(to: connection) }
        try connection.execute("PRAGMA user_version = \(version)")
        try Migrator.migrate(connection)
        #expect(try StoreSoundness.schemaProblem(of: connection) == nil)
    }

    /// A store with tokens that were used, rolled, imported and ended, as each version had them.
    @Test(arguments: 1..<Int(Schema.newestVersion))
    func whateverItsVersionItLosesNothing(version: Int) throws {
        let connection = try SQLiteConnection(path: ":memory:", access: .readWrite)
        try connection.execute("PRAGMA foreign_keys = ON")
        try Schema.migrations[0].apply(to: connection)
        try connection.execute(
            """
            INSERT INTO store VALUES (1, zeroblob(16), 10, zeroblob(32));
            INSERT INTO workspace VALUES (1, 'ws_acme', 1, 10);
            INSERT INTO principal VALUES (1, 1, 1, 'ann', 'tenant_admin', 0, 10, NULL);
            WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 400)
            INSERT INTO token (id, principal, name, scopes, hint, created_at, created_by, ended_at, last_used_at)
            SELECT 'tok_' || i, 1, 'n' || i, 'a:b', '', 10, 'ann', iif(i % 10 = 0, 20, NULL), iif(i % 3 = 0, i, NULL)
            FROM n;
            INSERT INTO secret (digest, token, dies_at)
            SELECT CAST(printf('%08d', number * 97) || hex(zeroblob(12)) AS BLOB), number, NULL FROM token;
            INSERT INTO secret (digest, token, dies_at)
            SELECT CAST('x' || printf('%07d', number * 89) || hex(zeroblob(12)) AS BLOB), number, iif(number % 2, 0, 30)
            FROM token;
            """)
        for migration in Schema.migrations.prefix(version).dropFirst() { try migration.apply(to: connection) }
        if version > 1 { try connection.execute("UPDATE secret SET is_imported = 1 WHERE token = 7") }
        try connection.execute("PRAGMA user_version = \(version)")
        try Migrator.migrate(connection)
        #expect(try StoreSoundness.problem(of: connection) == nil)
        for number in 1...400 {
            let token = try #require(try connection.token(number: Int64(number)))
            #expect(token.lastUsedAt == (number % 3 == 0 ? Instant(microseconds: Int64(number)) : nil))
        }
        func secretCount(_ condition: String) throws -> String? {
            try connection.singleText("SELECT count(*) FROM secret WHERE \(condition)")
        }
        #expect(try secretCount("TRUE") == "800")
        // Of 40 that have ended no secret tells anything, nor the 200 that were killed.
        #expect(try secretCount("principal = 1 AND dies_at IS NULL") == "360")
        #expect(try secretCount("principal = 1 AND dies_at = 30") == "160")
        #expect(try secretCount("principal = 1") == "520")
        #expect(try secretCount("is_imported = 1") == (version > 1 ? "2" : "0"))
    }

    @Test func whatTheFirstSchemaHeldIsKeptAndCounted() throws {
        let path = FileManager.default.temporaryDirectory.path + "/tokend-migration-" + UUID().uuidString
        try #require(FileManager.default.createFile(atPath: path, contents: nil))
        defer { try? FileManager.default.removeItem(atPath: path) }
        let connection = try SQLiteConnection(path: path, access: .readWrite)
        let rest = String(repeating: "77", count: 31)
        try connection.execute(Schema.migrations[0].statements + "PRAGMA user_version = 1;")
        try connection.execute(
            """
            INSERT INTO store VALUES (1, zeroblob(16), 10, zeroblob(32));
            INSERT INTO workspace VALUES (1, 'ws_acme', 2, 10);
            INSERT INTO principal VALUES (1, 1, 1, 'ann', 'tenant_admin', 0, 10, NULL), (2, 1, 1, 'bob', 'viewer', 0, 10, 20);
            INSERT INTO token (id, principal, name, scopes, hint, created_at, created_by, ended_at)
            VALUES ('tok_1', 1, 'a', '', '', 10, 'ann', NULL), ('tok_2', 1, 'b', '', '', 10, 'ann', NULL),
                ('tok_3', 1, 'c', '', '', 10, 'ann', 20);
            UPDATE token SET last_used_at = 30 WHERE id = 'tok_2';
            INSERT INTO secret (digest, token, dies_at)
            VALUES (x'ff\(rest)', 1, NULL), (zeroblob(32), 1, 0), (x'01\(rest)', 2, 40), (x'02\(rest)', 3, NULL);
            INSERT INTO request SELECT 1, 'r', zeroblob(32), 1, digest, 10 FROM secret WHERE digest > x'ff';
            INSERT INTO event VALUES (1, 77, NULL, 'a', NULL, NULL, 'x', '', x'', '', zeroblob(32));
            """)
        try Migrator.migrate(connection)
        #expect(try Migrator.version(connection) == Schema.newestVersion)
        #expect(try connection.singleText("SELECT group_concat(live_token_count) FROM principal") == "2,0")
        #expect(try connection.singleText("SELECT count(*) FROM token") == "3")
        #expect(try connection.token(id: "tok_2")?.lastUsedAt == Instant(microseconds: 30))
        #expect(try connection.token(id: "tok_1")?.lastUsedAt == nil)
        // Time goes on from the newest event, and the chain from its beginning.
        #expect(try connection.singleText("SELECT clock_mark FROM store") == "77")
        #expect(try connection.singleText("SELECT pruned_sequence FROM store") == "0")
        #expect(try connection.singleText("SELECT group_concat(is_imported) FROM secret") == "0,0,0,0")
        // By number; what is dead tells nothing.
        #expect(try connection.singleText("SELECT group_concat(token_id) FROM secret") == "tok_2,tok_1")
        #expect(try connection.singleText("SELECT token_id FROM request JOIN secret ON number = secret") == "tok_1")
        #expect(try StoreSoundness.problem(of: connection) == nil)
        #expect(try connection.singleText("PRAGMA integrity_check") == "ok")
    }
}
