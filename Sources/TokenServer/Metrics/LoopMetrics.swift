import LinuxIO
import TokenCore
import TokenWire

/// What one loop counts: requests and how long they took, outcomes of verification, and who asked. The loop's thread
/// counts; any thread reads.
///
/// The requests of one turn, which are read and answered together, take the time of the turn: what their peer waited for.
/// Of turns with nothing but verifications from memory one in sixteen is timed, and those behind it count as long: the
/// clock would take a fifth of the time that it measures.
final class LoopMetrics: @unchecked Sendable {
    // Sound: `counters` may be read by any thread; what `turn` and `pending` point to is allocated here, freed in deinit, and
    // touched by the loop's thread alone. They are behind pointers because a property of a class costs a check each time.
    let counters = Counters(count: Place.count)
    /// Here, because a global value is asked each time whether it has been made.
    private let shape = HistogramShape.durations
    private let turn: UnsafeMutablePointer<Turn>
    private let pending: UnsafeMutablePointer<UInt64>

    enum Place {
        /// By the raw value of the method.
        static let methodCount = 128
        /// Room for a histogram of durations. A number, so that all places are numbers to the compiler.
        static let durationCount = 24
        static let requests = 0
        static let durations = requests + methodCount
        static let outcomes = durations + methodCount * durationCount
        static let outcomeCount = 16
        static let cacheHits = outcomes + outcomeCount
        static let usesReported = cacheHits + 1
        static let users = usesReported + 1
        static let userRequests = users + userCount
        static let count = userRequests + userCount
        /// Users who are counted each by themselves; the last place is for all further ones.
        static let userCount = 64
        /// Of a request that names no method.
        static let unknownMethod = methodCount - 1

        static func durations(ofMethod number: Int) -> Int {
            durations + number * durationCount
        }
    }

    private static let turnsPerTiming = 16

    private struct Turn {
        /// CLOCK_MONOTONIC; 0 in a turn that is not timed so far.
        var startedAt: Int64 = 0
        /// Its time says nothing of those behind it.
        var hasWaited = false
        /// The first is timed.
        var countSinceTiming = turnsPerTiming
        /// What the last timed turn took that had nothing but verifications from memory.
        var nanosecondsOfHits: UInt64 = 0
        /// Without those that were answered in the shortest way; of each method, `pending` has what is to be answered yet.
        var requestCount: UInt64 = 0
        /// Of the last of them.
        var method = Place.unknownMethod
    }

    init() {
        precondition(shape.counterCount <= Place.durationCount)
        turn = .allocate(capacity: 1)
        turn.initialize(to: Turn())
        pending = .allocate(capacity: Place.methodCount)
        pending.initialize(repeating: 0, count: Place.methodCount)
    }

    deinit {
        turn.deallocate()
        pending.deallocate()
    }
}

// MARK: - For the loop's thread

extension LoopMetrics {
    /// What was read of one connection is about to be answered, if it had to wait for that since `readAt`.
    func beginTurn(readAt: Int64? = nil) {
        turn.pointee.hasWaited = readAt != nil
        if let readAt {
            turn.pointee.startedAt = readAt
            return
        }
        turn.pointee.startedAt = 0
        turn.pointee.countSinceTiming += 1
        if turn.pointee.countSinceTiming >= Self.turnsPerTiming { beginTiming() }
    }

    private func beginTiming() {
        turn.pointee.startedAt = SystemClock.monotonicNanoseconds()
        turn.pointee.countSinceTiming = 0
    }

    private var elapsedNanoseconds: UInt64 {
        UInt64(max(SystemClock.monotonicNanoseconds() - turn.pointee.startedAt, 0))
    }

    /// For each request that is not answered in the shortest way.
    func note(_ method: Method) { note(methodNumber: Int(method.rawValue)) }

    func noteUnknownMethod() { note(methodNumber: Place.unknownMethod) }

    private func note(methodNumber number: Int) {
        if turn.pointee.startedAt == 0 { beginTiming() }
        turn.pointee.method = number
        turn.pointee.requestCount += 1
        pending[number] += 1
    }

    /// The last request is answered later, if at all: its time does not end with the turn.
    func noteIsAnsweredLater() {
        pending[turn.pointee.method] -= 1
        counters.add(1, at: Place.requests + turn.pointee.method)
    }

    /// The requests of the turn have their answers, which are about to be written. Those that were hits in the shortest way
    /// are counted here, and nowhere before.
    func endTurn(hitCount: Int, userPlace: Int) {
        let (hits, others) = (UInt64(hitCount), turn.pointee.requestCount)
        if hits + others == 0 { return }
        let nanoseconds = turn.pointee.startedAt == 0 ? turn.pointee.nanosecondsOfHits : elapsedNanoseconds
        if others == 0 && !turn.pointee.hasWaited { turn.pointee.nanosecondsOfHits = nanoseconds }
        counters.add(hits + others, at: Place.userRequests + userPlace)
        if hits > 0 {
            noteCacheHits(hits)
            record(Int(Method.verify.rawValue), hits, nanoseconds)
        }
        if others > 0 { endOthers(nanoseconds) }
    }

    private func endOthers(_ nanoseconds: UInt64) {
        turn.pointee.requestCount = 0
        for number in 0..<Place.methodCount where pending[number] > 0 {
            record(number, pending[number], nanoseconds)
            pending[number] = 0
        }
    }

    private func record(_ method: Int, _ count: UInt64, _ nanoseconds: UInt64) {
        counters.add(count, at: Place.requests + method)
        shape.record(nanoseconds, count: count, in: counters, at: Place.durations(ofMethod: method))
    }

    /// A request that was answered later has its answer.
    func noteAnswer(to method: Method, begunAt start: Int64) {
        let nanoseconds = UInt64(max(SystemClock.monotonicNanoseconds() - start, 0))
        shape.record(
            nanoseconds, in: counters, at: Place.durations(ofMethod: Int(method.rawValue)))
    }

    /// A verification that was not answered from the loop's memory.
    func note(_ outcome: TokenWire.VerifyOutcome) {
        counters.add(1, at: Place.outcomes + Int(outcome.rawValue) % Place.outcomeCount)
    }

    /// Verifications that were: their outcome is valid.
    func noteCacheHits(_ count: UInt64) {
        counters.add(count, at: Place.cacheHits)
    }

    func noteUsesReported(_ count: UInt64) {
        counters.add(count, at: Place.usesReported)
    }

    /// Where a user's requests are counted, from now on.
    func place(ofUser userID: UInt32) -> Int {
        // 0 is a place that nobody has.
        let name = UInt64(userID) + 1
        for place in 0..<Place.userCount - 1 {
            let owner = counters.value(at: Place.users + place)
            if owner == name { return place }
            if owner == 0 {
                counters.add(name, at: Place.users + place)
                return place
            }
        }
        return Place.userCount - 1
    }
}

// MARK: - For any thread

extension LoopMetrics {
    var cacheHitCount: UInt64 { counters.value(at: Place.cacheHits) }

    var verificationCount: UInt64 {
        (0..<Place.outcomeCount).reduce(cacheHitCount) { $0 &+ counters.value(at: Place.outcomes + $1) }
    }

    /// The last is that of all who have no place of their own.
    var requestCountsByUser: [(user: UInt32?, count: UInt64)] {
        (0..<Place.userCount).compactMap { place in
            let name = counters.value(at: Place.users + place)
            let count = counters.value(at: Place.userRequests + place)
            if place == Place.userCount - 1 { return (nil, count) }
            return name == 0 ? nil : (UInt32(truncatingIfNeeded: name - 1), count)
        }
    }
}
