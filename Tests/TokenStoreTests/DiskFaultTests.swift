import Foundation
import Glibc
import LinuxIO
import Testing
import TokenCore

@testable import TokenStore

@Suite("Disks that are full or fail")
struct DiskFaultTests {
    let fixture: StoreFixture
    let admin: TestSecret

    init() throws {
        fixture = try StoreFixture()
        admin = try fixture.bootstrap()
    }

    /// Gives the writer's descriptor of one of the store's files to something else, so that its system calls fail.
    private func replaceDescriptor(of path: String, by replacement: String, _ flags: Int32) throws {
        let path = try #require(realpath(path, nil).map { String(cString: $0) })
        try fixture.perform(
            Custom { _ in
                for name in (try? FileManager.default.contentsOfDirectory(atPath: "/proc/self/fd")) ?? [] {
                    var target = [UInt8](repeating: 0, count: 4096)
                    let count = readlink("/proc/self/fd/\(name)", &target, target.count)
                    guard count > 0, let raw = Int32(name),
                        String(decoding: target.prefix(count), as: UTF8.self) == path
                    else { continue }
                    let other = open(replacement, flags | O_CLOEXEC)
                    dup2(other, raw)
                    _ = fcntl(raw, F_SETFD, FD_CLOEXEC)
                    close(other)
                }
            })
    }

    private func expectPoisoned() throws {
        for number in 0..<3 {
            try fixture.expectRefusal(.storeUnavailable) { try fixture.create("later\(number)", as: admin.claim) }
        }
        #expect(fixture.poisonings.all.count == 1)
    }

    private func createOnceTheReserveIsBack() throws {
        usleep(250_000)
        try fixture.create("again", as: admin.claim)
    }

