import LinuxIO
import Synchronization
import TokenCore

/// What the log's thread does.
struct LogWriter: Sendable {
    let queue: LogQueue
    let settings: LogSettingsInForce
    let output: LogOutput
    let hasEnded: LogEnd

    func run() {
        while let batch = queue.take() {
            for event in batch.events { write(event) }
            // They came when the queue was full, so after what was in it.
            if batch.droppedCount > 0 {
                write(
                    LogEvent(
                        at: Instant(microseconds: SystemClock.realtimeMicroseconds()), .warning,
                        "events were dropped: the log was not read fast enough",
                        ["count": String(batch.droppedCount)]))
            }
        }
        hasEnded.note()
    }

    private func write(_ event: LogEvent) {
        if !output.write(event, as: settings.format) { queue.noteDropped() }
    }
}

/// That the log's thread has written all there was.
final class LogEnd: Sendable {
    private let waker: BlockingWaker

    init() throws(SystemError) {
        waker = try BlockingWaker()
    }

    func note() { waker.wake() }

    func wait(atMostMilliseconds limit: Int32) { _ = waker.wait(atMostMilliseconds: limit) }
}

/// The settings as a reload leaves them, for all threads.
final class LogSettingsInForce: Sendable {
    private let formatNumber: Atomic<UInt8>
    private let levelNumber: Atomic<UInt8>

    init(_ settings: LogSettings) {
        formatNumber = Atomic(settings.format.rawValue)
        levelNumber = Atomic(settings.level.rawValue)
    }

    var format: LogFormat { LogFormat(rawValue: formatNumber.load(ordering: .relaxed)) ?? .auto }
    var level: LogLevel { LogLevel(rawValue: levelNumber.load(ordering: .relaxed)) ?? .info }

    func replace(with settings: LogSettings) {
        formatNumber.store(settings.format.rawValue, ordering: .relaxed)
        levelNumber.store(settings.level.rawValue, ordering: .relaxed)
    }
}
