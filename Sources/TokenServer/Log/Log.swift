package import LinuxIO
import Synchronization
import TokenCore

/// The daemon's log: one event a line. It never holds a secret.
///
/// Whoever logs never waits for whoever reads the log: a thread of its own writes what a queue of bounded size holds. What
/// does not fit is dropped, and an event tells how many were, once there is room again.
package final class Log: Sendable {
    /// A message that could come with every connection is written once in so many nanoseconds.
    private static let limitedIntervalNanoseconds: Int64 = 60_000_000_000

    private let queue: LogQueue
    private let settings: LogSettingsInForce
    private let lastWritten = Mutex<[String: Int64]>([:])
    private let hasEnded: LogEnd

    package init(
        _ settings: LogSettings = LogSettings(), output: LogOutput = .standardError()
    ) throws(SystemError) {
        queue = try LogQueue()
        hasEnded = try LogEnd()
        self.settings = LogSettingsInForce(settings)
        // The thread has what it needs and not the log itself, so that a log that nobody has any more ends it.
        let writer = LogWriter(queue: queue, settings: self.settings, output: output, hasEnded: hasEnded)
        _ = try PosixThread(name: "tokend-log") { writer.run() }
    }

    deinit { queue.close() }

    /// How many events were lost because nobody read the log fast enough.
    var droppedEventCount: UInt64 { queue.droppedCount }

    /// Whether events of this level are written: asked before an event is made that costs something.
    func writes(_ level: LogLevel) -> Bool { level >= settings.level }

    package func write(
        _ level: LogLevel, _ message: String, _ fields: KeyValuePairs<StaticString, String> = [:]
    ) {
        if !writes(level) { return }
        queue.add(LogEvent(at: Instant(microseconds: SystemClock.realtimeMicroseconds()), level, message, fields))
    }

    /// At most once a minute for each message; what is more has the level of debugging.
    package func limited(
        _ level: LogLevel, _ message: String, _ fields: KeyValuePairs<StaticString, String> = [:]
    ) {
        let now = SystemClock.monotonicNanoseconds()
        let isDue = lastWritten.withLock { last in
            if let before = last[message], now - before < Self.limitedIntervalNanoseconds { return false }
            last[message] = now
            return true
        }
        write(isDue ? level : .debug, message, fields)
    }

    package func adopt(_ settings: LogSettings) {
        self.settings.replace(with: settings)
    }

    /// Has everything written that was logged, but waits no longer than so: a reader that is stuck shall not keep the daemon.
    package func close(waitingAtMostMilliseconds limit: Int32 = ServerLimits.logFlushMilliseconds) {
        queue.close()
        hasEnded.wait(atMostMilliseconds: limit)
    }
}
