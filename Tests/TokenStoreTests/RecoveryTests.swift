import Foundation
import LinuxIO
import Testing
import TokenCore

@testable import TokenStore

@Suite("Recovering a store")
struct RecoveryTests {
    private let fixture: StoreFixture
    private let admin: TestSecret

    init() throws {
        fixture = try StoreFixture()
        admin = try fixture.bootstrap()
    }

    /// Opens the store as a command of the host does, and asks it for one thing.
    private func recover<Work: TokenStore.Operation>(
        _ work: OfflineWork, pagePath: String? = nil,
        clock: @escaping @Sendable () -> Instant = Store.systemClock,
        _ operation: (Store) throws -> Work
    ) throws -> Work.Output {
        fixture.close()
        let store = try Store(
            directory: fixture.directory, clock: clock, epochPagePath: pagePath,
            leaseNanoseconds: 50_000_000,
            offline: work, whenPoisoned: { Issue.record("poisoned: \($0)") })
        defer { store.close() }
        let outcome = OutcomeBox<Work.Output>()
        let origin = Origin(
            claim: .host, peerUserID: 0, peerProcessID: 0, traceID: "t", deadlineNanoseconds: nil)
        store.submit(try operation(store), origin: origin) { outcome.set($0) }
        return try outcome.wait().get()
    }

    // MARK: - The last administrator's token

    private func recoverAdmin(_ user: String = "ann", _ workspace: String = "ws_acme") throws -> (
        outcome: RecoverAdmin.Outcome, secret: TestSecret
    ) {
        let secret = TestSecret()
        let outcome = try recover(OfflineWork()) { _ in
            RecoverAdmin(workspaceID: workspace, userID: user, secret: secret.draft, actor: "uid:0")
        }
        return (outcome, secret)
    }

