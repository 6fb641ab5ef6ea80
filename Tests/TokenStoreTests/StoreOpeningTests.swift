import Foundation
import Glibc
import LinuxIO
import Testing
import TokenCore

@testable import TokenStore

@Suite("Opening a store")
struct StoreOpeningTests {
    let fixture: StoreFixture

    init() throws {
        fixture = try StoreFixture()
    }

    /// A store with a bootstrapped workspace, closed again.
    private func filled() throws {
        _ = try fixture.bootstrap()
        fixture.close()
    }

    private func openingFailure(_ sourceLocation: SourceLocation = #_sourceLocation) throws -> StoreFailure {
        try #require(throws: StoreFailure.self, sourceLocation: sourceLocation) { _ = try fixture.store() }
    }

    /// Every file of the store with the sum of its content.
    private func files() throws -> [String: String] {
        var files: [String: String] = [:]
        for name in try FileManager.default.contentsOfDirectory(atPath: fixture.directory) {
            files[name] = try output("/usr/bin/sha256sum", fixture.directory + "/" + name)
        }
        return files
    }

    private func overwriteLock(at offset: Int, with bytes: [UInt8]) throws {
        let handle = try #require(FileHandle(forUpdatingAtPath: fixture.paths.lock))
        try handle.seek(toOffset: UInt64(offset))
        try handle.write(contentsOf: bytes)
        try handle.close()
    }

    private func slots() throws -> [RollbackMark?] {
        let page = Array(try Data(contentsOf: URL(filePath: fixture.paths.lock)))
        return MarkPage.slotOffsets.map { offset in
            var alone = [UInt8](repeating: 0, count: MarkPage.byteCount)
            alone.replaceSubrange(
                offset..<offset + MarkPage.slotByteCount, with: page[offset..<offset + MarkPage.slotByteCount])
            return MarkPage.newest(in: alone)?.mark
        }
    }

    @Test func aStoreThatWasClosedOpensWithAllThatWasAnswered() throws {
        let admin = try fixture.bootstrap()
        let made = try fixture.create("ci", as: admin.claim)
        let id = try fixture.store().id
        let state = try fixture.store().state.current
        fixture.close()
        #expect(try fixture.store().id == id)
        #expect(try fixture.store().state.current.sequence == state.sequence)
        #expect(try fixture.store().state.current.head == state.head)
        #expect(try fixture.outcome(made.secret) == .valid)
    }

    // MARK: - The lock

