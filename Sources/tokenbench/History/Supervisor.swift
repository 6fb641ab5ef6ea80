import Foundation
import Synchronization

/// What is done to the daemon while a history goes on.
struct Harm: Sendable {
    /// SIGKILL, as often as this.
    var killEverySeconds: Double?
    /// Points in a change at which the daemon kills itself, each in its turn: see LinuxIO's `Failpoint`. Debug builds have
    /// them.
    var killPoints: [String] = []
    /// Ends the run after so many kills.
    var killCountMax: Int?
    /// At each kill the file of the epoch page is lost too, by turns while the daemon runs and while it is down.
    var losesPages = false
}

/// Keeps a private daemon running, and does it harm; on a thread of its own.
final class Supervisor: Sendable {
    struct Counts: Sendable {
        var killCount = 0
        var lostPageCount = 0
    }

    private let harm: Harm
    private let pagePath: String
    private let state = Mutex(Counts())
    // Sound: made before the thread starts, and from then on that thread's until it has ended.
    private nonisolated(unsafe) let daemon: BenchDaemon

    init(_ harm: Harm, _ settings: BenchDaemon.Settings) throws {
        self.harm = harm
        daemon = try BenchDaemon(settings, environment: Self.environment(harm, incarnation: 0))
        pagePath = daemon.socketPath + ".epochs"
    }

    var socketPath: String { daemon.socketPath }
    var directory: String { daemon.directory }
    var counts: Counts { state.withLock { $0 } }

    private static let failpoints = "TOKEND_FAILPOINTS"

    /// What the environment has of failpoints anyway, and the one at which this daemon is to die.
    private static func environment(_ harm: Harm, incarnation: Int) -> [String: String] {
        guard !harm.killPoints.isEmpty else { return [:] }
        let point = harm.killPoints[incarnation % harm.killPoints.count]
        let given = ProcessInfo.processInfo.environment[failpoints].map { [$0] } ?? []
        return [failpoints: (given + ["\(point)=kill:\(Int.random(in: 2...10))"]).joined(separator: ",")]
    }

    /// Starts the daemon again whenever it is dead, until it is told to stop.
    func run(until stop: StopSignal) throws {
        var number = 0
        while !stop.hasCome {
            let killAt = harm.killEverySeconds.map { Clock.nowNanoseconds + Int64($0 * 1e9) } ?? .max
            let losesWhileRunning = harm.losesPages && number % 2 == 0
            if losesWhileRunning {
                watch(until: Clock.nowNanoseconds + Int64((harm.killEverySeconds ?? 0.04) * 0.5e9), stop)
                try losePage(number)
            }
            watch(until: killAt, stop)
            if stop.hasCome { return }
            try daemon.kill()
            number += 1
            state.withLock { $0.killCount = number }
            if harm.losesPages && !losesWhileRunning { try losePage(number) }
            // It may be killed before anybody could see it serve.
            try daemon.start(environment: Self.environment(harm, incarnation: number), isAwaited: false)
        }
    }

    /// Throws unless the daemon serves, or comes back from the last kill. The thread must have ended.
    func checkServing() throws {
        while true {
            do {
                return try daemon.waitUntilServing()
            } catch {
                if daemon.isRunning { throw error }
                // It has killed itself at its point, and nobody was there any more to start it again.
                try daemon.kill()
                try daemon.start(isAwaited: false)
            }
        }
    }

    /// Returns at that time, or when the daemon is dead before.
    private func watch(until time: Int64, _ stop: StopSignal) {
        while daemon.isRunning && Clock.nowNanoseconds < time && !stop.hasCome {
            Clock.sleep(nanoseconds: 2_000_000)
        }
    }

    /// The file is never cut short itself: who has it mapped would die of it (mmap(2), SIGBUS), and the daemon never does so.
    private func losePage(_ number: Int) throws {
        let other = pagePath + ".other"
        switch (number + 1) / 2 % 3 {
        case 0: unlink(pagePath)
        case 1: try replacePage(by: other, byteCount: 32_832)
        default: try replacePage(by: other, byteCount: 100)
        }
        state.withLock { $0.lostPageCount += 1 }
    }

    private func replacePage(by other: String, byteCount: Int) throws {
        let bytes = Data((0..<byteCount).map { _ in UInt8.random(in: .min ... .max) })
        guard FileManager.default.createFile(atPath: other, contents: bytes, attributes: [.posixPermissions: 0o640]),
            rename(other, pagePath) == 0
        else { throw Problem(message: "\(other) can't be written", exitCode: .cannotCreate) }
    }

    /// Stops the daemon and removes all its files. The thread must have ended.
    func end() { daemon.end() }
}
