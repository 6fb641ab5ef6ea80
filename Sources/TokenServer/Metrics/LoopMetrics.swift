import LinuxIO
import TokenCore
import TokenWire

/// What one loop counts: requests and how long they took, outcomes of verification, and who asked. The loop's thread
/// counts; any thread reads.
///
/// The requests of one turn, which are read and answered together, take the time of the turn: what their peer waited for.
final class LoopMetrics: @unchecked Sendable {
    // Sound: `counters` may be read by any thread; what `turn` and `pending` point to is allocated here, freed in deinit, and
    // touched by the loop's thread alone. They are behind pointers because a property of a class costs a check each time.
    let counters = Counters(count: Place.count)
    private let turn: UnsafeMutablePointer<Turn>
    private let pending: UnsafeMutablePointer<UInt64>

    enum Place {
        /// By the raw value of the method.
        static let methodCount = 128
        static let requests = 0
        static let durations = requests + methodCount
        static let outcomes = durations + methodCount * HistogramShape.durations.counterCount
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
            durations + number * HistogramShape.durations.counterCount
        }
    }

    private struct Turn {
        /// CLOCK_MONOTONIC.
        var startedAt: Int64 = 0
        /// The method of the last request, and how many of it came one after the other.
        var method = Place.unknownMethod
        var count: UInt64 = 0
        /// Requests that are counted already.
        var otherCount: UInt64 = 0
        /// `pending` has what came before.
        var isMixed = false
    }

    init() {
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
    /// What was read of one connection is about to be answered.
    func beginTurn() {
        turn.pointee.startedAt = SystemClock.monotonicNanoseconds()
    }

    /// For each request that is not answered in the shortest way.
    func note(_ method: Method) { note(methodNumber: Int(method.rawValue)) }

    func noteUnknownMethod() { note(methodNumber: Place.unknownMethod) }

    private func note(methodNumber number: Int) {
        if turn.pointee.method != number { change(toMethodNumber: number) }
        turn.pointee.count &+= 1
    }

    private func change(toMethodNumber number: Int) {
        if turn.pointee.count > 0 {
            pending[turn.pointee.method] += turn.pointee.count
            turn.pointee.count = 0
            turn.pointee.isMixed = true
        }
        turn.pointee.method = number
    }

    /// The last request is answered later, if at all: its time does not end with the turn.
    func noteIsAnsweredLater() {
        turn.pointee.count -= 1
        turn.pointee.otherCount += 1
        counters.add(1, at: Place.requests + turn.pointee.method)
    }

    /// The requests of the turn have their answers, which are about to be written. Those that were hits in the shortest way
    /// are counted here, and nowhere before.
    func endTurn(hitCount: Int, userPlace: Int) {
        if hitCount > 0 {
            noteCacheHits(UInt64(hitCount))
            change(toMethodNumber: Int(Method.verify.rawValue))
            turn.pointee.count += UInt64(hitCount)
        }
        if turn.pointee.isMixed { change(toMethodNumber: turn.pointee.method) }
        let requestCount = turn.pointee.isMixed ? pendingCount : turn.pointee.count
        if requestCount > 0 {
            let nanoseconds = UInt64(max(SystemClock.monotonicNanoseconds() - turn.pointee.startedAt, 0))
            if turn.pointee.isMixed {
                for number in 0..<Place.methodCount where pending[number] > 0 {
                    record(number, pending[number], nanoseconds)
                    pending[number] = 0
                }
            } else {
                record(turn.pointee.method, requestCount, nanoseconds)
            }
        }
        counters.add(requestCount + turn.pointee.otherCount, at: Place.userRequests + userPlace)
        turn.pointee.count = 0
        turn.pointee.otherCount = 0
        turn.pointee.isMixed = false
    }

    private var pendingCount: UInt64 { (0..<Place.methodCount).reduce(0) { $0 + pending[$1] } }

    private func record(_ method: Int, _ count: UInt64, _ nanoseconds: UInt64) {
        counters.add(count, at: Place.requests + method)
        HistogramShape.durations.record(nanoseconds, count: count, in: counters, at: Place.durations(ofMethod: method))
    }

    /// A request that was answered later has its answer.
    func noteAnswer(to method: Method, begunAt start: Int64) {
        let nanoseconds = UInt64(max(SystemClock.monotonicNanoseconds() - start, 0))
        HistogramShape.durations.record(
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
