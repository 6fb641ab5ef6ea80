import Glibc
import Synchronization

/// When callers make their calls.
///
/// In a closed loop each makes its next call once the last is answered. At a fixed rate each call is due at a time that
/// was set before: callers take the times one after the other, and one that comes late still counts from when it was
/// due. Otherwise a daemon that stalls would hold back the very calls that would have shown it (coordinated omission).
final class Pace: Sendable {
    private let window: Window
    /// Calls a second of all callers together; nil in a closed loop.
    private let rate: Double?
    private let next = Atomic(0)

    /// A sleep ends late by so much as a rule: the rest of the time is waited for awake.
    private static let awakeNanoseconds: Int64 = 100_000
    /// How long nobody looks at whether the window was closed.
    private static let sleepNanosecondsMax: Int64 = 50_000_000

    init(_ window: Window, rate: Double?) {
        self.window = window
        self.rate = rate
    }

    var isFixed: Bool { rate != nil }

    enum Moment {
        /// The call is due, at a time not in the future.
        case now(dueNanoseconds: Int64)
        case sleep(nanoseconds: Int64)
        /// Not worth a sleep.
        case yield
        case never
    }

    /// Takes the next time; nil in a closed loop, where every time is good.
    func take() -> Int64? {
        guard let rate else { return nil }
        return dueNanoseconds(next.add(1, ordering: .relaxed).oldValue, rate)
    }

    private func dueNanoseconds(_ place: Int, _ rate: Double) -> Int64 {
        window.startNanoseconds + Int64(Double(place) / rate * 1e9)
    }

    /// What a caller does that took this time.
    func moment(for due: Int64?, nowNanoseconds now: Int64) -> Moment {
        if now >= window.endNanoseconds { return .never }
        let due = due ?? max(now, window.startNanoseconds)
        if due >= window.endNanoseconds { return .never }
        let left = due - now
        if left <= 0 { return .now(dueNanoseconds: due) }
        if left <= Self.awakeNanoseconds { return .yield }
        return .sleep(nanoseconds: min(left - Self.awakeNanoseconds, Self.sleepNanosecondsMax))
    }

    /// Waits on this thread until the time has come and tells it; nil when no more calls are to be made.
    func wait() -> Int64? {
        let due = take()
        while true {
            switch moment(for: due, nowNanoseconds: Clock.nowNanoseconds) {
            case .now(let due): return due
            case .sleep(let nanoseconds): Clock.sleep(nanoseconds: nanoseconds)
            case .yield: sched_yield()
            case .never: return nil
            }
        }
    }

    /// The form of `wait` for tasks.
    func wait() async -> Int64? {
        let due = take()
        while true {
            switch moment(for: due, nowNanoseconds: Clock.nowNanoseconds) {
            case .now(let due): return due
            case .sleep(let nanoseconds): try? await Task.sleep(nanoseconds: UInt64(nanoseconds))
            case .yield: await Task.yield()
            case .never: return nil
            }
        }
    }

    /// How many calls were due in the part of the window that counts; nil in a closed loop.
    var dueCount: Int? {
        rate.map { firstPlace(from: window.endNanoseconds, $0) - firstPlace(from: window.countedFromNanoseconds, $0) }
    }

    /// The first call that is due at this time or later.
    private func firstPlace(from moment: Int64, _ rate: Double) -> Int {
        // Rounding may lead one too far, and then some calls would be missed that were none.
        var place = max(0, Int(Double(moment - window.startNanoseconds) / 1e9 * rate) - 1)
        while dueNanoseconds(place, rate) < moment { place += 1 }
        return place
    }
}
