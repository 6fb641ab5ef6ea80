package import LinuxIO
import Synchronization

/// What the service manager hears of the daemon, and `systemctl status` shows. Without a service manager: nothing.
package final class ServiceReporter: Sendable {
    /// The service manager restarts a daemon that has shown no sign of life for so long.
    let watchdogInterval: Duration?
    private let notifier: ServiceNotifier?
    private let isStopping = Atomic(false)
    /// READY did not get through, as when systemd's queue is full while a host boots. systemd would wait for ever.
    private let owesReady = Atomic(false)
    /// What was wrong when the configuration was read again.
    private let configurationProblem = Mutex<String?>(nil)
    /// What of the daemon is gone while it serves.
    private let loss = Mutex<String?>(nil)
    /// Why the daemon ends by itself.
    private let failure = Mutex<String?>(nil)

    package init(_ environment: ServiceEnvironment = ServiceEnvironment(), log: Log) {
        var notifier: ServiceNotifier?
        if let socket = environment.notifySocket {
            do throws(SystemError) {
                notifier = try ServiceNotifier(socket: socket)
            } catch {
                log.write(
                    .warning, "the service manager hears nothing: NOTIFY_SOCKET can't be used",
                    ["socket": socket, "error": error.description])
            }
        }
        self.notifier = notifier
        watchdogInterval = notifier == nil ? nil : environment.watchdogMicroseconds.map { Duration.microseconds($0) }
    }

    var hasListener: Bool { notifier != nil }

    /// The start goes on, and may take so much longer from now on.
    func starting(extendedBy duration: Duration, status: String) {
        notifier?.tell([.extendTimeout(microseconds: duration.nanoseconds / 1_000), .status(status)])
    }

    package func ready() {
        tellReady(status: "Serving")
    }

    func reloading() {
        if isStopping.load(ordering: .acquiring) { return }
        let now = SystemClock.monotonicNanoseconds() / 1_000
        notifier?.tell([.reloading(monotonicMicroseconds: now), .status("Reading the configuration again")])
    }

    /// Said in both cases: the daemon serves by a configuration, the new one or the old one.
    func reloaded(problem: String?) {
        configurationProblem.withLock { $0 = problem }
        if isStopping.load(ordering: .acquiring) { return }
        tellReady(status: problem == nil ? "Serving, the configuration was read again" : "Serving")
    }

    package func stopping(_ reason: String) {
        isStopping.store(true, ordering: .releasing)
        notifier?.tell([.stopping, .status(failure.withLock { $0 } ?? reason)])
    }

    /// Why there is no daemon, or will be none: nothing else is heard of it from here on.
    package func failed(_ reason: String) {
        failure.withLock { $0 = reason }
        isStopping.store(true, ordering: .releasing)
        notifier?.tell([.status(reason)])
    }

    /// Told at once, and with all that follows.
    func lost(_ problem: String?) {
        loss.withLock { $0 = problem }
        serving("Serving")
    }

    func serving(_ status: String) {
        if isStopping.load(ordering: .acquiring) { return }
        if owesReady.load(ordering: .acquiring) {
            tellReady(status: status)
        } else {
            notifier?.tell([.status(full(status))])
        }
    }

    func showSignOfLife() {
        notifier?.tell([.watchdog])
    }

    private func tellReady(status: String) {
        let isTaken = notifier?.tell([.ready, .status(full(status))]) ?? true
        owesReady.store(!isTaken, ordering: .releasing)
    }

    private func full(_ status: String) -> String {
        let refused = configurationProblem.withLock { $0 }.map {
            "the configuration was refused and stays as it was: \($0)"
        }
        return [status, loss.withLock { $0 }, refused].compactMap(\.self).joined(separator: "; ")
    }
}
