import Glibc
import Synchronization

/// The time in which calls are made, and the part of it that counts: the warm-up before does not.
final class Window: Sendable {
    let startNanoseconds: Int64
    let countedFromNanoseconds: Int64
    private let end: Atomic<Int64>

    init(startNanoseconds: Int64, warmupSeconds: Double, durationSeconds: Double) {
        self.startNanoseconds = startNanoseconds
        countedFromNanoseconds = startNanoseconds + Int64(warmupSeconds * 1e9)
        end = Atomic(countedFromNanoseconds + Int64(durationSeconds * 1e9))
    }

    /// No call begins at this time or later.
    var endNanoseconds: Int64 { end.load(ordering: .relaxed) }

    var countedSeconds: Double { Double(max(0, endNanoseconds - countedFromNanoseconds)) / 1e9 }

    /// Ends the window before its time.
    func close(atNanoseconds now: Int64) {
        _ = end.min(max(now, countedFromNanoseconds), ordering: .relaxed)
    }

    func counts(_ nanoseconds: Int64) -> Bool {
        nanoseconds >= countedFromNanoseconds && nanoseconds < endNanoseconds
    }
}

/// CLOCK_MONOTONIC. See clock_gettime(2).
enum Clock {
    static var nowNanoseconds: Int64 {
        var time = timespec()
        clock_gettime(CLOCK_MONOTONIC, &time)
        return Int64(time.tv_sec) * 1_000_000_000 + Int64(time.tv_nsec)
    }

    static func sleep(nanoseconds: Int64) {
        var time = timespec(tv_sec: Int(nanoseconds / 1_000_000_000), tv_nsec: Int(nanoseconds % 1_000_000_000))
        // Woken early it returns early: whoever waits looks at the time again.
        nanosleep(&time, nil)
    }
}
