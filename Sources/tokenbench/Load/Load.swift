import Foundation
import Synchronization
import TokenClient

/// How much is asked for, and by how many.
struct LoadSettings: Codable, Equatable {
    /// Connections whose calls are those of the mix.
    var connections = 1
    /// Calls in flight on each of them.
    var depth = 1
    /// Threads that run callers as tasks; nil when each caller has a thread and blocks it.
    var taskThreads: Int?
    /// Tokens that verifications are about.
    var tokens = 10_000
    var hitShare = 1.0
    var writeShare = 0.0
    /// Further connections, each of which creates one token after the other.
    var writers = 0
    /// Calls a second of all connections but the writers', nil in a closed loop.
    var ratePerSecond: Double?
    var requiredScope: String?
    var warmupSeconds = 1.0
    var durationSeconds = 5.0
}

/// Callers at work on a daemon.
struct Load {
    let settings: LoadSettings
    let mix: Mix
    /// The daemon's socket, or the operator's where something is written.
    let configuration: TokenClient.Configuration
    let operatorConfiguration: TokenClient.Configuration
    let interruption: Interruption

    struct Outcome {
        let tally: Tally
        /// Of the machine and the daemon, at the two ends of what was counted.
        let before: Snapshot
        let after: Snapshot
        let countedSeconds: Double
        /// At a fixed rate: calls that were due and that no caller came to make.
        let missedCount: Int?
    }

    /// Makes the calls and waits until all are done. `observe` is asked at both ends of what is counted.
    func run(observe: () -> Snapshot) throws -> Outcome {
        let clients = try connect(settings.connections, configuration)
        let writers = try connect(settings.writers, operatorConfiguration)
        let window = Window(
            // Time for every thread to be there.
            startNanoseconds: Clock.nowNanoseconds + 20_000_000, warmupSeconds: settings.warmupSeconds,
            durationSeconds: settings.durationSeconds)
        let pace = Pace(window, rate: settings.ratePerSecond)
        let callers = callers(clients, writers, pace, window)

        let totals = Mutex((tally: Tally(), pacedCallCount: 0))
        let group = DispatchGroup()
        start(callers, group) { caller in
            totals.withLock { totals in
                totals.tally.add(caller.tally)
                if caller.isPaced { totals.pacedCallCount += caller.tally.callCount }
            }
        }
        wait(until: window.countedFromNanoseconds, window)
        let before = observe()
        wait(until: window.endNanoseconds, window)
        let after = observe()
        group.wait()

        let (tally, pacedCallCount) = totals.withLock { $0 }
        return Outcome(
            tally: tally, before: before, after: after, countedSeconds: window.countedSeconds,
            missedCount: pace.dueCount.map { max(0, $0 - pacedCallCount) })
    }

    /// Clients that are connected, so that no call is timed that has to connect first.
    private func connect(_ count: Int, _ configuration: TokenClient.Configuration) throws -> [TokenClient] {
        try (0..<count).map { _ in
            let client = try TokenClient(configuration)
            guard try client.health() == .serving else { throw Problem(message: "the daemon does not serve now") }
            return client
        }
    }

    private func callers(
        _ clients: [TokenClient], _ writers: [TokenClient], _ pace: Pace, _ window: Window
    ) -> [Caller] {
        var creates = mix
        creates.onlyCreates = true
        let places = clients.flatMap { client in (0..<settings.depth).map { _ in (client, mix, pace) } }
        let closedLoop = Pace(window, rate: nil)
        return (places + writers.map { ($0, creates, closedLoop) }).enumerated().map { number, place in
            Caller(number: number, place.0, place.1, place.2, window)
        }
    }

    private func start(_ callers: [Caller], _ group: DispatchGroup, done: @escaping @Sendable (Caller) -> Void) {
        let threads = settings.taskThreads.map { TaskThreads(count: $0) }
        for caller in callers {
            group.enter()
            if let threads {
                Task.detached(executorPreference: threads) {
                    var caller = caller
                    await caller.runSuspending()
                    done(caller)
                    group.leave()
                }
            } else {
                let thread = Thread {
                    var caller = caller
                    caller.runBlocking()
                    done(caller)
                    group.leave()
                }
                thread.stackSize = 512 << 10
                thread.start()
            }
        }
    }

    /// Sleeps until then, or closes the window when Ctrl-C comes first.
    private func wait(until moment: Int64, _ window: Window) {
        while true {
            let now = Clock.nowNanoseconds
            if interruption.hasCome { window.close(atNanoseconds: now) }
            if now >= moment || now >= window.endNanoseconds { return }
            Clock.sleep(nanoseconds: min(moment - now, 50_000_000))
        }
    }
}
