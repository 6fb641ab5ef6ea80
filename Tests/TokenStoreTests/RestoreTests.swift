import Foundation
import LinuxIO
import Testing
import TokenCore

@testable import TokenStore

@Suite("Restoring a copy")
struct RestoreTests {
    private let fixture: StoreFixture
    private let admin: TestSecret
    private var copyPath: String { fixture.directory + "/copy" }
    private var pagePath: String { fixture.directory + "/tokend.sock.epochs" }

    /// A store with a copy that is two events older: since then a token was revoked, and another made.
    init() throws {
        fixture = try StoreFixture()
        admin = try fixture.bootstrap()
    }

    private func copy() throws {
        let copy = try fixture.store().makeCopy { true }
        let bytes = try copy.read(from: 0, byteCount: Int(copy.byteCount))
        try Data(bytes).write(to: URL(filePath: copyPath))
    }

    @discardableResult
    private func restore(
        into directory: String? = nil, accepting sequence: Int64? = nil,
        tokens: Rollback.Tokens = .kept,
        leaseNanoseconds: Int64 = 0, note: (String) -> Void = { _ in },
        after: (StoreRestoration.Step) -> Void = { _ in }
    ) throws -> RestoredStore {
        let descriptor = open(copyPath, O_RDONLY | O_CLOEXEC)
        defer { close(descriptor) }
        return try Store.restore(
            RestorePlan(
                copyDescriptor: descriptor, copyPath: copyPath, directory: directory ?? fixture.directory,
                epochPagePath: pagePath, actor: "uid:0",
                consent: sequence.map { RestorePlan.Consent(sequence: $0) },
                tokens: tokens, leaseNanoseconds: leaseNanoseconds), note: note, after: after)
    }

    private func failure(_ sequence: Int64? = nil, _ directory: String? = nil) throws -> StoreFailure {
        try #require(throws: StoreFailure.self) { try restore(into: directory, accepting: sequence) }
    }

    /// Opens the copy and writes to it.
    private func damage(_ sql: String) throws {
        #expect(try exitCode("/usr/bin/sqlite3", copyPath, sql) == 0)
    }

