import Glibc
import TestSupport
import Testing
import TokenCore

@testable import TokenStore

/// The log of a daemon that has run for a while has room of its own, so that commits go on which the database has no room for.
@Suite("A full disk with a long log", .enabled(if: SmallDisk.isPossible, "this process may not mount a small disk"))
struct FullDiskLogTests {
    let disk: SmallDisk
    let fixture: StoreFixture
    let admin: TestSecret

    init() throws {
        disk = try SmallDisk(byteCount: 12 << 20)
        fixture = try StoreFixture(in: disk.path)
        admin = try fixture.bootstrap()
    }

    /// Changes of this many bytes each until one is refused; how many were not.
    private func changeUntilRefused(byteCount: Int) throws -> Int {
        for number in 0..<1_000 {
            let outcome = try fixture.submit(Growth(byteCount: byteCount)).wait()
            guard case .failure(let refusal) = outcome else { continue }
            #expect(refusal.reason == .storeUnavailable)
            #expect(refusal.message.contains("disk is full"), "\(refusal.message)")
            return number
        }
        Issue.record("nothing was refused")
        return 1_000
    }

    private func growOnceThereIsRoom() throws {
        for _ in 0..<100 {
            if case .success = try fixture.submit(Growth(byteCount: 10_000)).wait() { return }
            usleep(20_000)
        }
        Issue.record("it does not go on")
    }

    @Test(arguments: [1_000, 30_000, 2_000_000])
    func isTakenForFullBeforeTheDatabaseIsOwedMoreThanTheReservePays(byteCount: Int) throws {
        try fixture.run("CREATE TABLE filler (bytes BLOB)")
        let tokens = try fixture.createInOneBatch(300, as: admin.claim)
        try #require(exitCode("/usr/bin/fallocate", "-n", "-l", "6MiB", fixture.paths.database + "-wal") == 0)
        try disk.fill()
        let count = try changeUntilRefused(byteCount: byteCount)
        #expect(count * byteCount < 1_000_000)
        #expect(try fixture.store().state.hindrance?.cause == .fullDisk)
        for token in tokens { try fixture.perform(RevokeToken(tokenID: token.id), as: admin.claim) }
        for token in tokens { #expect(try fixture.outcome(token.secret) == .revoked) }
        #expect(fixture.poisonings.all.isEmpty)
        disk.makeRoom()
        try growOnceThereIsRoom()
        #expect(try fixture.store().state.hindrance == nil)
        try fixture.expectWholeChain()
    }
}

/// A change that is no revocation.
private struct Growth: TokenStore.Operation {
    let byteCount: Int

    func perform(in transaction: WriteTransaction) throws(ChangeFailure) {
        try transaction.execute("INSERT INTO filler VALUES (randomblob(\(byteCount)))")
    }
}
