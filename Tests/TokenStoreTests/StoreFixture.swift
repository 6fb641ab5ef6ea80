import Foundation
import LinuxIO
import Synchronization
import Testing
import TokenCore
import TokenStore

/// A store of its own in a temporary directory, removed at the end.
final class StoreFixture: Sendable {
    let directory: String
    private let opened = Mutex<Store?>(nil)

    init() throws {
        directory = NSTemporaryDirectory() + "/tokend-store-" + UUID().uuidString
        try Store.create(directory: directory)
    }

    deinit {
        close()
        try? FileManager.default.removeItem(atPath: directory)
    }

    /// The open store; opens it when it is not.
    func store() throws -> Store {
        if let store = opened.withLock({ $0 }) { return store }
        let store = try Store(directory: directory) { reason in print("poisoned: \(reason)") }
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
    func perform<Work: TokenStore.Operation>(
        _ operation: Work, as claim: CallerClaim = .none, deadlineNanoseconds: Int64? = nil
    ) throws -> Work.Output {
        let outcome = OutcomeBox<Work.Output>()
        let origin = Origin(
            claim: claim, peerUserID: 0, peerProcessID: 1, traceID: "trace", deadlineNanoseconds: deadlineNanoseconds)
        try store().submit(operation, origin: origin) { outcome.set($0) }
        return try outcome.wait().get()
    }
}

/// The answer of the writer, for a test that waits for it.
final class OutcomeBox<Value: Sendable>: Sendable {
    private let result = Mutex<Result<Value, Refusal>?>(nil)
    private let isSet = DispatchSemaphore(value: 0)

    func set(_ outcome: Result<Value, Refusal>) {
        result.withLock { $0 = outcome }
        isSet.signal()
    }

    func wait() throws -> Result<Value, Refusal> {
        isSet.wait()
        return try #require(result.withLock { $0 })
    }
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

extension StoreFixture {
    /// A workspace with its first administrator, whose token this is.
    func bootstrap(workspace: String = "ws_acme", user: String = "ann") throws -> TestSecret {
        let secret = TestSecret()
        _ = try perform(
            Bootstrap(workspaceID: workspace, userID: user, tokenName: "bootstrap", secret: secret.draft), as: .host)
        return secret
    }
}
