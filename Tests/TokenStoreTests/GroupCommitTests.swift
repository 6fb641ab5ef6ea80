import Foundation
import Glibc
import LinuxIO
import Synchronization
import Testing
import TokenCore

@testable import TokenStore

@Suite("Changes committed in groups")
struct GroupCommitTests {
    let fixture: StoreFixture

    init() throws {
        fixture = try StoreFixture()
    }

    @Test func aThousandChangesOfEightThreadsAreAllAnsweredInFewTransactions() throws {
        let admin = try fixture.bootstrap()
        let boxes = Collected<OutcomeBox<TokenRecord>>()
        let fixture = fixture
        let marks = try fixture.generation()
        try fixture.inOneBatch {
            DispatchQueue.concurrentPerform(iterations: 8) { thread in
                for number in 0..<125 {
                    let box = OutcomeBox<TokenRecord>()
                    boxes.append(box)
                    guard let operation = try? fixture.creation("t\(thread).\(number)") else { continue }
                    try? fixture.forward(operation, as: admin.claim, to: box)
                }
            }
        }
        let ids = try boxes.all.map { try $0.wait().get().id }
        #expect(Set(ids).count == 1_000)
        #expect(boxes.all.allSatisfy { $0.answerCount == 1 })
        // The mark is written once a transaction, the blocker's has no event.
        #expect(try fixture.generation() - marks == 1)
        try fixture.expectWholeChain()
        #expect(try fixture.events().count == 4 + 1_000)
    }

    @Test func aLongQueueIsCommittedInSeveralTransactionsInItsOrder() throws {
        let admin = try fixture.bootstrap()
        let marks = try fixture.generation()
        var boxes: [OutcomeBox<TokenRecord>] = []
        try fixture.inOneBatch {
            for number in 0..<2 * WriteQueue.groupCountMax + 1 {
                boxes.append(try fixture.submit(try fixture.creation("t\(number)"), as: admin.claim))
            }
        }
        let numbers = try boxes.map { try $0.wait().get().number }
        #expect(numbers == numbers.sorted())
        #expect(try fixture.generation() - marks == 3)
        try fixture.expectWholeChain()
    }

    @Test func anOperationWhoseDeadlineHasPassedIsNotBegun() throws {
        let hasRun = Atomic(false)
        let late = OutcomeBox<Void>()
        let good = OutcomeBox<Void>()
        let now = SystemClock.monotonicNanoseconds()
        try fixture.inOneBatch {
            try fixture.forward(
                Custom { _ in hasRun.store(true, ordering: .relaxed) }, as: .none, deadlineNanoseconds: now, to: late)
            try fixture.forward(
                Custom { _ in }, as: .none, deadlineNanoseconds: now + 60_000_000_000, to: good)
        }
        try fixture.expectRefusal(.deadlineExceeded) { try late.wait().get() }
        #expect(throws: Never.self) { try good.wait().get() }
        let wasRun = hasRun.load(ordering: .relaxed)
        #expect(!wasRun)
    }

    @Test func aFullQueueAnswersAtOnceAndTheRestIsDone() throws {
        let doneCount = Atomic(0)
        let store = try fixture.store()
        // Too late to be begun, so that they are answered fast.
        let nobody = Origin(claim: .none, peerUserID: 0, peerProcessID: 1, traceID: "", deadlineNanoseconds: 1)
        let isDone = DispatchSemaphore(value: 0)
        let refused = OutcomeBox<Void>()
        try fixture.inOneBatch {
            for _ in 0..<WriteQueue.jobCountMax {
                store.submit(Custom { _ in }, origin: nobody) { _ in
                    let count = doneCount.add(1, ordering: .relaxed).newValue
                    if count == WriteQueue.jobCountMax { isDone.signal() }
                }
            }
            #expect(try fixture.store().waitingChangeCount == WriteQueue.jobCountMax)
            try fixture.forward(Custom { _ in }, as: .none, to: refused)
            try fixture.expectRefusal(.storeUnavailable) { try refused.wait().get() }
        }
        #expect(isDone.wait(timeout: .now() + 30) == .success)
    }

    @Test func whatIsQueuedWhenTheStoreClosesIsDoneAndWhatComesLaterIsRefused() throws {
        let admin = try fixture.bootstrap()
        let store = try fixture.store()
        let boxes = try (0..<20).map { try fixture.submit(try fixture.creation("t\($0)"), as: admin.claim) }
        store.close()
        for box in boxes { _ = try box.wait().get() }
        try fixture.expectRefusal(.storeUnavailable) { try fixture.create("late", as: admin.claim) }
        // Closing twice is no harm.
        store.close()
        fixture.close()
        #expect(try fixture.count("token") == 21)
    }

    @Test func anAnswerComesAfterItsChangeCanBeRead() throws {
        let admin = try fixture.bootstrap()
        let fixture = fixture
        let failures = Collected<String>()
        let isOver = Atomic(false)
        let answered = Mutex<[Digest]>([])
        let readers = DispatchGroup()
        for _ in 0..<8 {
            readers.enter()
            _ = try PosixThread(name: "reader") {
                defer { readers.leave() }
                do {
                    let reader = try fixture.store().makeReader()
                    while !isOver.load(ordering: .acquiring) {
                        guard let digest = answered.withLock({ $0.last }) else { continue }
                        if try reader.credential(digest) == nil { failures.append("a change answered was not read") }
                        // Now and then, for eight that never rest leave the writer no processor.
                        if UInt8.random(in: 0..<8) == 0 { usleep(50) }
                    }
                } catch {
                    failures.append("\(error)")
                }
            }
        }
        // Enough pages for several checkpoints.
        for number in 0..<25 {
            var boxes: [(OutcomeBox<TokenRecord>, Digest)] = []
            for index in 0..<100 {
                let secret = TestSecret()
                let operation = try fixture.creation("t\(number).\(index)", secret: secret)
                boxes.append((try fixture.submit(operation, as: admin.claim), secret.draft.digest))
            }
            for (box, digest) in boxes {
                _ = try box.wait().get()
                answered.withLock { $0.append(digest) }
            }
        }
        isOver.store(true, ordering: .releasing)
        readers.wait()
        #expect(failures.all.isEmpty, "\(failures.all.prefix(3))")
        // 2,500 creations write some 20,000 pages: what is left is what grew since the last checkpoint that
        // could start the WAL anew, and a little more.
        let byteCount = try FileManager.default.attributesOfItem(atPath: fixture.paths.database + "-wal")[.size]
        #expect(try #require(byteCount as? Int) < 8 * 4096 * Int(WriteAheadLog.pageCountToCheckpoint))
        let database = try FileManager.default.attributesOfItem(atPath: fixture.paths.database)[.size]
        #expect(try #require(database as? Int) > 500_000)
        try fixture.expectWholeChain()
    }
}

extension StoreFixture {
    /// How often the mark was written.
    func generation() throws -> UInt64 {
        try perform(
            Custom { [paths] _ in
                let page = FileManager.default.contents(atPath: paths.lock).map { Array($0) } ?? []
                return MarkPage.newest(in: page)?.generation ?? 0
            })
    }
}
