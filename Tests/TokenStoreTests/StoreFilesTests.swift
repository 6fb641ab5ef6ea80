import CSQLite
import Foundation
import Glibc
import LinuxIO
import Testing
import TokenCore

@testable import TokenStore

@Suite("What a store's files must be")
struct StoreFilesTests {
    let fixture: StoreFixture

    init() throws {
        fixture = try StoreFixture()
    }

    private func failure(_ sourceLocation: SourceLocation = #_sourceLocation) throws -> StoreFailure {
        try #require(throws: StoreFailure.self, sourceLocation: sourceLocation) { _ = try fixture.store() }
    }

    private func setDatabase(_ bytes: [UInt8]) throws {
        try Data(bytes).write(to: URL(filePath: fixture.paths.database))
        chmod(fixture.paths.database, 0o600)
    }

    @Test func filesAndDirectoryAreTheOwnersAlone() throws {
        _ = try fixture.bootstrap()
        var status = stat()
        for (path, mode) in [
            ("", 0o700), ("/tokend.db", 0o600), ("/tokend.db-wal", 0o600), ("/tokend.lock", 0o600),
        ] {
            #expect(lstat(fixture.directory + path, &status) == 0)
            #expect(Int(status.st_mode & 0o7777) == mode, "\(path)")
        }
    }

    @Test func whereNothingIsThereIsNoStore() throws {
        let directory = fixture.directory + "/nothing"
        for isThere in [false, true] {
            if isThere { mkdir(directory, 0o700) }
            let failure = try #require(throws: StoreFailure.self) { _ = try Store(directory: directory) { _ in } }
            guard case .missing = failure else {
                Issue.record("\(failure)")
                continue
            }
            #expect(failure.exitCode == 78)
            #expect(failure.description.contains("tokend init"))
        }
        #expect(try FileManager.default.contentsOfDirectory(atPath: directory) == [])
    }

    @Test func aMissingDatabaseIsNotMadeAnew() throws {
        unlink(fixture.paths.database)
        guard case .missing = try failure() else {
            Issue.record("not missing")
            return
        }
        #expect(access(fixture.paths.database, F_OK) != 0)
    }

    @Test(arguments: [
        [], Array("x".utf8), Array("not a database, but long enough to be taken for one".utf8),
        [UInt8](repeating: 0x5a, count: 8192), [UInt8](repeating: 0, count: 8192),
    ])
    func aFileThatIsNoDatabaseIsForeignAndStaysAsItIs(bytes: [UInt8]) throws {
        try setDatabase(bytes)
        guard case .foreignFile = try failure() else {
            Issue.record("\(try failure())")
            return
        }
        #expect(try failure().exitCode == 78)
        #expect(Array(try Data(contentsOf: URL(filePath: fixture.paths.database))) == bytes)
    }

    @Test func theDatabaseOfAnotherApplicationIsForeign() throws {
        try setDatabase([])
        do {
            let connection = try SQLiteConnection(path: fixture.paths.database, access: .readWrite)
            try connection.execute("CREATE TABLE other (number INTEGER); PRAGMA user_version = 1")
        }
        let before = try Data(contentsOf: URL(filePath: fixture.paths.database))
        guard case .foreignFile = try failure() else {
            Issue.record("\(try failure())")
            return
        }
        #expect(try Data(contentsOf: URL(filePath: fixture.paths.database)) == before)
    }

    @Test func aStoreOfANewerTokendIsRefusedWithoutAWrite() throws {
        _ = try fixture.bootstrap()
        try fixture.close(leavingVersion: Schema.newestVersion + 1)
        let before = try Data(contentsOf: URL(filePath: fixture.paths.database))
        let failure = try failure()
        guard case .newerSchema(_, let found, let known) = failure else {
            Issue.record("\(failure)")
            return
        }
        #expect(found == known + 1)
        #expect(failure.exitCode == 78)
        #expect(try Data(contentsOf: URL(filePath: fixture.paths.database)) == before)
    }

    @Test(arguments: [
        ("", 0o750, "0700"), ("", 0o707, "chmod"), ("/tokend.db", 0o640, "0600"), ("/tokend.db", 0o604, "0600"),
        ("/tokend.lock", 0o644, "0600"), ("/tokend.db-wal", 0o660, "0600"),
    ])
    func aWrongModeIsNamedWithTheRightOne(path: String, mode: UInt32, expected: String) throws {
        let path = fixture.directory + path
        if access(path, F_OK) != 0 { try Data().write(to: URL(filePath: path)) }
        chmod(path, mode)
        defer { chmod(path, 0o700) }
        let failure = try failure()
        guard case .unsafe(let problem) = failure else {
            Issue.record("\(failure)")
            return
        }
        #expect(problem.contains(path))
        #expect(problem.contains(expected))
        #expect(failure.exitCode == 78)
    }

    @Test(.enabled(if: geteuid() == 0), arguments: ["", "/tokend.db", "/tokend.lock"])
    func aFileOfAnotherUserIsRefused(path: String) throws {
        chown(fixture.directory + path, 12_345, 0)
        guard case .unsafe(let problem) = try failure() else {
            Issue.record("not unsafe")
            return
        }
        #expect(problem.contains("12345"))
    }