    @Test func aSecondStoreOfTheSameDirectoryIsRefusedWithTheHolderNamedAndTouchesNothing() throws {
        _ = try fixture.bootstrap()
        let before = try files()
        let failure = try #require(throws: StoreFailure.self) {
            _ = try Store(directory: fixture.directory) { _ in }
        }
        guard case .held(_, let holder) = failure else {
            Issue.record("\(failure)")
            return
        }
        #expect(holder == getpid())
        #expect(failure.exitCode == 75)
        #expect(try files() == before)
        // The first is unharmed.
        _ = try fixture.bootstrap(workspace: "ws_other")
    }

    @Test func anotherProcessIsShutOutAsLongAsTheStoreIsOpen() throws {
        _ = try fixture.store()
        #expect(try exitCode("/usr/bin/flock", "-n", fixture.paths.lock, "true") == 1)
        fixture.close()
        #expect(try exitCode("/usr/bin/flock", "-n", fixture.paths.lock, "true") == 0)
    }

    @Test func ofManyThatOpenAtOnceOneWins() throws {
        let won = Collected<Store>()
        let lost = Collected<Int32>()
        let directory = fixture.directory
        DispatchQueue.concurrentPerform(iterations: 32) { _ in
            do throws(StoreFailure) {
                won.append(try Store(directory: directory) { _ in })
            } catch {
                lost.append(error.exitCode)
            }
        }
        #expect(won.all.count == 1)
        #expect(lost.all == [Int32](repeating: 75, count: 31))
        for store in won.all { store.close() }
    }

    @Test(.enabled(if: access("/usr/bin/sqlite3", X_OK) == 0))
    func theCommandLineOfSQLiteCannotOpenALiveStoreAndDoesNotHurtIt() throws {
        let admin = try fixture.bootstrap()
        let before = try files()
        for sql in ["SELECT count(*) FROM token", "DELETE FROM token", "PRAGMA wal_checkpoint(TRUNCATE)"] {
            #expect(try exitCode("/usr/bin/sqlite3", fixture.paths.database, sql) != 0)
        }
        #expect(try files() == before)
        // Our locks are intact: it still can't, and we still can.
        let made = try fixture.create("ci", as: admin.claim)
        #expect(try exitCode("/usr/bin/sqlite3", fixture.paths.database, "SELECT 1 FROM token") != 0)
        fixture.close()
        #expect(try fixture.outcome(made.secret) == .valid)
    }

    // MARK: - The mark

    @Test func aMissingLockFileLeavesUnknownWhatTheStoreMustHold() throws {
        try filled()
        unlink(fixture.paths.lock)
        try expectMarkUnusable("missing")
    }

    @Test func aTruncatedLockFileIsRefused() throws {
        try filled()
        truncate(fixture.paths.lock, 100)
        try expectMarkUnusable("shorter")
        truncate(fixture.paths.lock, 4096)
        try expectMarkUnusable("no whole mark")
    }

    @Test func whenBothSlotsAreTornTheStoreIsRefused() throws {
        try filled()
        for offset in MarkPage.slotOffsets { try overwriteLock(at: offset + 40, with: [1, 2, 3]) }
        try expectMarkUnusable("no whole mark")
    }

    @Test func whenOneSlotIsTornTheOtherIsUsed() throws {
        try filled()
        let marks = try slots()
        let newer = try #require(marks[0]?.sequence ?? 0 > marks[1]?.sequence ?? 0 ? 0 : 1)
        try overwriteLock(at: MarkPage.slotOffsets[newer] + 40, with: [1, 2, 3])
        // The store is ahead of the mark that is left, which is allowed.
        let admin = try fixture.bootstrap(workspace: "ws_other")
        fixture.close()
        #expect(try slots().compactMap { $0?.sequence }.max() == 7)
        #expect(try fixture.outcome(admin) == .valid)
    }

    @Test func theMarkNamesTheNewestEventAfterEveryAnswer() throws {
        let admin = try fixture.bootstrap()
        for number in 0..<5 {
            try fixture.create("t\(number)", as: admin.claim)
            let state = try fixture.store().state.current
            let newest = try slots().compactMap { $0 }.max { $0.sequence < $1.sequence }
            #expect(newest?.sequence == state.sequence)
            #expect(newest?.head == state.head)
        }
    }

    @Test func theLockOfAnotherStoreIsRefused() throws {
        try filled()
        let other = try StoreFixture()
        try replace(fixture.paths.lock, by: other.paths.lock)
        try expectMarkUnusable("another store")
    }

    @Test func anOlderCopyOfTheDatabaseIsRefusedAndLeftAsItIs() throws {
        try filled()
        let copy = fixture.directory + "/copy"
        try FileManager.default.copyItem(atPath: fixture.paths.database, toPath: copy)
        _ = try fixture.bootstrap(workspace: "ws_other")
        fixture.close()
        try replace(fixture.paths.database, by: copy)
        let before = try files()
        let failure = try openingFailure()
        guard case .rolledBack(_, 7, 4) = failure else {
            Issue.record("\(failure)")
            return
        }
        #expect(failure.exitCode == 78)
        let after = try files()
        #expect(after["tokend.db"] == before["tokend.db"])
    }

    @Test func aStoreThatLostItsWALIsRefused() throws {
        _ = try fixture.bootstrap()
        // A copy as a crash leaves it: the newest changes are in the WAL alone.
        let crashed = try StoreFixture()
        try crashed.takeFiles(of: fixture)
        unlink(crashed.paths.database + "-wal")
        let failure = try #require(throws: StoreFailure.self) { _ = try crashed.store() }
        guard case .rolledBack(_, 4, _) = failure else {
            Issue.record("\(failure)")
            return
        }
    }

    @Test func aStoreThatCrashedIsRecoveredFromItsWAL() throws {
        let admin = try fixture.bootstrap()
        let crashed = try StoreFixture()
        try crashed.takeFiles(of: fixture)
        #expect(try crashed.outcome(admin) == .valid)
        try crashed.expectWholeChain()
    }

    @Test func aRefusedStoreKeepsItsWAL() throws {
        _ = try fixture.bootstrap()
        let crashed = try StoreFixture()
        try crashed.takeFiles(of: fixture)
        let wal = try Data(contentsOf: URL(filePath: crashed.paths.database + "-wal"))
        let database = try Data(contentsOf: URL(filePath: crashed.paths.database))
        let other = try StoreFixture()
        try crashed.replaceLock(by: other)
        #expect(throws: StoreFailure.self) { _ = try crashed.store() }
        // Whoever finds out what happened finds the files as they were.
        #expect(try Data(contentsOf: URL(filePath: crashed.paths.database + "-wal")) == wal)
        #expect(try Data(contentsOf: URL(filePath: crashed.paths.database)) == database)
    }

    @Test func aCommittedEventThatWasChangedSinceIsRefused() throws {
        _ = try fixture.bootstrap()
        try fixture.run("UPDATE event SET hash = zeroblob(32) WHERE sequence = (SELECT max(sequence) FROM event)")
        fixture.close()
        #expect(try openingFailure().exitCode == 78)
    }

    @Test func anUnfinishedInitIsNoStore() throws {
        let id = try fixture.store().id
        fixture.close()
        let unborn = MarkPage(mark: RollbackMark(store: id, sequence: 0, head: .zero), generation: 0)
        try overwriteLock(at: 0, with: unborn.encoded())
        try overwriteLock(at: 512, with: [UInt8](repeating: 0, count: MarkPage.slotByteCount))
        try expectMarkUnusable("init")
    }

    @Test func eachUniqueIndexIsLookedForWhenAStoreIsOpened() throws {
        let names = try #require(
            try fixture.single(
                """
                SELECT group_concat(name) FROM
                    (SELECT name FROM sqlite_schema WHERE sql LIKE 'CREATE UNIQUE INDEX%' ORDER BY name)
                """))
        #expect(names == StoreSoundness.uniqueIndexes.map(\.0).joined(separator: ","))
    }

    /// A trigger can bring back what was revoked, and names are unique by an index.
    @Test(arguments: [
        (
            "CREATE TRIGGER undo AFTER UPDATE ON token BEGIN UPDATE secret SET dies_at = NULL; END",
            "the trigger undo is none of tokend's"
        ),
        ("CREATE VIEW other AS SELECT 1", "the view other is none of tokend's"),
        ("DROP INDEX token_live_name", "the index token_live_name is missing"),
        (
            "DROP INDEX secret_current; CREATE UNIQUE INDEX secret_current ON secret (token) WHERE dies_at = 1",
            "the index secret_current is missing, or not as tokend makes it"
        ),
    ])
    func aSchemaThatIsNotOursIsRefused(sql: String, problem: String) throws {
        try fixture.run(sql)
        fixture.close()
        let failure = try openingFailure()
        #expect(failure.exitCode == 78)
        #expect(failure.description.contains(problem), "\(failure)")
        #expect(failure.description.contains("tokend restore"), "\(failure)")
    }

    private func replace(_ path: String, by other: String) throws {
        unlink(path)
        try FileManager.default.moveItem(atPath: other, toPath: path)
    }

    private func expectMarkUnusable(_ word: String, _ sourceLocation: SourceLocation = #_sourceLocation) throws {
        let failure = try openingFailure(sourceLocation)
        guard case .markUnusable(_, let problem) = failure else {
            Issue.record("\(failure)", sourceLocation: sourceLocation)
            return
        }
        #expect(problem.contains(word), sourceLocation: sourceLocation)
        #expect(failure.exitCode == 78, sourceLocation: sourceLocation)
    }
}

