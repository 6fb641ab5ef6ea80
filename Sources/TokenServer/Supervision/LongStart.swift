import LinuxIO
import Synchronization

/// Has the service manager wait for a start that takes long: after a crash SQLite reads a log of up to gigabytes before
/// the store is open.
///
/// The wait is bounded, so that a start that hangs is ended and tried again.
final class LongStart: Sendable {
    private static let extensionSeconds = 30

    private let waker: BlockingWaker
    private let isOver = Atomic(false)
    private let thread = Mutex<PosixThread?>(nil)

    /// None without anybody to tell.
    init?(
        _ reporter: ServiceReporter, of what: String, every interval: Duration = .seconds(10),
        atMost limit: Duration = .seconds(900)
    ) {
        guard reporter.hasListener, let made = try? BlockingWaker() else { return nil }
        waker = made
        let roundCount = Int(limit / interval)
        let intervalMilliseconds = Int32(clamping: interval.nanoseconds / 1_000_000)
        thread.withLock {
            $0 = try? PosixThread(name: "tokend-start") { [self] in
                for round in 1...max(roundCount, 1) {
                    if waker.wait(atMostMilliseconds: intervalMilliseconds) || isOver.load(ordering: .acquiring) {
                        return
                    }
                    let seconds = (interval * round).components.seconds
                    reporter.starting(
                        extendedBy: .seconds(Self.extensionSeconds), status: "\(what), for \(seconds) s")
                }
            }
        }
    }

    func end() {
        isOver.store(true, ordering: .releasing)
        waker.wake()
        thread.withLock { $0.take() }?.join()
    }
}