    @Test func aSymbolicLinkInPlaceOfAFileIsRefused() throws {
        let other = try StoreFixture()
        for (path, target) in [
            (fixture.paths.database, other.paths.database), (fixture.paths.lock, other.paths.lock),
        ] {
            let kept = path + ".kept"
            rename(path, kept)
            symlink(target, path)
            #expect(throws: StoreFailure.self) { _ = try fixture.store() }
            unlink(path)
            rename(kept, path)
        }
        _ = try fixture.store()
    }

    @Test func theDirectoryMayBeReachedThroughASymbolicLink() throws {
        let link = fixture.directory + "-link"
        symlink(fixture.directory, link)
        defer { unlink(link) }
        let store = try Store(directory: link) { _ in }
        store.close()
        let nested = link + "/nested"
        try Store.create(directory: nested)
        try Store(directory: nested) { _ in }.close()
    }

    // MARK: - init

    @Test(arguments: ["tokend.db", "tokend.lock"]) func initNeverOverwrites(name: String) throws {
        let directory = fixture.directory + "/again"
        mkdir(directory, 0o700)
        let path = directory + "/" + name
        try Data("mine".utf8).write(to: URL(filePath: path))
        chmod(path, 0o600)
        let failure = try #require(throws: StoreFailure.self) { try Store.create(directory: directory) }
        guard case .exists(path) = failure else {
            Issue.record("\(failure)")
            return
        }
        #expect(failure.exitCode == 78)
        #expect(try FileManager.default.contentsOfDirectory(atPath: directory) == [name])
        #expect(try Data(contentsOf: URL(filePath: path)) == Data("mine".utf8))
    }

    @Test func initRefusesAStoreThatIsThereAndLeavesItOpen() throws {
        _ = try fixture.bootstrap()
        #expect(throws: StoreFailure.self) { try Store.create(directory: fixture.directory) }
        _ = try fixture.bootstrap(workspace: "ws_other")
        fixture.close()
        try fixture.expectWholeChain()
    }

    @Test func initRefusesADirectoryThatOthersMayWriteTo() throws {
        let directory = fixture.directory + "/open"
        mkdir(directory, 0o700)
        chmod(directory, 0o777)
        guard
            case .unsafe = try #require(
                throws: StoreFailure.self,
                performing: {
                    try Store.create(directory: directory)
                })
        else {
            Issue.record("not unsafe")
            return
        }
        #expect(try FileManager.default.contentsOfDirectory(atPath: directory) == [])
    }

    // MARK: - Pragmas and migrations

    @Test func theWriterFindsSetWhatItRelies() throws {
        let expected = [
            "journal_mode": "wal", "synchronous": "2", "foreign_keys": "1", "secure_delete": "1",
            "trusted_schema": "0", "cell_size_check": "1", "wal_autocheckpoint": "0",
            "user_version": String(Schema.newestVersion),
            "application_id": "1953459044",
        ]
        for (name, value) in expected { #expect(try fixture.single("PRAGMA \(name)") == value, "\(name)") }
        #expect(try fixture.single("PRAGMA integrity_check") == "ok")
        #expect(try fixture.single("SELECT count(*) FROM pragma_foreign_key_check") == "0")
    }

    @Test func aReaderCannotWrite() throws {
        let reader = try fixture.store().makeReader()
        for sql in ["DELETE FROM event", "CREATE TABLE other (number INTEGER)", "PRAGMA user_version = 77"] {
            #expect(throws: SQLiteError.self) { try reader.connection.execute(sql) }
        }
        #expect(try reader.connection.singleText("PRAGMA query_only") == "1")
    }

    @Test func aReaderChecksNoCellThatItIsNotAskedFor() throws {
        let connection = try fixture.store().makeReader().connection
        #expect(try connection.singleText("PRAGMA cell_size_check") == "0")
        #expect(try connection.singleText("PRAGMA cache_size") == "-1024")
    }

    @Test func aMigrationThatFailsLeavesTheStoreAtItsVersion() throws {
        try setDatabase([])
        let connection = try SQLiteConnection(path: fixture.paths.database, access: .readWrite)
        // In the way of the one but last of the migration's tables.
        try connection.execute("CREATE TABLE event (number INTEGER)")
        #expect(throws: StoreFailure.self) { try Migrator.migrate(connection) }
        #expect(connection.isOutsideTransaction)
        #expect(try connection.singleText("PRAGMA user_version") == "0")
        #expect(try connection.singleText("SELECT group_concat(name) FROM sqlite_schema") == "event")
        try connection.execute("DROP TABLE event")
        try Migrator.migrate(connection)
        #expect(try Migrator.version(connection) == Schema.newestVersion)
    }

    @Test func tablesThatAreNotOursAreIgnored() throws {
        try fixture.run("CREATE TABLE _litestream_seq (id INTEGER PRIMARY KEY, seq INTEGER)")
        fixture.close()
        _ = try fixture.bootstrap()
    }
}

extension StoreFixture {
    /// Closes the store with another schema version in it.
    func close(leavingVersion version: Int64) throws {
        close()
        let connection = try SQLiteConnection(path: paths.database, access: .readWrite)
        try connection.execute("PRAGMA user_version = \(version)")
        try connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    }
}
