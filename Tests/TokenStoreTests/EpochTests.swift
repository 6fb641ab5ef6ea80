import Glibc
import LinuxIO
import Testing
import TokenCore

@testable import TokenStore

@Suite("The store's epochs")
struct EpochTests {
    private let fixture: StoreFixture
    private var pagePath: String { fixture.directory + "/tokend.sock.epochs" }

    init() throws {
        fixture = try StoreFixture()
        fixture.close()
    }

    private func open(leaseNanoseconds: Int64 = 400_000_000) throws -> Store {
        try Store(
            directory: fixture.directory, epochPagePath: pagePath, leaseNanoseconds: leaseNanoseconds,
            whenPoisoned: { Issue.record("poisoned: \($0)") })
    }

    private func perform(_ operation: some TokenStore.Operation, on store: Store) throws {
        let done = Outcome()
        let origin = Origin(
            claim: .host, peerUserID: 0, peerProcessID: 0, traceID: "t", deadlineNanoseconds: nil)
        store.submit(operation, origin: origin) { result in
            if case .failure(let refusal) = result { Issue.record("\(refusal)") }
            done.signal()
        }
        done.wait()
    }

    private var reload: some TokenStore.Operation {
        Custom { transaction throws(ChangeFailure) in transaction.touchAll() }
    }

    /// How long an operation takes, in milliseconds.
    private func milliseconds(_ body: () throws -> Void) rethrows -> Int64 {
        let start = SystemClock.monotonicNanoseconds()
        try body()
        return (SystemClock.monotonicNanoseconds() - start) / 1_000_000
    }

    @Test func thePageIsTheSameOverRestartsAndEveryEpochHasMoved() throws {
        var store = try open()
        let id = store.epochs.pageID
        let before = store.epochs.memory.epoch(5)
        store.close()
        store = try open()
        #expect(store.epochs.pageID == id && !store.epochs.isReplacement)
        #expect(store.epochs.memory.epoch(5) > before)
        #expect(try milliseconds { try perform(reload, on: store) } < 300)
        store.close()
        unlink(pagePath)
    }

    @Test func nothingIsNarrowedBeforeALostPageIsForgotten() throws {
        var store = try open()
        store.close()
        unlink(pagePath)
        store = try open()
        #expect(store.epochs.isReplacement)
        #expect(try milliseconds { try perform(Custom { _ throws(ChangeFailure) in }, on: store) } < 300)
        #expect(try milliseconds { try perform(reload, on: store) } >= 50)
        let id = store.epochs.pageID
        store.close()
        // From here on it is the store's page.
        store = try open()
        #expect(store.epochs.pageID == id && !store.epochs.isReplacement)
        store.close()
        unlink(pagePath)
    }

    @Test func aDaemonThatEndsInTheWaitHasASuccessorThatWaitsAgain() throws {
        var store = try open()
        store.close()
        unlink(pagePath)
        store = try open(leaseNanoseconds: 60_000_000_000)
        try perform(Custom { _ throws(ChangeFailure) in }, on: store)
        store.close()
        store = try open()
        #expect(store.epochs.isReplacement)
        #expect(try milliseconds { try perform(reload, on: store) } >= 50)
        store.close()
        unlink(pagePath)
    }

    /// Done, as a thread that is no task waits for it.
    private final class Outcome: @unchecked Sendable {
        // sem_t is made for several threads; its address does not change before deinit.
        private let semaphore = UnsafeMutablePointer<sem_t>.allocate(capacity: 1)

        init() { sem_init(semaphore, 0, 0) }

        deinit {
            sem_destroy(semaphore)
            semaphore.deallocate()
        }

        func signal() { sem_post(semaphore) }
        func wait() { while sem_wait(semaphore) != 0 {} }
    }
}