    @Test func anAdministratorGetsANewTokenInPlaceOfAll() throws {
        let other = try fixture.create("ci", as: admin.claim)
        var recovered: (outcome: RecoverAdmin.Outcome, secret: TestSecret)?
        let left = try fixture.eventsLeft { recovered = try recoverAdmin() }
        let (outcome, secret) = try #require(recovered)
        #expect(outcome.endedTokenCount == 2 && !outcome.isNewAdmin)
        #expect(
            left.map { $0.split(separator: " ")[0] } == [
                "token.revoked", "token.revoked", "token.created",
            ])
        #expect(try fixture.outcome(admin) == .revoked)
        #expect(try fixture.outcome(other.secret) == .revoked)
        #expect(try fixture.outcome(secret, requiring: "workspace:admin") == .valid)
        let newest = try #require(try fixture.events().last?.event)
        #expect(newest.actor == "uid:0" && newest.peerUID == nil && newest.workspaceID == "ws_acme")
        #expect(newest.metadata.contains(.init("recovery", "admin")))
        try fixture.expectWholeChain()
    }

    @Test func anotherUserBecomesAdministratorOnlyWhereNoneIsLeft() throws {
        _ = try fixture.addMember("bob", role: "viewer")
        let refusal = try #require(throws: Refusal.self) { try recoverAdmin("bob") }
        #expect(refusal.message.contains("ann"))
        #expect(throws: Refusal.self) { try recoverAdmin("bob", "ws_none") }
        try fixture.run("UPDATE principal SET is_paused = 1 WHERE id = 'ann'")
        var recovered: (outcome: RecoverAdmin.Outcome, secret: TestSecret)?
        let left = try fixture.eventsLeft { recovered = try recoverAdmin("bob") }
        let (outcome, secret) = try #require(recovered)
        #expect(outcome.isNewAdmin)
        #expect(left.map { $0.split(separator: " ")[0] } == ["member.role_changed", "token.created"])
        #expect(try fixture.outcome(secret, requiring: "members:admin") == .valid)
        // Who rests is awakened, and who is not there joins.
        try fixture.run("UPDATE principal SET is_paused = 1")
        #expect(try recoverAdmin("ann").outcome.isNewAdmin)
        try fixture.run("UPDATE principal SET is_paused = 1")
        #expect(try fixture.eventsLeft { _ = try recoverAdmin("zoe") }.first == "member.added zoe")
    }

    // MARK: - A rollback

    /// Leaves the store as it was before its last change, with the mark of after.
    private func rollBack() throws -> MadeToken {
        let made = try fixture.create("ci", as: admin.claim)
        fixture.close()
        let older = fixture.directory + "/older"
        try FileManager.default.copyItem(atPath: fixture.paths.database, toPath: older)
        _ = try fixture.perform(RevokeToken(tokenID: made.id), as: admin.claim)
        fixture.close()
        unlink(fixture.paths.database)
        try FileManager.default.moveItem(atPath: older, toPath: fixture.paths.database)
        return made
    }

    private func accept(_ sequence: Int64, _ tokens: Rollback.Tokens) throws -> Int64 {
        try recover(OfflineWork(acceptedSequence: sequence)) { store in
            AcceptRollback(try #require(store.acceptedRollback), tokens: tokens, actor: "uid:0")
        }
    }

    @Test func aRollbackIsAcceptedOnceAndByItsNumber() throws {
        let made = try rollBack()
        guard
            case .endsElsewhere(_, 5, 6) = try #require(
                throws: StoreFailure.self, performing: { try accept(6, .kept) })
        else { return #expect(Bool(false)) }
        #expect(try accept(5, .kept) == 0)
        #expect(try fixture.outcome(made.secret) == .valid)
        let recovered = try #require(try fixture.events().last?.event)
        #expect(recovered.action == "store.recovered" && recovered.sequence == 7)
        #expect(Rollback(acceptedBy: recovered)?.mark.sequence == 6)
        var check = ChainCheck(mark: try fixture.store().state.current)
        let reader = try fixture.store().makeReader()
        while !check.isFinished { try reader.advance(&check) }
        #expect(check.finding == nil && check.recoveryCount == 1)
        guard
            case .notRolledBack = try #require(
                throws: StoreFailure.self, performing: { try accept(7, .kept) })
        else { return #expect(Bool(false)) }
    }

    @Test func everyTokenCanBeRevokedWithIt() throws {
        let made = try rollBack()
        #expect(try accept(5, .revoked) == 2)
        #expect(try fixture.outcome(made.secret) == .revoked)
        #expect(try fixture.outcome(admin) == .revoked)
    }

    @Test func whoDiesBeforeTheMarkIsWrittenHasAcceptedItAllTheSame() throws {
        _ = try rollBack()
        let lock = fixture.directory + "/lock"
        try FileManager.default.copyItem(atPath: fixture.paths.lock, toPath: lock)
        _ = try accept(5, .kept)
        fixture.close()
        unlink(fixture.paths.lock)
        try FileManager.default.moveItem(atPath: lock, toPath: fixture.paths.lock)
        #expect(try fixture.events().last?.event.action == "store.recovered")
        // The mark is good for what follows: an older copy is found again.
        _ = try fixture.create("later", as: admin.claim)
        fixture.close()
        guard
            case .notRolledBack = try #require(
                throws: StoreFailure.self, performing: { try accept(8, .kept) })
        else { return #expect(Bool(false)) }
    }

    // MARK: - Epochs

    @Test func anEpochPageThatIsThereIsMovedAndOneThatIsLostIsWaitedFor() throws {
        let pagePath = fixture.directory + "/tokend.sock.epochs"
        fixture.close()
        let served = try Store(directory: fixture.directory, epochPagePath: pagePath) { _ in }
        let id = served.epochs.pageID
        served.close()
        let shard = admin.draft.digest.shard(of: EpochLayout.shardCount)
        let before = served.epochs.memory.epoch(shard)
        func revoke() throws {
            try recover(OfflineWork(), pagePath: pagePath) { _ in
                Custom { transaction throws(ChangeFailure) in transaction.touchAll() }
            }
        }
        try revoke()
        #expect(served.epochs.memory.epoch(shard) > before)
        #expect(served.epochs.memory.epoch(shard) % 2 == 0)
        unlink(pagePath)
        let start = SystemClock.boottimeNanoseconds()
        try revoke()
        #expect(SystemClock.boottimeNanoseconds() - start >= 50_000_000)
        #expect(access(pagePath, F_OK) != 0)
        let next = try Store(directory: fixture.directory, epochPagePath: pagePath) { _ in }
        // The daemon still knows that clients may have the lost one.
        #expect(next.epochs.isReplacement && next.epochs.pageID != id)
        next.close()
        unlink(pagePath)
    }

    // MARK: - The clock

    @Test func aMarkThatIsAheadIsLetGo() throws {
        func reset() throws -> Instant? {
            try recover(OfflineWork(resetsClock: true)) { _ in ResetClock(actor: "uid:0") }
        }
        #expect(try reset() == nil)
        let ahead = Instant(microseconds: 4_000_000_000_000_000)
        try SQLiteConnection(path: fixture.paths.database, access: .readWrite)
            .execute("UPDATE store SET clock_mark = \(ahead.microseconds)")
        #expect(try fixture.store().clock.now >= ahead)
        var previous: Instant?
        let left = try fixture.eventsLeft { previous = try reset() }
        #expect(previous == ahead)
        #expect(left.map { $0.split(separator: " ")[0] } == ["clock.reset"])
        #expect(try fixture.store().clock.now < ahead)
        #expect(try reset() == nil)
    }
}
