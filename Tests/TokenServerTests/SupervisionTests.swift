import Glibc
import LinuxIO
import Testing
import TokenCore
import TokenStore
import TokenWire

@testable import TokenServer

extension ServerTests {
    @Suite("What the service manager hears")
    struct SupervisionTests {
        let directory: TemporaryDirectory
        let manager: NotifySocket

        init() throws {
            directory = try TemporaryDirectory()
            manager = try NotifySocket(directory)
        }

        // MARK: Signs of life

        /// Supervision of a store of its own, and of one loop that turns when the test says so.
        private final class Watched {
            let store: Store
            let loop: LoopInbox
            private let supervision: Supervision

            init(_ directory: TemporaryDirectory, _ reporter: ServiceReporter) throws {
                try Store.create(directory: directory.path + "/store")
                store = try Store(directory: directory.path + "/store", whenPoisoned: { _ in })
                loop = try LoopInbox()
                let log = try Log()
                let facts = DaemonFacts(
                    admission: Admission(policy: PeerPolicy(grants: []), daemonUserID: geteuid(), log: log),
                    changes: ChangeLimiter(.unlimited), auditRetentionDays: 365, log: log, reporter: reporter)
                supervision = try Supervision(
                    store: store, facts: facts, inboxes: [loop], statusInterval: .seconds(10))
                try supervision.start()
            }

            func turnLoop() { for sign in loop.take().signs { sign() } }

            deinit {
                supervision.end()
                store.close()
            }
        }

        @Test func theStatusSaysWhyChangesFail() {
            let text = ServingFigures.text(
                connections: 1, verifications: 2, rate: 3, changes: 4, waiting: 5,
                hindrance: "the disk is full; make room in /store")
            #expect(text.hasPrefix("Serving, but changes fail: the disk is full; make room in /store, connections: 1,"))
        }

