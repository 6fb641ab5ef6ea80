import Foundation
import Synchronization

/// How much is verified and changed, and by how many.
struct HistorySettings: Sendable {
    var processCount = 2
    /// Of each process.
    var ways: [HistoryReader.Way] = [.memory, .memory, .socket, .store]
    var placeCount = 16
    var changerCount = 4
    var pauseSeconds = 0.005
    var durationSeconds: Double?
    /// Ends the run when so many verifications were answered.
    var verificationCount: Int?
    var harm = Harm()

    var readerCount: Int { processCount * ways.count }
}

/// One history: a daemon, processes that verify, threads that change, and the book of what they all saw.
struct HistoryRun {
    let settings: HistorySettings
    let daemonSettings: BenchDaemon.Settings
    let interruption: Interruption

    struct Outcome {
        let seconds: Double
        let findings: HistoryBook.Findings
        /// By reader.
        let counts: [Int: ReaderReport.Counts]
        let changes: [String: Int]
        let harm: Supervisor.Counts
    }

    func run() throws -> Outcome {
        let supervisor = try Supervisor(settings.harm, daemonSettings)
        defer { supervisor.end() }
        let target = Target(socketPath: supervisor.socketPath)
        let admin = Owner(workspace: "ws_history", user: "admin")
        try target.bootstrap(admin)
        let boardPath = supervisor.directory + "/board"
        let board = try Board(path: boardPath, placeCount: settings.placeCount, isNew: true)
        let book = HistoryBook(readerCount: settings.readerCount)
        let world = Changer.World(
            board: board, book: book, host: target.host, admin: admin,
            pauseNanoseconds: Int64(settings.pauseSeconds * 1e9), tally: ChangeTally(), stop: StopSignal())
        let begun = Clock.nowNanoseconds
        let readers = try (0..<settings.processCount).map { number in
            try ReaderProcess(
                settings.ways, firstNumber: number * settings.ways.count, socketPath: supervisor.socketPath,
                boardPath: boardPath, placeCount: settings.placeCount, book)
        }
        let threads = Threads()
        let supervision = StopSignal()
        start(threads, world)
        let supervising = Threads()
        supervising.start { try supervisor.run(until: supervision) }
        watch(book, readers, supervisor, [threads, supervising], since: begun)

        world.stop.send()
        threads.wait()
        board.stop()
        readers.forEach { $0.wait() }
        supervision.send()
        supervising.wait()
        if let error = threads.error ?? supervising.error { throw error }
        if book.endedReaderCount < settings.readerCount {
            throw Problem(
                message: "a process of readers ended before its time; what it saw is missing", exitCode: .software)
        }
        let seconds = Double(Clock.nowNanoseconds - begun) / 1e9
        let findings = book.close()
        // What hangs since a kill has broken nothing, and answers nothing either.
        if findings.violations.isEmpty { try supervisor.checkServing() }
        return Outcome(
            seconds: seconds, findings: findings, counts: book.counts, changes: world.tally.all,
            harm: supervisor.counts)
    }

    private func start(_ threads: Threads, _ world: Changer.World) {
        for number in 0..<settings.changerCount {
            let places = Array(stride(from: number, to: settings.placeCount, by: settings.changerCount))
            threads.start { try Changer(places, world).run() }
        }
    }

    /// Returns when the history is long enough, or when something is wrong with it.
    private func watch(
        _ book: HistoryBook, _ readers: [ReaderProcess], _ supervisor: Supervisor, _ threads: [Threads],
        since begun: Int64
    ) {
        while true {
            Clock.sleep(nanoseconds: 10_000_000)
            let seconds = Double(Clock.nowNanoseconds - begun) / 1e9
            let answered = book.counts.values.reduce(0) { $0 + $1.answered }
            Terminal.showProgress(
                "\(NumberText.count(answered)) verifications in \(NumberText.threeDigits(seconds)) s, "
                    + "\(NumberText.count(book.findings.checkedSecretCount)) secrets checked")
            let isLongEnough =
                seconds >= settings.durationSeconds ?? .infinity || answered >= settings.verificationCount ?? .max
                || supervisor.counts.killCount >= settings.harm.killCountMax ?? .max
            let isWrong =
                !book.findings.violations.isEmpty || threads.contains { $0.error != nil }
                || readers.contains { !$0.isRunning }
            if isLongEnough || isWrong || interruption.hasCome { break }
        }
        Terminal.showProgress("")
    }
}

/// Threads that are waited for, and the first error that ended one of them.
private final class Threads: Sendable {
    private let group = DispatchGroup()
    private let firstError = Mutex<(any Error)?>(nil)

    func start(_ body: @escaping @Sendable () throws -> Void) {
        group.enter()
        Thread { [self] in
            defer { group.leave() }
            do {
                try body()
            } catch {
                firstError.withLock { $0 = $0 ?? error }
            }
        }.start()
    }

    func wait() { group.wait() }

    var error: (any Error)? { firstError.withLock { $0 } }
}
