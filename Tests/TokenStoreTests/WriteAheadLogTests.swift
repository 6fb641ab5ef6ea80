import CSQLite
import Foundation
import Glibc
import Testing
import TokenCore

@testable import TokenStore

@Suite("Moving what is committed into the database")
struct WriteAheadLogTests {
    private let fixture: StoreFixture
    private let connection: SQLiteConnection

    /// The writer's connection, without the writer.
    init() throws {
        fixture = try StoreFixture()
        connection = try SQLiteConnection(path: fixture.paths.database, access: .readWrite)
        try Pragmas.applyToWriter(connection)
        try connection.execute("CREATE TABLE filler (number INTEGER PRIMARY KEY, bytes BLOB)")
    }

    /// Some 100 pages that no later commit touches, or as many as that.
    private func commit(_ number: Int, byteCount: Int = 400_000) throws {
        try connection.execute("INSERT INTO filler VALUES (\(number), randomblob(\(byteCount)))")
    }

    private func byteCount(_ path: String) throws -> Int {
        let size = try FileManager.default.attributesOfItem(atPath: path)[.size]
        return try #require(size as? Int)
    }

    private var walPath: String { fixture.paths.database + "-wal" }

    /// Makes the log long, and leaves a step done that was too large to be the last.
    private func fill(_ log: WriteAheadLog) throws {
        try commit(0, byteCount: 4096 * Int(WriteAheadLog.pageCountToCheckpoint))
        #expect(try log.tend() == .copied)
        usleep(200_000)
    }

    @Test func aLongLogIsCopiedStepByStepAndThenBeginsAnew() throws {
        let log = WriteAheadLog(of: connection)
        var sizes: [Int] = []
        var checkpointCount = 0
        for number in 0..<70 {
            try commit(number)
            if try log.tend() == .finished { checkpointCount += 1 }
            // The disk is done before the next commit, which is then little enough to be waited for.
            usleep(5_000)
            sizes.append(try byteCount(walPath))
        }
        // 100 pages a commit: some thirty make it long.
        #expect((1...2).contains(checkpointCount))
        let limit = Int(WriteAheadLog.pageCountMax) * 4_200
        #expect(sizes.allSatisfy { $0 < limit }, "\(sizes)")
        #expect(try byteCount(fixture.paths.database) > 4_000_000)
        _ = try log.finish()
        log.end()
    }

    @Test func nothingIsWrittenOverThatTheDatabaseMayHaveLost() throws {
        let log = WriteAheadLog(of: connection)
        try fill(log)
        // All of it is copied, and SQLite would begin it anew if nobody read it.
        let before = try byteCount(walPath)
        try connection.execute("INSERT INTO filler VALUES (100, NULL)")
        #expect(try byteCount(walPath) > before)
        // The last step: now it may.
        #expect(try log.tend() == .finished)
        let full = try byteCount(walPath)
        try connection.execute("INSERT INTO filler VALUES (101, NULL)")
        #expect(try byteCount(walPath) == full)
        _ = try log.finish()
        log.end()
    }

    @Test func behindAStepTheDatabaseIsWholeWithoutItsLog() throws {
        let log = WriteAheadLog(of: connection)
        try fill(log)
        let copy = fixture.directory + "/copy"
        #expect(try exitCode("/bin/cp", fixture.paths.database, copy) == 0)
        let alone = try SQLiteConnection(path: copy, access: .readWrite)
        #expect(try alone.singleText("PRAGMA integrity_check") == "ok")
        #expect(try alone.singleText("SELECT count(*) FROM filler") == "1")
        _ = try log.finish()
        log.end()
    }

    @Test func commitsWaitForTheDiskBehindAStep() throws {
        let log = WriteAheadLog(of: connection)
        try fill(log)
        #expect(try connection.singleText("PRAGMA synchronous") == "2")
        _ = try log.finish()
        log.end()
    }

    @Test func commitsThatWouldNoLongerWaitForTheDiskPoisonTheStore() throws {
        // SQLite does not change it within a transaction.
        let error = try #require(throws: SQLiteError.self) {
            try connection.withoutWaitingForTheDisk { () throws(SQLiteError) in try connection.execute("BEGIN") }
        }
        #expect(error.code == SQLITE_IOERR)
        try connection.execute("ROLLBACK")
    }

    @Test func aLogWhoseCopyIsNotSafeIsKeptAndTheErrorIsOneOfTheDisk() throws {
        // fsync(2) of /dev/null is EINVAL. All of the log is copied, so that SQLite itself would sync nothing.
        let log = WriteAheadLog(of: connection, writingBack: "/dev/null")
        try fill(log)
        let error = try #require(throws: SQLiteError.self) { _ = try log.finish() }
        #expect(error.code == 10)
        #expect(error.message.contains("fdatasync"))
        let size = try byteCount(walPath)
        try commit(100)
        #expect(try byteCount(walPath) > size)
        log.end()
    }

    @Test func aShortLogIsLeftAlone() throws {
        let log = WriteAheadLog(of: connection)
        _ = try log.finish()
        let before = try Data(contentsOf: URL(filePath: walPath))
        try connection.execute("INSERT INTO filler VALUES (1, NULL)")
        let database = try Data(contentsOf: URL(filePath: fixture.paths.database))
        #expect(try log.tend() == .nothing)
        #expect(try Data(contentsOf: URL(filePath: walPath)) != before)
        #expect(try Data(contentsOf: URL(filePath: fixture.paths.database)) == database)
    }

    private func byteCountOnceOpen(withAFillerOf pageCount: Int32) throws -> UInt64 {
        try commit(0, byteCount: WriteAheadLog.pageByteCount * Int(pageCount))
        // All of it is written once more, because what is deleted is overwritten.
        try connection.execute("DROP TABLE filler")
        #expect(try byteCount(walPath) > WriteAheadLog.pageByteCount * Int(pageCount))
        return try fixture.store().writeAheadLogByteCount
    }

    /// As a crash leaves it, or a migration: the first commit would wait for all of it.
    @Test func aLogThatIsTooLongIsMovedBeforeTheStoreIsOpen() throws {
        try connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        #expect(try byteCountOnceOpen(withAFillerOf: WriteAheadLog.pageCountMax) == 0)
        _ = try fixture.bootstrap()
        #expect(try fixture.single("PRAGMA integrity_check") == "ok")
    }

    @Test func oneThatIsShorterIsReadAsItIs() throws {
        #expect(try byteCountOnceOpen(withAFillerOf: 1_000) > 0)
    }

    /// The mark is brought to the disk at most once a second, but behind every step: of a log that is lost then, it names a
    /// commit that the database lacks.
    @Test func theMarkIsOnTheDiskBehindTheFirstCommitAfterAStep() throws {
        let fixture = try StoreFixture()
        let admin = try fixture.bootstrap()
        try fixture.run(
            "CREATE TABLE filler (bytes BLOB); INSERT INTO filler VALUES (randomblob(\(200 * 4_096)))")
        try fixture.create("t", as: admin.claim)
        let newest = try fixture.store().state.current.sequence
        let marked = try fixture.perform(
            Custom { transaction throws(ChangeFailure) in transaction.markedSequence })
        #expect(marked == newest)
    }
}