        @Test func theWatchdogHearsOfADaemonThatWorks() throws {
            let fixture = try ServerFixture(reporter: try manager.reporter(watchdogMilliseconds: 20), eventLoopCount: 2)
            for _ in 0..<3 { #expect(manager.next(with: "WATCHDOG=1") == "WATCHDOG=1\n") }
            fixture.stop()
        }

        @Test func aLoopThatDoesNotTurnEndsTheSignsAndIsNamed() throws {
            let watched = try Watched(directory, try manager.reporter(watchdogMilliseconds: 20))
            let status = manager.next(with: "No sign of life")
            #expect(status == "STATUS=No sign of life from event loop 0\n")
            // Asked again, it answers for all times it was asked.
            #expect(manager.next(withinMilliseconds: 50)?.contains("WATCHDOG") != true)
            watched.turnLoop()
            #expect(manager.next(with: "WATCHDOG=1") != nil)
            #expect(manager.next(with: "No sign of life") != nil)
        }

        @Test func aWriterThatHangsEndsTheSignsUntilItGoesOn() throws {
            let fixture = try ServerFixture(reporter: try manager.reporter(watchdogMilliseconds: 20))
            let hold = fixture.holdWriter()
            // A loop may come late too, at first.
            #expect(manager.next(with: "STATUS=No sign of life from the writer\n") != nil)
            for _ in 0..<5 { #expect(manager.next()?.contains("WATCHDOG") == false) }
            hold.release()
            #expect(manager.next(with: "WATCHDOG=1") != nil)
        }

        @Test func thereIsNoSignOfAPoisonedStore() throws {
            let watched = try Watched(directory, try manager.reporter(watchdogMilliseconds: 20))
            watched.store.submit(BrokenDisk(), origin: .daemon) { _ in }
            for _ in 0..<10 {
                watched.turnLoop()
                usleep(5_000)
            }
            #expect(manager.next(with: "STATUS=No sign of life from the writer\n") != nil)
            for _ in 0..<3 {
                watched.turnLoop()
                #expect(manager.next() == "STATUS=No sign of life from the writer\n")
            }
        }

        /// Fails as a write to a broken disk does, which poisons the store.
        private struct BrokenDisk: TokenStore.Operation {
            func perform(in transaction: WriteTransaction) throws(ChangeFailure) {
                throw .sqlite(SQLiteError(extendedCode: 10, message: "disk I/O error", statement: "UPDATE"))
            }
        }

        @Test func withoutAWatchdogThereAreFiguresAndNoSigns() throws {
            var timeouts = Timeouts()
            timeouts.status = .milliseconds(10)
            let fixture = try ServerFixture(timeouts: timeouts, reporter: try manager.reporter())
            let client = try fixture.client()
            for _ in 0..<7 { _ = try client.call(.verify, VerifyRequest(token: fixture.admin)).verified() }
            let figures = manager.next(with: " verifications: 7 (")
            #expect(figures?.hasPrefix("STATUS=Serving, connections: ") == true)
            #expect(figures?.hasSuffix("/s), changes: 1, waiting: 0\n") == true, "\(figures ?? "")")
        }

        // MARK: Ready, reloading, stopping

        @Test func whyADaemonEndsByItselfIsTheLastThatIsHeardOfIt() throws {
            let reporter = try manager.reporter()
            reporter.failed("the disk does not answer")
            #expect(manager.next() == "STATUS=the disk does not answer\n")
            reporter.serving("Serving")
            reporter.stopping("Ending at once")
            #expect(manager.next() == "STOPPING=1\nSTATUS=the disk does not answer\n")
            #expect(manager.next(withinMilliseconds: 0) == nil)
        }

        @Test func aReloadIsToldAndEndsReadyInBothCases() throws {
            let fixture = try ServerFixture(reporter: try manager.reporter())
            let host = try fixture.operatorClient()
            _ = manager.next(with: "STATUS=Serving")
            try write("changes-per-second = 7", to: fixture.configurationPath)
            let before = SystemClock.monotonicNanoseconds() / 1_000
            _ = try host.call(.reload, ReloadRequest()).reloaded()
            let reloading = try #require(manager.next())
            let lines = reloading.split(separator: "\n")
            #expect(lines.first == "RELOADING=1")
            let moment = try #require(lines.dropFirst().first?.split(separator: "=").last.flatMap { Int64($0) })
            #expect(moment >= before)
            #expect(manager.next() == "READY=1\nSTATUS=Serving, the configuration was read again\n")
            try write("changes-per-seconds = 7", to: fixture.configurationPath)
            #expect(try host.call(.reload, ReloadRequest()).code == .invalidArgument)
            #expect(manager.next()?.hasPrefix("RELOADING=1\nMONOTONIC_USEC=") == true)
            let refused = try #require(manager.next())
            #expect(refused.hasPrefix("READY=1\nSTATUS=Serving; the configuration was refused and stays as it was: "))
            #expect(refused.contains("did you mean changes-per-second?"))
        }

        @Test func readyIsSaidAgainUntilItGetsThrough() throws {
            let reporter = try manager.reporter()
            // What one socket may have under way is less than the queue takes.
            while case let filler = try ServiceNotifier(socket: manager.path), filler.tell([.status("full")]) {
                while filler.tell([.status("full")]) {}
            }
            reporter.ready()
            reporter.serving("Serving 1")
            manager.clear()
            reporter.serving("Serving 2")
            reporter.serving("Serving 3")
            #expect(manager.next() == "READY=1\nSTATUS=Serving 2\n")
            #expect(manager.next() == "STATUS=Serving 3\n")
        }

        @Test func nothingIsSaidBehindTheEnd() throws {
            let reporter = try manager.reporter()
            reporter.stopping("Answering the calls in flight")
            reporter.serving("Serving")
            reporter.reloading()
            reporter.reloaded(problem: nil)
            #expect(manager.next() == "STOPPING=1\nSTATUS=Answering the calls in flight\n")
            #expect(manager.next(withinMilliseconds: 0) == nil)
        }

        @Test func aLongStartIsGivenTimeUpToALimit() throws {
            let start = LongStart(
                try manager.reporter(), of: "Opening", every: .milliseconds(5), atMost: .milliseconds(15))
            for _ in 0..<3 {
                #expect(manager.next() == "EXTEND_TIMEOUT_USEC=30000000\nSTATUS=Opening, for 0 s\n")
            }
            #expect(manager.next(withinMilliseconds: 30) == nil)
            try #require(start != nil)
            start?.end()
        }
    }
}
