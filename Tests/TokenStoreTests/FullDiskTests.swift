import Glibc
import LinuxIO
import TestSupport
import Testing
import TokenCore

@testable import TokenStore

@Suite("A full disk", .enabled(if: SmallDisk.isPossible, "this process may not mount a small disk"))
struct FullDiskTests {
    let disk: SmallDisk
    let fixture: StoreFixture
    let admin: TestSecret

    init() throws {
        disk = try SmallDisk(byteCount: 4 << 20)
        fixture = try StoreFixture(in: disk.path)
        admin = try fixture.bootstrap()
    }

    private func createUntilTheDiskIsFull() throws {
        let refusal = try #require(throws: Refusal.self) {
            for number in 0..<10_000 { try fixture.create("more\(number)", as: admin.claim) }
        }
        #expect(refusal.reason == .storeUnavailable)
        #expect(refusal.message.contains("disk is full"), "\(refusal.message)")
        #expect(refusal.message.contains("nothing was changed"))
    }

    private func createOnceThereIsRoom() throws {
        for attempt in 0..<100 {
            if (try? fixture.create("again\(attempt)", as: admin.claim)) != nil { return }
            usleep(20_000)
        }
        try fixture.create("at last", as: admin.claim)
    }

    @Test func refusesCreatesClearlyLetsEveryTokenBeRevokedAndGoesOnByItselfWithRoom() throws {
        let tokens = try fixture.createInOneBatch(300, as: admin.claim)
        try disk.fill()
        try createUntilTheDiskIsFull()
        for token in tokens {
            try fixture.perform(RevokeToken(tokenID: token.id), as: admin.claim)
            #expect(try fixture.outcome(token.secret) == .revoked)
        }
        try fixture.expectRefusal(.storeUnavailable, naming: "disk is full") {
            try fixture.create("still", as: admin.claim)
        }
        #expect(fixture.poisonings.all.isEmpty)
        let hindrance = try #require(try fixture.store().state.hindrance)
        #expect(hindrance.cause == .fullDisk)
        #expect(fixture.hindrances.all.allSatisfy { $0.hasSuffix("; make room in \(fixture.directory)") })
        disk.makeRoom()
        try createOnceThereIsRoom()
        #expect(try fixture.store().state.hindrance == nil)
        #expect(reservedByteCount == Int(DiskReserve.byteCount))
        try fixture.expectWholeChain()
        fixture.close()
        for token in tokens { #expect(try fixture.outcome(token.secret) == .revoked) }
    }

    private var reservedByteCount: Int {
        var status = stat()
        return lstat(fixture.paths.reserve, &status) == 0 ? Int(status.st_blocks) * 512 : 0
    }

    @Test func whatTakesRightsAwayIsDoneAndNothingElse() throws {
        let token = try fixture.create("t", as: admin.claim)
        let robot = try fixture.addServiceAccountToken("issues:read")
        let bob = try fixture.addMember("bob", role: "viewer")
        try disk.fill()
        try createUntilTheDiskIsFull()
        // Each roll would leave a secret behind, and there is no end to them.
        try expectRefusal { try fixture.roll(token.id, as: admin.claim) }
        try fixture.perform(RevokeSelf(digest: token.secret.draft.digest))
        try fixture.perform(UpdateServiceAccount(accountID: "sa_1", isDisabled: true), as: admin.claim)
        #expect(try fixture.outcome(robot) == .disabled)
        try expectRefusal { try update(isDisabled: false) }
        try fixture.perform(PutMember(userID: "bob", isSuspended: true), as: admin.claim)
        try fixture.expectRefusal(.unauthorized) { try fixture.perform(CallerOnly(), as: bob) }
        try fixture.perform(RemoveMember(userID: "bob"), as: admin.claim)
        try fixture.perform(DeleteServiceAccount(accountID: "sa_1"), as: admin.claim)
        #expect(try fixture.outcome(robot) == .revoked)
        try fixture.perform(SetWorkspaceState(workspaceID: "ws_acme", state: .suspended), as: .host)
        #expect(try fixture.outcome(admin) == .ownerSuspended)
        try expectRefusal {
            try fixture.perform(SetWorkspaceState(workspaceID: "ws_acme", state: .active), as: .host)
        }
        try fixture.expectWholeChain()
    }

    private func expectRefusal(sourceLocation: SourceLocation = #_sourceLocation, _ body: () throws -> Void) throws {
        try fixture.expectRefusal(.storeUnavailable, naming: "disk is full", sourceLocation: sourceLocation, body)
    }

    private func update(_ name: String? = nil, scopes: String? = nil, isDisabled: Bool? = nil) throws {
        let scopes = try scopes.map { try #require(ScopeSet(text: $0)) }
        let change = UpdateServiceAccount(accountID: "sa_1", name: name, scopes: scopes, isDisabled: isDisabled)
        try fixture.perform(change, as: admin.claim)
    }

    private func put(_ user: String, _ role: String?, isSuspended: Bool? = nil) throws {
        try fixture.perform(PutMember(userID: user, role: role, isSuspended: isSuspended), as: admin.claim)
    }

    /// What it was before decides that: no word of the request does.
    @Test func aChangeThatAlsoGivesIsNotDoneAndOneThatOnlyTakesIs() throws {
        _ = try fixture.addServiceAccountToken("issues:read issues:write")
        _ = try fixture.addMember("bob", role: "analyst")
        _ = try fixture.addMember("eve", role: "analyst")
        try put("eve", nil, isSuspended: true)
        try disk.fill()
        try createUntilTheDiskIsFull()
        try expectRefusal { try put("new", "viewer", isSuspended: true) }
        try expectRefusal { try put("bob", "tenant_admin", isSuspended: true) }
        try expectRefusal { try put("eve", "viewer", isSuspended: false) }
        try put("bob", "viewer")
        try expectRefusal { try put("bob", "analyst") }
        try put("eve", "viewer", isSuspended: true)
        try expectRefusal { try update("another", isDisabled: true) }
        try expectRefusal { try update(scopes: "issues:read patterns:write", isDisabled: true) }
        try update(scopes: "issues:read")
        try expectRefusal { try update(scopes: "issues:read issues:write") }
        // What is so already writes nothing.
        try update(scopes: "issues:read", isDisabled: false)
        try put("bob", "viewer", isSuspended: false)
        try update(isDisabled: true)
        try fixture.expectWholeChain()
    }

    /// Of a batch, those that may use the reserve are done.
    @Test func aRevocationIsNotLostWithTheCreatesBesideIt() throws {
        let token = try fixture.create("t", as: admin.claim)
        try disk.fill()
        try createUntilTheDiskIsFull()
        let revocation = OutcomeBox<TokenRecord>()
        var creations: [OutcomeBox<TokenRecord>] = []
        try fixture.inOneBatch {
            creations.append(try fixture.submit(try fixture.creation("a"), as: admin.claim))
            try fixture.forward(RevokeToken(tokenID: token.id), as: admin.claim, to: revocation)
            creations.append(try fixture.submit(try fixture.creation("b"), as: admin.claim))
        }
        _ = try revocation.wait().get()
        for creation in creations { try fixture.expectRefusal(.storeUnavailable) { _ = try creation.wait().get() } }
        #expect(try fixture.outcome(token.secret) == .revoked)
    }

    @Test func aStoreThatIsOpenedOnAFullDiskRevokesAsFarAsItHasRoom() throws {
        let token = try fixture.create("t", as: admin.claim)
        let other = try fixture.create("other", as: admin.claim)
        fixture.close()
        #expect(reservedByteCount == Int(DiskReserve.byteCount))
        try disk.fill()
        // What it kept is still there.
        try fixture.perform(RevokeToken(tokenID: token.id), as: admin.claim)
        fixture.close()
        unlink(fixture.paths.reserve)
        try disk.fill()
        _ = try fixture.store()
        #expect(reservedByteCount == 0)
        try fixture.expectRefusal(.storeUnavailable, naming: "disk is full") {
            try fixture.create("third", as: admin.claim)
        }
        #expect(try fixture.store().state.hindrance?.cause == .fullDisk)
        // Nor is there any for the log of a revocation: then nobody is told that there is.
        try fixture.expectRefusal(.storeUnavailable, naming: "not even revoking") {
            try fixture.perform(RevokeToken(tokenID: other.id), as: admin.claim)
        }
        let hindrance = try #require(try fixture.store().state.hindrance)
        #expect(hindrance.cause == .reserveSpent)
        #expect(hindrance.text(directory: "/store").contains("not even a revocation fits"))
        try fixture.expectRefusal(.storeUnavailable, naming: "not even revoking") {
            try fixture.create("third", as: admin.claim)
        }
        #expect(try fixture.store().state.hindrance == hindrance)
        disk.makeRoom()
        try createOnceThereIsRoom()
        #expect(try fixture.store().state.hindrance == nil)
    }

    /// The mark's page is there, but on some file systems that does not say that it can be written: here because of a hole.
    @Test func aMarkThatFindsNoRoomGetsThatOfTheReserve() throws {
        try fixture.create("t", as: admin.claim)
        try #require(exitCode("/usr/bin/fallocate", "-n", "-l", "1MiB", fixture.paths.database + "-wal") == 0)
        try #require(exitCode("/usr/bin/fallocate", "-p", "-o", "0", "-l", "4096", fixture.paths.lock) == 0)
        try disk.fill()
        try fixture.create("marked", as: admin.claim)
        #expect(fixture.poisonings.all.isEmpty)
        #expect(reservedByteCount == 0)
        disk.makeRoom()
        try createOnceThereIsRoom()
        fixture.close()
        try fixture.create("again", as: admin.claim)
    }

    @Test func aMarkThatFindsNoRoomAtTheEndGetsThatOfTheReserve() throws {
        try fixture.create("t", as: admin.claim)
        try #require(exitCode("/usr/bin/fallocate", "-p", "-o", "0", "-l", "4096", fixture.paths.lock) == 0)
        try disk.fill()
        fixture.close()
        #expect(fixture.poisonings.all.isEmpty)
        disk.makeRoom()
        try fixture.create("again", as: admin.claim)
    }
}

extension StoreFixture {
    func createInOneBatch(_ count: Int, as claim: CallerClaim) throws -> [MadeToken] {
        let secrets = (0..<count).map { _ in TestSecret() }
        var boxes: [OutcomeBox<TokenRecord>] = []
        try inOneBatch {
            for (number, secret) in secrets.enumerated() {
                boxes.append(try submit(creation("t\(number)", secret: secret), as: claim))
            }
        }
        return try zip(boxes, secrets).map { MadeToken(record: try $0.wait().get(), secret: $1) }
    }
}

/// Asks who calls, and changes nothing.
private struct CallerOnly: TokenStore.Operation {
    let mayUseReserve = true

    func perform(in transaction: WriteTransaction) throws(ChangeFailure) { _ = try transaction.caller() }
}
