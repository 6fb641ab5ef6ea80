import Glibc

/// What a service manager tells a process by its environment, see systemd.exec(5).
package struct ServiceEnvironment: Sendable, Equatable {
    /// NOTIFY_SOCKET: where the messages of sd_notify(3) go.
    package var notifySocket: String?
    /// WATCHDOG_USEC, unless WATCHDOG_PID is another process: a sign of life is expected at least so often.
    package var watchdogMicroseconds: Int64?
    /// LISTEN_PID, LISTEN_FDS and LISTEN_FDNAMES as they stand there, for `ActivatedSockets`.
    package var listenProcessID: String?
    package var listenCount: String?
    package var listenNames: String?

    package init() {}

    /// Reads the variables and removes them, so that no child takes for its own what was said to this process.
    ///
    /// Call it before any thread exists: unsetenv(3) must not run beside somebody who reads the environment.
    package static func take() -> ServiceEnvironment {
        func take(_ name: String) -> String? {
            guard let value = getenv(name) else { return nil }
            let text = String(cString: value)
            unsetenv(name)
            return text
        }
        var environment = ServiceEnvironment()
        environment.notifySocket = take("NOTIFY_SOCKET")
        environment.watchdogMicroseconds = watchdogMicroseconds(
            take("WATCHDOG_USEC"), for: take("WATCHDOG_PID"), processID: getpid())
        environment.listenProcessID = take("LISTEN_PID")
        environment.listenCount = take("LISTEN_FDS")
        environment.listenNames = take("LISTEN_FDNAMES")
        return environment
    }

    /// As sd_watchdog_enabled(3) reads them.
    package static func watchdogMicroseconds(_ interval: String?, for watched: String?, processID: Int32) -> Int64? {
        if let watched, Int32(watched) != processID { return nil }
        guard let interval, let microseconds = Int64(interval), microseconds > 0 else { return nil }
        return microseconds
    }
}
