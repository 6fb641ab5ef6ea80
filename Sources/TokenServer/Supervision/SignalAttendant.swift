import Glibc
import LinuxIO
import Synchronization

/// Obeys the process's signals on a thread of its own, so that a second one is seen while the first is being obeyed. See
/// signal(7).
///
/// SIGTERM and SIGINT drain: calls in flight are answered. A second one ends at once. One that comes while the store is
/// opened ends the process, which has promised nothing yet: it may take minutes. SIGHUP has the configuration read again.
final class SignalAttendant: Sendable {
    private static let idleNanoseconds: Int64 = 3_600 * 1_000_000_000

    private struct State {
        /// None before the daemon serves.
        var server: Server?
        /// There is a server, or soon will be: what comes until it is known here is obeyed then.
        var isServerStarting = false
        var isEndWanted = false
        /// Called once an hour.
        var whenHourIsOver: @Sendable () -> Void = {}
        var isReloadWanted = false
        var isDraining = false
    }

    let exitCode = PendingExitCode()
    private let signals: Signals
    private let log: Log
    private let reporter: ServiceReporter
    private let state = Mutex(State())

    init(_ signals: Signals, _ log: Log, _ reporter: ServiceReporter) throws(SystemError) {
        self.signals = signals
        self.log = log
        self.reporter = reporter
        _ = try PosixThread(name: "tokend-signals") { self.run() }
    }

    /// From now on calls may have been taken. What came before ends the process at once, however late this one's thread runs.
    func expectServer() {
        while let number = signals.next(until: 0) { obey(number) }
        state.withLock { $0.isServerStarting = true }
    }

    /// The daemon serves.
    func attend(to server: Server, whenHourIsOver: @escaping @Sendable () -> Void) {
        let (isReloadWanted, isEndWanted) = state.withLock { state in
            state.server = server
            state.whenHourIsOver = whenHourIsOver
            state.isDraining = state.isEndWanted
            return (state.isReloadWanted, state.isEndWanted)
        }
        if isReloadWanted { server.reload() }
        // Of a failure too, which asked for an end that nobody could give.
        if isEndWanted || exitCode.value != 0 { end(server, isFirst: true) }
    }

    private func run() {
        var nextHour = SystemClock.monotonicNanoseconds() + Self.idleNanoseconds
        while true {
            if let number = signals.next(until: nextHour) {
                obey(number)
            } else {
                state.withLock { $0.whenHourIsOver }()
                nextHour += Self.idleNanoseconds
            }
        }
    }

    private func obey(_ number: Int32) {
        if number == SIGHUP { return reload() }
        let (server, isFirst, isStarting) = state.withLock { state in
            defer { state.isDraining = state.server != nil }
            if state.server == nil { state.isEndWanted = true }
            return (state.server, !state.isDraining, state.isServerStarting)
        }
        if let server {
            end(server, isFirst: isFirst)
        } else if !isStarting && exitCode.value == 0 {
            // The daemon's own failure is told as such by whoever opens the store.
            end(by: number)
        }
    }

    private func end(_ server: Server, isFirst: Bool) {
        if isFirst && exitCode.value == 0 {
            log.write(.info, "stopping: calls in flight are answered")
            reporter.stopping("Answering the calls in flight")
            server.drain()
        } else {
            reporter.stopping("Ending at once")
            server.stop()
        }
    }

    private func reload() {
        let (server, isDraining) = state.withLock { state in
            if state.server == nil { state.isReloadWanted = true }
            return (state.server, state.isDraining)
        }
        if isDraining {
            log.write(.info, "SIGHUP is ignored: the daemon is stopping")
        } else {
            server?.reload()
        }
    }

    private func end(by number: Int32) {
        log.write(.info, "ending before the daemon serves")
        reporter.stopping("Ending before it serves")
        log.close()
        Signals.end(by: number)
    }
}

/// What the process will exit with.
final class PendingExitCode: Sendable {
    private let code = Atomic<Int32>(0)

    var value: Int32 { code.load(ordering: .acquiring) }

    func set(_ code: ExitCode) {
        self.code.store(code.rawValue, ordering: .releasing)
    }
}
