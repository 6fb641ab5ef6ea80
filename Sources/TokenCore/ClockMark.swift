/// What time it is at least, so that a wall clock set back revives nothing that has expired, and one that is wrong for a
/// while kills nothing for good.
///
/// Expiry is judged at `max(mark, wall clock)`. The mark is the latest time that is believed; it only rises, and is kept
/// with the store. Time passes as CLOCK_BOOTTIME says, which nobody sets: a wall clock that runs along with it is believed
/// at once. One that steps by more than five minutes against it is believed after it has stayed so for an hour; until then
/// the mark goes on as if the step had not been. So a boot in 2099 lets tokens expire for as long as the clock says 2099,
/// and no longer, unless that lasts an hour.
///
/// A step is measured against the time last believed. At a start, that is the mark that was kept: after a long stop too
/// the wall clock enters the mark only an hour later. That costs nothing, because it is judged by at once.
package struct ClockMark: Sendable, Equatable {
    package static let stepMicrosecondsMax: Int64 = 5 * 60 * 1_000_000
    package static let probationMicroseconds: Int64 = 60 * 60 * 1_000_000

    /// The latest time that is believed. Never falls.
    package private(set) var mark: Instant
    /// What is added to CLOCK_BOOTTIME, in microseconds, for the time that is believed.
    private var offset: Int64
    private var candidate: Candidate?

    /// A step of the wall clock that is not believed yet.
    private struct Candidate: Equatable {
        /// As the believed one, with the step.
        var offset: Int64
        /// When it was first seen, on CLOCK_BOOTTIME.
        var since: Int64
    }

    /// - Parameters:
    ///   - mark: The one that was kept.
    ///   - wall: The wall clock now.
    ///   - boottime: CLOCK_BOOTTIME now, in microseconds; what it was before a reboot does not matter.
    package init(mark: Instant, wall: Instant, boottime: Int64) {
        self.mark = mark
        offset = mark.microseconds - boottime
        observe(wall: wall, boottime: boottime)
    }

    /// Takes notice of both clocks, and gives the instant by which everything is judged now.
    @discardableResult
    package mutating func observe(wall: Instant, boottime: Int64) -> Instant {
        let seen = wall.microseconds - boottime
        if isStep(from: offset, to: seen) {
            consider(seen, boottime)
        } else {
            candidate = nil
            offset = seen
        }
        mark = max(mark, Instant(microseconds: boottime + offset))
        return max(mark, wall)
    }

    private mutating func consider(_ seen: Int64, _ boottime: Int64) {
        guard let found = candidate, !isStep(from: found.offset, to: seen) else {
            candidate = Candidate(offset: seen, since: boottime)
            return
        }
        if boottime - found.since >= Self.probationMicroseconds {
            // What has passed until now has passed, also when the clock that is believed from now on is behind.
            mark = max(mark, Instant(microseconds: boottime + offset))
            offset = seen
            candidate = nil
        }
    }

    private func isStep(from believed: Int64, to seen: Int64) -> Bool {
        let difference = believed < seen ? seen - believed : believed - seen
        return difference > Self.stepMicrosecondsMax
    }
}