extension StoreFixture {
    /// Becomes a copy of another fixture's files, as a crash of that store would leave them.
    func takeFiles(of other: StoreFixture) throws {
        close()
        for name in ["tokend.db", "tokend.db-wal", "tokend.lock"] {
            unlink(directory + "/" + name)
            #expect(try exitCode("/bin/cp", other.directory + "/" + name, directory + "/" + name) == 0)
        }
    }

    func replaceLock(by other: StoreFixture) throws {
        unlink(paths.lock)
        try FileManager.default.copyItem(atPath: other.paths.lock, toPath: paths.lock)
    }

    /// The first event that does not follow from the one before it.
    func brokenEvent() throws -> Int64? {
        var head = Digest.zero
        for (index, record) in try events().enumerated() {
            head = AuditChain.hash(previous: head, event: record.event)
            if record.event.sequence != index + 1 || record.hash != head { return Int64(index + 1) }
        }
        return nil
    }

    /// Verifies the audit chain from its first event to the state's head.
    func expectWholeChain(_ sourceLocation: SourceLocation = #_sourceLocation) throws {
        #expect(try brokenEvent() == nil, sourceLocation: sourceLocation)
        let newest = try #require(try events().last, sourceLocation: sourceLocation)
        let state = try store().state.current
        #expect(state.sequence == newest.event.sequence, sourceLocation: sourceLocation)
        #expect(state.head == newest.hash, sourceLocation: sourceLocation)
    }
}

/// Runs a program to its end.
///
/// What looks at the files of a live store must be another process: closing any descriptor of the database in this one
/// would drop the locks that SQLite holds on it.
func exitCode(_ program: String, _ arguments: String...) throws -> Int32 {
    let process = Process()
    process.executableURL = URL(filePath: program)
    process.arguments = arguments
    process.standardOutput = FileHandle.nullDevice
    process.standardError = FileHandle.nullDevice
    try process.run()
    process.waitUntilExit()
    return process.terminationStatus
}

/// What a program prints.
func output(_ program: String, _ arguments: String...) throws -> String {
    let process = Process()
    process.executableURL = URL(filePath: program)
    process.arguments = arguments
    let pipe = Pipe()
    process.standardOutput = pipe
    try process.run()
    let data = pipe.fileHandleForReading.readDataToEndOfFile()
    process.waitUntilExit()
    return String(decoding: data, as: UTF8.self)
}
