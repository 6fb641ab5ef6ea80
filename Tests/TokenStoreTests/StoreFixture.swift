import Foundation
import LinuxIO
import Synchronization
import Testing
import TokenCore

@testable import TokenStore

/// A store of its own in a temporary directory, removed at the end.
final class StoreFixture: Sendable {
    let directory: String
    let clock = TestClock()
    /// Why the store was poisoned, once for each time it said so.
    let poisonings = Collected<String>()
    /// The errors that failed changes and could pass.
    let hindrances = Collected<String>()
    private let opened = Mutex<Store?>(nil)
    private let rules: AccessRules
    private let isKeptSound: Bool

    /// `isKeptSound`: whatever the test does, at its end each secret has to be judged by what its token says.
    init(rules: AccessRules = .builtIn, isKeptSound: Bool = true, in parent: String? = nil) throws {
        self.rules = rules
        self.isKeptSound = isKeptSound
        directory =
            (parent ?? FileManager.default.temporaryDirectory.path) + "/tokend-store-" + UUID().uuidString
        try Store.create(directory: directory)
    }

    deinit {
        close()
        if isKeptSound, let problem = secretProblem() { Issue.record("\(problem)") }
        try? FileManager.default.removeItem(atPath: directory)
    }

    /// None of a store that can't be read: the test has seen to that.
    private func secretProblem() -> String? {
        guard let connection = try? SQLiteConnection(path: paths.database, access: .readWrite) else { return nil }
        return try? StoreSoundness.secretProblem(of: connection)
    }

    var paths: StorePaths { StorePaths(directory: directory) }

    /// The open store; opens it when it is not.
    func store() throws -> Store {
        if let store = opened.withLock({ $0 }) { return store }
        let store = try Store(
            directory: directory, rules: rules, clock: clock.read, boottime: clock.readBoottime,
            whenPoisoned: { [poisonings] in poisonings.append($0) },
            whenHindered: { [hindrances] in hindrances.append($0) })
        opened.withLock { $0 = store }
        return store
    }

    func close() {
        opened.withLock { store in
            store?.close()
            store = nil
        }
    }

    /// Does one operation and waits for its answer.
    @discardableResult
    func perform<Work: TokenStore.Operation>(
        _ operation: Work, as claim: CallerClaim = .none, deadlineNanoseconds: Int64? = nil
    ) throws -> Work.Output {
        try submit(operation, as: claim, deadlineNanoseconds: deadlineNanoseconds).wait().get()
    }

    /// Asks for one operation; the box gets its answer.
    func submit<Work: TokenStore.Operation>(
        _ operation: Work, as claim: CallerClaim = .none, deadlineNanoseconds: Int64? = nil
    ) throws -> OutcomeBox<Work.Output> {
        let outcome = OutcomeBox<Work.Output>()
        try forward(operation, as: claim, deadlineNanoseconds: deadlineNanoseconds, to: outcome)
        return outcome
    }

    func forward<Work: TokenStore.Operation>(
        _ operation: Work, as claim: CallerClaim, deadlineNanoseconds: Int64? = nil, to outcome: OutcomeBox<Work.Output>
    ) throws {
        let origin = Origin(
            claim: claim, peerUserID: 0, peerProcessID: 1, traceID: "trace", deadlineNanoseconds: deadlineNanoseconds)
        try store().submit(operation, origin: origin) { outcome.set($0) }
    }

    /// Everything that `body` submits is one batch: the writer is held up until all of it waits.
    func inOneBatch(_ body: () throws -> Void) throws {
        let hasBegun = DispatchSemaphore(value: 0)
        let mayEnd = DispatchSemaphore(value: 0)
        let blocker = try submit(
            Custom { _ in
                hasBegun.signal()
                mayEnd.wait()
            })
        hasBegun.wait()
        defer { mayEnd.signal() }
        try body()
        mayEnd.signal()
        _ = try blocker.wait()
    }

    /// Runs SQL in a change of its own, which leaves no event.
    func run(_ sql: String) throws {
        try perform(Custom { transaction throws(ChangeFailure) in try transaction.execute(sql) })
    }