    private func whole(_ directory: String) throws -> (
        outcome: VerifyOutcome, newest: AuditEvent, check: ChainCheck
    ) {
        let store = try Store(directory: directory) { Issue.record("poisoned: \($0)") }
        defer { store.close() }
        let reader = try store.makeReader()
        var check = ChainCheck(mark: store.state.current)
        while !check.isFinished { try reader.advance(&check) }
        let facts = try #require(try reader.credential(admin.draft.digest)).facts
        let outcome = facts.judge(requestedWorkspace: nil, now: reader.now) { _ in true }
        let newest = try #require(
            try reader.events(.host, matching: EventFilter(), below: .max, pageSize: 1).elements.first)
        return (outcome, newest.event, check)
    }

    // MARK: - What becomes of a copy

    @Test func aCopyBecomesAStoreInAnEmptyPlace() throws {
        try copy()
        let directory = fixture.directory + "/new"
        defer { try? FileManager.default.removeItem(atPath: directory) }
        let restored = try restore(into: directory)
        #expect(restored.copySequence == 4 && restored.sequence == 5 && restored.rollback == nil)
        let (outcome, newest, check) = try whole(directory)
        #expect(outcome == .valid)
        #expect(newest.action == "store.restored" && newest.actor == "uid:0" && newest.peerUID == nil)
        #expect(check.finding == nil && check.checked.sequence == 5 && check.recoveryCount == 0)
        let names = try FileManager.default.contentsOfDirectory(atPath: directory).sorted()
        #expect(names == ["tokend.db", "tokend.lock", "tokend.reserve"])
        #expect(
            try FileManager.default.attributesOfItem(atPath: directory + "/tokend.db")[.posixPermissions]
                as? Int == 0o600)
    }

    @Test func aCopyThatLacksNothingReplacesTheStoreWhichIsKept() throws {
        try copy()
        fixture.close()
        let restored = try restore()
        #expect(restored.rollback == nil && restored.sequence == 5)
        let kept = try #require(restored.replacedDatabase)
        #expect(try output("/usr/bin/sqlite3", kept, "SELECT max(sequence) FROM event") == "4\n")
        #expect(try whole(fixture.directory).newest.action == "store.restored")
        // Once more: what was there is ahead of the copy by the event of the restoration.
        guard case .copyIsOlder(_, 4, 5) = try failure() else { return #expect(Bool(false)) }
    }

    @Test func whatWasRevokedSinceIsNotBroughtBackInSilence() throws {
        let made = try fixture.create("ci", as: admin.claim)
        try copy()
        _ = try fixture.perform(RevokeToken(tokenID: made.id), as: admin.claim)
        fixture.close()
        let failure = try failure()
        guard case .copyIsOlder(_, 5, 6) = failure else { return #expect(Bool(false), "\(failure)") }
        #expect(failure.exitCode == 78)
        #expect(failure.description.contains("--accept-rollback 5"))
        guard case .endsElsewhere = try self.failure(6) else { return #expect(Bool(false)) }
        // A refusal leaves nothing behind, and the store as it was.
        #expect(try whole(fixture.directory).newest.action == "token.revoked")
        let names = try FileManager.default.contentsOfDirectory(atPath: fixture.directory).sorted()
        #expect(names == ["copy", "tokend.db", "tokend.lock", "tokend.reserve"])

        let restored = try restore(accepting: 5)
        #expect(restored.rollback?.mark.sequence == 6 && restored.sequence == 8)
        let (_, newest, check) = try whole(fixture.directory)
        #expect(newest.action == "store.restored")
        #expect(check.finding == nil && check.recoveryCount == 1 && check.checked.sequence == 8)
        #expect(try fixture.outcome(made.secret) == .valid)
        let recovered = try #require(
            try fixture.events().first { $0.event.action == "store.recovered" })
        #expect(recovered.event.sequence == 7)
        #expect(Rollback(acceptedBy: recovered.event) == restored.rollback)
        #expect(recovered.event.metadata.contains(.init("tokens", "kept")))
    }

    @Test func everyTokenOfTheCopyCanBeRevoked() throws {
        try fixture.create("ci", as: admin.claim)
        try copy()
        try fixture.create("later", as: admin.claim)
        fixture.close()
        let restored = try restore(accepting: 5, tokens: .revoked)
        #expect(restored.endedTokenCount == 2)
        let (outcome, newest, check) = try whole(fixture.directory)
        #expect(outcome == .revoked && check.finding == nil)
        #expect(newest.metadata.contains(.init("ended_token_count", "2")))
        #expect(try fixture.single("SELECT sum(live_token_count) FROM principal") == "0")
    }

    @Test func theMarkIsComparedWithThoughTheDatabaseIsLost() throws {
        try copy()
        try fixture.create("later", as: admin.claim)
        fixture.close()
        for file in ["tokend.db", "tokend.db-wal"] { unlink(fixture.directory + "/" + file) }
        guard case .copyIsOlder(_, 4, 5) = try failure() else { return #expect(Bool(false)) }
        #expect(try restore(accepting: 4).replacedDatabase == nil)
        #expect(try whole(fixture.directory).check.recoveryCount == 1)
    }

    @Test func aDatabaseThatIsBrokenIsKeptWithItsLog() throws {
        try copy()
        fixture.close()
        try Data("garbage".utf8).write(to: URL(filePath: fixture.paths.database))
        try Data("a log".utf8).write(to: URL(filePath: fixture.paths.database + "-wal"))
        chmod(fixture.paths.database, 0o600)
        chmod(fixture.paths.database + "-wal", 0o600)
        let kept = try #require(try restore().replacedDatabase)
        #expect(try String(contentsOfFile: kept, encoding: .utf8) == "garbage")
        #expect(try String(contentsOfFile: kept + "-wal", encoding: .utf8) == "a log")
        #expect(try whole(fixture.directory).newest.action == "store.restored")
    }

    @Test func whatAKilledDaemonLeftOfACopyIsRemovedAtTheNextStart() throws {
        fixture.close()
        let leftovers = ["tokend.copy", "tokend.copy-journal", "tokend.incoming", "tokend.incoming-wal"]
        for name in leftovers { try Data("half".utf8).write(to: URL(filePath: fixture.directory + "/" + name)) }
        _ = try fixture.store()
        for name in leftovers { #expect(access(fixture.directory + "/" + name, F_OK) != 0) }
    }

    /// As on a host where a package has made one.
    @Test func aStoreThatNobodyHasUsedGivesWayToACopyOfAnotherOne() throws {
        try copy()
        let directory = fixture.directory + "/unused"
        defer { try? FileManager.default.removeItem(atPath: directory) }
        try Store.create(directory: directory)
        let restored = try restore(into: directory)
        #expect(restored.rollback == nil && restored.sequence == 5)
        #expect(try #require(restored.replacedDatabase).hasPrefix(directory + "/tokend.db.replaced-"))
        #expect(try whole(directory).newest.action == "store.restored")
    }

    // MARK: - What is refused

    @Test func aCopyOfAnotherStoreDoesNotReplaceOneThatIsUsed() throws {
        try copy()
        let other = try StoreFixture()
        _ = try other.bootstrap()
        other.close()
        guard case .unfit(_, let problem) = try failure(nil, other.directory) else {
            return #expect(Bool(false))
        }
        #expect(problem.contains("is a copy of the store"))
        _ = try other.store()
    }

    @Test func aStoreThatIsServedIsLeftAlone() throws {
        try copy()
        _ = try fixture.store()
        #expect(try failure().exitCode == 75)
        #expect(try fixture.outcome(admin) == .valid)
    }

    @Test(
        .enabled(if: access("/usr/bin/sqlite3", X_OK) == 0),
        arguments: [
            "UPDATE event SET actor = 'eve' WHERE sequence = 2", "DELETE FROM event WHERE sequence = 2",
            "UPDATE token SET principal = 99", "PRAGMA application_id = 1", "PRAGMA user_version = 99",
            "DROP INDEX token_live_name; DELETE FROM event", "DROP INDEX token_live_name",
            "CREATE TRIGGER undo AFTER UPDATE ON token BEGIN DELETE FROM secret; END",
        ])
    func aCopyThatWasChangedIsRefusedAndAnEmptyPlaceStaysEmpty(sql: String) throws {
        try copy()
        try damage(sql)
        let directory = fixture.directory + "/new"
        defer { try? FileManager.default.removeItem(atPath: directory) }
        #expect(try failure(nil, directory).exitCode == 78)
        #expect(try FileManager.default.contentsOfDirectory(atPath: directory) == [])
    }

    @Test func aCopyThatWasCutShortIsRefused() throws {
        try copy()
        let whole = try Data(contentsOf: URL(filePath: copyPath))
        for byteCount in [0, 10, 4096, whole.count / 2, whole.count - 4096] {
            try whole.prefix(byteCount).write(to: URL(filePath: copyPath))
            let directory = fixture.directory + "/new"
            defer { try? FileManager.default.removeItem(atPath: directory) }
            _ = try failure(nil, directory)
        }
    }

    // MARK: - Epochs

    @Test func everyEpochOfTheDaemonsPageMovesAndThePageStays() throws {
        try copy()
        fixture.close()
        let served = try Store(directory: fixture.directory, epochPagePath: pagePath) { _ in }
        let (id, before) = (served.epochs.pageID, served.epochs.memory.epoch(7))
        try copy(of: served)
        served.close()
        var notes: [String] = []
        try restore(leaseNanoseconds: 60_000_000_000, note: { notes.append($0) })
        #expect(notes == [])
        #expect(served.epochs.memory.epoch(7) >= before + 2)
        #expect(served.epochs.memory.epoch(7) % 2 == 0)
        let next = try Store(directory: fixture.directory, epochPagePath: pagePath) { _ in }
        #expect(next.epochs.pageID == id && !next.epochs.isReplacement)
        next.close()
    }

    private func copy(of store: Store) throws {
        let copy = try store.makeCopy { true }
        try Data(copy.read(from: 0, byteCount: Int(copy.byteCount))).write(to: URL(filePath: copyPath))
    }

    @Test func whereThePageIsLostNothingIsReplacedBeforeItsLeaseIsOver() throws {
        fixture.close()
        let served = try Store(directory: fixture.directory, epochPagePath: pagePath) { _ in }
        try copy(of: served)
        served.close()
        unlink(pagePath)
        var notes: [String] = []
        var isReplacedInTime = true
        let start = SystemClock.boottimeNanoseconds()
        // More than it takes to copy and check what is restored, on a slow disk too.
        try restore(leaseNanoseconds: 400_000_000, note: { notes.append($0) }) { step in
            if step == .replaced {
                isReplacedInTime = SystemClock.boottimeNanoseconds() - start >= 400_000_000
            }
        }
        #expect(isReplacedInTime)
        #expect(notes.count == 1 && notes.first?.contains("epoch page") == true)
        // No client can know an older page by now, so that the daemon does not wait again.
        let next = try Store(directory: fixture.directory, epochPagePath: pagePath) { _ in }
        #expect(!next.epochs.isReplacement)
        next.close()
    }

    // MARK: - Cut short

    /// What is in a directory after each step, as another process finds it when this one is killed there.
    private func snapshots(
        of directory: String, _ restore: ((StoreRestoration.Step) -> Void) throws -> Void
    ) throws
        -> [(step: StoreRestoration.Step, directory: String)]
    {
        var snapshots: [(step: StoreRestoration.Step, directory: String)] = []
        try restore { step in
            let snapshot = "\(fixture.directory)-\(step)"
            _ = try? exitCode("/bin/cp", "-a", directory, snapshot)
            snapshots.append((step, snapshot))
        }
        #expect(snapshots.map(\.step) == StoreRestoration.Step.allCases)
        return snapshots
    }

    private func isReplaced(_ step: StoreRestoration.Step) -> Bool {
        step == .replaced || step == .markWritten
    }

    @Test(arguments: [false, true])
    func whoIsKilledLeavesTheOldStoreOrTheNewOneWhole(isRollback: Bool) throws {
        let made = try fixture.create("ci", as: admin.claim)
        try copy()
        if isRollback { _ = try fixture.perform(RevokeToken(tokenID: made.id), as: admin.claim) }
        fixture.close()
        let snapshots = try snapshots(of: fixture.directory) { after in
            try restore(accepting: isRollback ? 5 : nil, after: after)
        }
        for (step, directory) in snapshots {
            defer { try? FileManager.default.removeItem(atPath: directory) }
            let (_, newest, check) = try whole(directory)
            let old = isRollback ? "token.revoked" : "token.created"
            #expect(newest.action == (isReplaced(step) ? "store.restored" : old), "\(step)")
            #expect(
                check.finding == nil && check.recoveryCount == (isReplaced(step) && isRollback ? 1 : 0),
                "\(step)")
            // Opening it has removed what was left.
            #expect(access(directory + "/tokend.incoming", F_OK) != 0)
        }
    }

    @Test func whoIsKilledInAnEmptyPlaceLeavesNoStoreOrTheNewOneWhole() throws {
        try copy()
        fixture.close()
        let directory = fixture.directory + "/new"
        let snapshots = try snapshots(of: directory) { after in
            try restore(into: directory, after: after)
        }
        for (step, snapshot) in snapshots {
            defer { try? FileManager.default.removeItem(atPath: snapshot) }
            if isReplaced(step) {
                #expect(try whole(snapshot).newest.action == "store.restored", "\(step)")
            } else {
                #expect(throws: StoreFailure.self, "\(step)") { try whole(snapshot) }
                #expect(try restore(into: snapshot).sequence == 5, "\(step)")
                #expect(try whole(snapshot).newest.action == "store.restored", "\(step)")
            }
        }
    }

    /// The restoration dies before it writes the mark, and the daemon that serves the store before it writes its first.
    @Test func whoIsKilledBetweenTheFirstCommitAndItsMarkLeavesAStore() throws {
        try copy()
        fixture.close()
        let directory = fixture.directory + "/new"
        for (step, snapshot) in try snapshots(of: directory, { try restore(into: directory, after: $0) }) {
            defer { try? FileManager.default.removeItem(atPath: snapshot) }
            if step != .replaced { continue }
            let lock = StorePaths(directory: snapshot).lock
            let store = try Store(directory: snapshot) { Issue.record("poisoned: \($0)") }
            #expect(try exitCode("/bin/cp", lock, lock + ".before") == 0)
            let outcome = OutcomeBox<TokenRecord>()
            let change = Bootstrap(
                workspaceID: "ws_b", userID: "bob", tokenName: "t", secret: TestSecret().draft)
            let origin = Origin(
                claim: .host, peerUserID: 0, peerProcessID: 1, traceID: "", deadlineNanoseconds: nil)
            store.submit(change, origin: origin) { outcome.set($0) }
            _ = try outcome.wait().get()
            store.close()
            #expect(rename(lock + ".before", lock) == 0)
            #expect(try whole(snapshot).newest.action == "token.created")
        }
    }

    @Test func whoIsKilledOverAStoreThatNobodyHasUsedIsOnlyToBeginAgain() throws {
        try copy()
        fixture.close()
        let directory = fixture.directory + "/unused"
        try Store.create(directory: directory)
        let snapshots = try snapshots(of: directory) { after in
            try restore(into: directory, after: after)
        }
        for (step, snapshot) in snapshots {
            defer { try? FileManager.default.removeItem(atPath: snapshot) }
            if !isReplaced(step) { #expect(try restore(into: snapshot).sequence == 5, "\(step)") }
            #expect(try whole(snapshot).newest.action == "store.restored", "\(step)")
        }
    }
}