    @Test func aFullDatabaseFailsWhatDoesNotFitLeavesNothingHalfDoneAndWorksAgainWithRoom() throws {
        let pageCount = try #require(try fixture.single("PRAGMA page_count"))
        try fixture.run("PRAGMA max_page_count = \(pageCount)")
        var made: [MadeToken] = []
        var refusals: [Refusal] = []
        for number in 0..<200 {
            do {
                made.append(try fixture.create("t\(number)", as: admin.claim))
            } catch let refusal as Refusal {
                refusals.append(refusal)
            }
        }
        #expect(!refusals.isEmpty)
        #expect(refusals.allSatisfy { $0.reason == .storeUnavailable })
        // Whoever runs the daemon hears why.
        #expect(fixture.hindrances.all.count >= refusals.count)
        #expect(fixture.hindrances.all.allSatisfy { $0.contains("disk is full") && $0.contains("make room in") })
        #expect(try fixture.count("token") == 1 + made.count)
        #expect(try fixture.count("secret") == 1 + made.count)
        #expect(try fixture.events().count == 4 + made.count)
        try fixture.expectWholeChain()
        #expect(fixture.poisonings.all.isEmpty)
        #expect(try fixture.single("PRAGMA integrity_check") == "ok")
        for token in made { #expect(try fixture.outcome(token.secret) == .valid) }
        try fixture.run("PRAGMA max_page_count = 1000000")
        try createOnceTheReserveIsBack()
        fixture.close()
        try fixture.expectWholeChain()
    }

    @Test func aWholeBatchThatDoesNotFitIsRefusedAsAWhole() throws {
        let pageCount = try #require(try fixture.single("PRAGMA page_count"))
        try fixture.run("PRAGMA max_page_count = \(pageCount)")
        var boxes: [OutcomeBox<TokenRecord>] = []
        try fixture.inOneBatch {
            for number in 0..<200 {
                boxes.append(try fixture.submit(try fixture.creation("t\(number)"), as: admin.claim))
            }
        }
        let successes = try boxes.filter { if case .success = try $0.wait() { true } else { false } }
        #expect(successes.count < 200)
        #expect(boxes.allSatisfy { $0.answerCount == 1 })
        #expect(try fixture.count("token") == 1 + successes.count)
        try fixture.run("PRAGMA max_page_count = 1000000")
        try createOnceTheReserveIsBack()
        try fixture.expectWholeChain()
    }

    @Test func aFailedWriteOfTheWALPoisonsOnceAndNothingIsAnsweredAnyMore() throws {
        // write(2) to a descriptor that is open for reading only is EBADF.
        try replaceDescriptor(of: fixture.paths.database + "-wal", by: fixture.paths.database + "-wal", O_RDONLY)
        try fixture.expectRefusal(.storeUnavailable) { try fixture.create("ci", as: admin.claim) }
        try expectPoisoned()
        fixture.close()
        try fixture.expectWholeChain()
        try fixture.create("ci", as: admin.claim)
    }

    @Test func aFailedWriteOfTheMarkPoisonsAndDoesNotClaimThatNothingWasChanged() throws {
        try replaceDescriptor(of: fixture.paths.lock, by: fixture.paths.lock, O_RDONLY)
        let secret = TestSecret()
        let operation = try fixture.creation("ci", secret: secret)
        let refusal = try #require(throws: Refusal.self) { try fixture.perform(operation, as: admin.claim) }
        #expect(refusal.reason == .storeUnavailable)
        // It is committed, and was not acknowledged.
        #expect(!refusal.message.contains("nothing was changed"))
        try expectPoisoned()
        fixture.close()
        #expect(try fixture.outcome(secret) == .valid)
        try fixture.expectWholeChain()
    }

    @Test func aFailedFsyncOfTheWALPoisonsAndIsNotTriedAgain() throws {
        // /dev/null takes every write and refuses fsync(2) with EINVAL.
        try replaceDescriptor(of: fixture.paths.database + "-wal", by: "/dev/null", O_RDWR)
        let refusal = try #require(throws: Refusal.self) { try fixture.create("ci", as: admin.claim) }
        #expect(!refusal.message.contains("nothing was changed"))
        try expectPoisoned()
        fixture.close()
        #expect(try fixture.count("token") == 1)
        try fixture.expectWholeChain()
    }

    @Test func aFailedFsyncOfTheMarkPoisons() throws {
        // The first mark after a start is synchronized.
        fixture.close()
        try replaceDescriptor(of: fixture.paths.lock, by: "/dev/null", O_RDWR)
        try fixture.expectRefusal(.storeUnavailable) { try fixture.create("ci", as: admin.claim) }
        try expectPoisoned()
        fixture.close()
        try fixture.expectWholeChain()
    }

    @Test func theFirstMarkAfterACheckpointReachesTheDisk() throws {
        fixture.close()
        try fixture.create("synchronized", as: admin.claim)
        try replaceDescriptor(of: fixture.paths.lock, by: "/dev/null", O_RDWR)
        try fixture.create("not synchronized", as: admin.claim)
        // Long enough for a checkpoint, without an event and so without a mark; the next change ends it.
        try fixture.run("CREATE TABLE filler (bytes BLOB); INSERT INTO filler VALUES (zeroblob(15000000))")
        usleep(300_000)
        try fixture.run("INSERT INTO filler VALUES (NULL)")
        try fixture.expectRefusal(.storeUnavailable) { try fixture.create("ci", as: admin.claim) }
        #expect(fixture.poisonings.all.first?.contains("fdatasync") == true)
    }

    @Test func aBatchThatFailsIsRefusedToEverybodyInIt() throws {
        var boxes: [OutcomeBox<TokenRecord>] = []
        try replaceDescriptor(of: fixture.paths.database + "-wal", by: fixture.paths.database + "-wal", O_RDONLY)
        try fixture.inOneBatch {
            for number in 0..<10 {
                boxes.append(try fixture.submit(try fixture.creation("t\(number)"), as: admin.claim))
            }
        }
        for box in boxes { try fixture.expectRefusal(.storeUnavailable) { _ = try box.wait().get() } }
        #expect(fixture.poisonings.all.count == 1)
        fixture.close()
        #expect(try fixture.count("token") == 1)
    }

    @Test func whatFailedOneChangeIsToldUntilAnotherHasWritten() throws {
        var failing: OutcomeBox<Void>?
        try fixture.inOneBatch {
            failing = try fixture.submit(
                Custom { transaction throws(ChangeFailure) in
                    try transaction.execute("INSERT INTO nowhere VALUES (1)")
                })
            _ = try fixture.submit(fixture.creation("beside"), as: admin.claim)
        }
        try fixture.expectRefusal(.storeUnavailable) { _ = try failing?.wait().get() }
        guard case .other(let text) = try fixture.store().state.hindrance?.cause else {
            Issue.record("nothing hinders")
            return
        }
        #expect(text.contains("nowhere"))
        // As a sign of life does: it proves nothing.
        try fixture.perform(Custom { _ in })
        #expect(try fixture.store().state.hindrance != nil)
        try fixture.create("next", as: admin.claim)
        #expect(try fixture.store().state.hindrance == nil)
    }

    @Test func whatContradictsTheStoreIsNoFaultOfTheDisk() throws {
        let twice = Custom { transaction throws(ChangeFailure) in
            try transaction.execute("INSERT INTO workspace (number, id, created_at) VALUES (7, 'ws_seven', 0)")
            try transaction.execute("INSERT INTO workspace (number, id, created_at) VALUES (7, 'ws_eight', 0)")
        }
        try fixture.expectRefusal(.internalError) { try fixture.perform(twice) }
        #expect(fixture.hindrances.all.isEmpty)
    }

    @Test func aCorruptPagePoisons() throws {
        let change = Custom<Void> { _ throws(ChangeFailure) in
            throw .sqlite(SQLiteError(extendedCode: 11, message: "database disk image is malformed", statement: ""))
        }
        try fixture.expectRefusal(.storeUnavailable) { try fixture.perform(change) }
        try expectPoisoned()
    }
}