    /// The first column of the first row.
    func single(_ sql: String) throws -> String? {
        try perform(
            Custom { transaction throws(ChangeFailure) in
                try sqlite { () throws(SQLiteError) in try transaction.connection.singleText(sql) }
            })
    }

    func count(_ table: String) throws -> Int {
        try #require(Int(try single("SELECT count(*) FROM \(table)") ?? ""))
    }
}

/// A change made up by a test.
struct Custom<Output: Sendable>: TokenStore.Operation {
    let body: @Sendable (WriteTransaction) throws(ChangeFailure) -> Output
    /// It does what a test wants of it on a full disk too.
    let mayUseReserve = true

    init(_ body: @escaping @Sendable (WriteTransaction) throws(ChangeFailure) -> Output) {
        self.body = body
    }

    func perform(in transaction: WriteTransaction) throws(ChangeFailure) -> Output {
        try body(transaction)
    }
}

extension WriteTransaction {
    func execute(_ sql: String) throws(ChangeFailure) {
        try sqlite { () throws(SQLiteError) in try connection.execute(sql) }
    }
}

/// The system's clocks, and how far a test has set them forward.
final class TestClock: Sendable {
    private let offset = Mutex<(wall: Int64, boottime: Int64)>((0, 0))

    /// Steps the wall clock.
    func advance(seconds: Int64) { offset.withLock { $0.wall += seconds * 1_000_000 } }

    /// Lets time pass on both clocks.
    func pass(seconds: Int64) {
        offset.withLock { offset in
            offset.wall += seconds * 1_000_000
            offset.boottime += seconds * 1_000_000
        }
    }

    var now: Instant { Store.systemClock().adding(microseconds: offset.withLock { $0.wall }) }

    var readBoottime: @Sendable () -> Int64 { { Store.systemBoottime() + self.offset.withLock { $0.boottime } } }

    var read: @Sendable () -> Instant { { self.now } }
}

/// What several threads report.
final class Collected<Element: Sendable>: Sendable {
    private let elements = Mutex<[Element]>([])

    func append(_ element: Element) { elements.withLock { $0.append(element) } }

    var all: [Element] { elements.withLock { $0 } }
}

/// The answer of the writer, for a test that waits for it.
final class OutcomeBox<Value: Sendable>: Sendable {
    private let results = Mutex<[Result<Value, Refusal>]>([])
    private let isSet = DispatchSemaphore(value: 0)

    func set(_ outcome: Result<Value, Refusal>) {
        results.withLock { $0.append(outcome) }
        isSet.signal()
    }

    func wait() throws -> Result<Value, Refusal> {
        try #require(isSet.wait(timeout: .now() + 30) == .success, "no answer within 30 s")
        isSet.signal()
        return try #require(results.withLock { $0.first })
    }

    /// How often the completion was called: once, if all is well.
    var answerCount: Int { results.withLock { $0.count } }
}

/// A secret as a client would get it, with what the store gets of it.
struct TestSecret {
    let text: String
    let draft: SecretDraft

    init(_ kind: TokenKind = .personal) {
        text = TokenText.make(prefixes: .standard, kind: kind, random: Randomness.bits256()).revealAsText()
        let bytes = Array(text.utf8)
        draft = SecretDraft(digest: Digest(hashing: bytes.span), hint: TokenText.hint(bytes.span))
    }

    var claim: CallerClaim { .bearer(draft.digest) }
}

/// A token with the secret it was made with.
struct MadeToken {
    let record: TokenRecord
    let secret: TestSecret

    var id: String { record.id }
    var claim: CallerClaim { secret.claim }
}

extension StoreFixture {
    /// A workspace with its first administrator, whose token this is.
    func bootstrap(workspace: String = "ws_acme", user: String = "ann") throws -> TestSecret {
        let secret = TestSecret()
        try perform(
            Bootstrap(workspaceID: workspace, userID: user, tokenName: "bootstrap", secret: secret.draft), as: .host)
        return secret
    }

    /// A member who joins by the back door: without an event.
    func addMember(_ user: String, role: String, workspace: String = "ws_acme") throws -> CallerClaim {
        try run(
            """
            INSERT INTO principal (workspace, kind, id, role, started_at)
            SELECT number, 1, '\(user)', '\(role)', 0 FROM workspace WHERE id = '\(workspace)'
            """)
        return .delegated(userID: user, workspaceID: workspace)
    }

    /// A service account with a token, made by the back door.
    func addServiceAccountToken(_ scopes: String, account: String = "sa_1") throws -> TestSecret {
        let secret = TestSecret(.serviceAccount)
        try perform(
            Custom { transaction throws(ChangeFailure) in
                try transaction.execute(
                    """
                    INSERT INTO principal (workspace, kind, id, name, scopes, created_by, started_at)
                    VALUES (1, 2, '\(account)', '\(account)', '\(scopes)', 'ann', 0)
                    """)
                _ = try transaction.insertToken(
                    principal: transaction.connection.lastInsertedNumber, name: "robot",
                    scopes: ScopeSet(text: scopes) ?? ScopeSet(), expiresAt: nil, secret: secret.draft,
                    createdBy: "ann")
            })
        return secret
    }

    func creation(
        _ name: String, scopes: String = "issues:read", expiresAt: Instant? = nil, request: String? = nil,
        secret: TestSecret = TestSecret()
    ) throws -> CreateToken {
        CreateToken(
            name: name, scopes: try #require(ScopeSet(text: scopes)), expiresAt: expiresAt,
            request: try request.map { try #require(RequestID($0)) }, secret: secret.draft)
    }

    @discardableResult
    func create(
        _ name: String, as claim: CallerClaim, scopes: String = "issues:read", expiresAt: Instant? = nil,
        request: String? = nil
    ) throws -> MadeToken {
        let secret = TestSecret()
        let operation = try creation(name, scopes: scopes, expiresAt: expiresAt, request: request, secret: secret)
        return MadeToken(record: try perform(operation, as: claim), secret: secret)
    }

    @discardableResult
    func roll(
        _ id: String, as claim: CallerClaim, overlap: Int64 = 0, request: String? = nil
    ) throws -> MadeToken {
        let secret = TestSecret()
        let operation = RollToken(
            tokenID: id, overlapSeconds: overlap, request: try request.map { try #require(RequestID($0)) },
            secret: secret.draft)
        return MadeToken(record: try perform(operation, as: claim), secret: secret)
    }

    /// What a verification of this secret finds now.
    func outcome(_ secret: TestSecret, requiring scope: String? = nil) throws -> VerifyOutcome {
        let reader = try store().makeReader()
        guard let facts = try reader.credential(secret.draft.digest)?.facts else { return .unknown }
        return facts.judge(requestedWorkspace: nil, now: reader.now) { scopes in
            scope.flatMap { Scope($0) }.map { scopes.contains($0) } ?? true
        }
    }

    /// All events, oldest first.
    func events() throws -> [EventRecord] {
        let page = try store().makeReader().events(.host, matching: EventFilter(), below: .max, pageSize: 100_000)
        return page.elements.reversed()
    }

    /// What `body` leaves in the audit, each event as "action target".
    func eventsLeft(by body: () throws -> Void) throws -> [String] {
        let before = try events().count
        try body()
        return try events().dropFirst(before).map { "\($0.event.action) \($0.event.target)" }
    }

    func expectRefusal(
        _ reason: Refusal.Reason, naming text: String = "", sourceLocation: SourceLocation = #_sourceLocation,
        _ body: () throws -> Void
    ) throws {
        let refusal = try #require(throws: Refusal.self, sourceLocation: sourceLocation) { try body() }
        #expect(refusal.reason == reason, "\(refusal.message)", sourceLocation: sourceLocation)
        let said = ([refusal.message] + refusal.metadata.values).joined(separator: " ")
        if !text.isEmpty { #expect(said.contains(text), sourceLocation: sourceLocation) }
    }
}
