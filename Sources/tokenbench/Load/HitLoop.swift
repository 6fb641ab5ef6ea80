import Foundation
import Synchronization
import TokenClient

/// Threads that verify tokens of which a verifier knows all: what the service itself pays.
final class HitLoop: Sendable {
    private static let batchHitCount = 256
    private static let orderCountMin = 1 << 18

    private let verifier: TokenVerifier
    private let tokens: [String]
    /// Places in `tokens` by chance, so that the next one's entry is in none of the processor's caches sooner than it would be
    /// for a service. All of them are there, and each as often as the others.
    private let order: [Int]
    private let requiredScopes: [String]
    /// Whether all of the answer is wanted, or its outcome alone.
    private let wantsAll: Bool
    private let isOver = Atomic(false)

    /// How much each thread does.
    enum Extent {
        case seconds(Double)
        case hits(Int)
    }

    struct Outcome {
        var hitCount = 0
        /// Answers that were not VALID.
        var refusedCount = 0
        /// Of all threads together, each by its own time.
        var hitsPerSecond = 0.0
        /// Of batches of `batchHitCount` hits, the nanoseconds of each divided by that.
        var batches = Histogram()
        /// Of all answers, those that the verifier had to ask the daemon for.
        var askedShare = 0.0
    }

    init(_ verifier: TokenVerifier, tokens: [String], requiredScopes: [String], wantsAll: Bool) {
        self.verifier = verifier
        self.tokens = tokens
        order = Self.order(tokenCount: tokens.count)
        self.requiredScopes = requiredScopes
        self.wantsAll = wantsAll
    }

    /// Few tokens come several times, each time in another order.
    static func order(tokenCount: Int) -> [Int] {
        var random = SplitMix64(state: UInt64(tokenCount))
        var order: [Int] = []
        repeat { order += (0..<tokenCount).shuffled(using: &random) } while order.count < orderCountMin
        return order
    }

    /// Has the verifier ask for each token, so that it knows them all.
    func warmUp() throws {
        for token in tokens where try verifier.outcome(of: token, requiring: requiredScopes) != .valid {
            throw Problem(
                message: "the daemon does not find all of the tokens valid; give others", exitCode: .invalidData)
        }
    }

    /// Hits on so many threads at once, until an interruption comes at the latest.
    func run(threads: Int, _ extent: Extent, _ interruption: Interruption) -> Outcome {
        let total = Mutex(Outcome())
        let before = verifier.statistics
        let group = DispatchGroup()
        for number in 0..<threads {
            group.enter()
            Thread { [self] in
                let outcome = run(from: number * order.count / threads, extent)
                total.withLock { total in
                    total.hitCount += outcome.hitCount
                    total.hitsPerSecond += outcome.hitsPerSecond
                    total.refusedCount += outcome.refusedCount
                    total.batches.add(outcome.batches)
                }
                group.leave()
            }.start()
        }
        while group.wait(timeout: .now() + .milliseconds(50)) == .timedOut {
            if interruption.hasCome { isOver.store(true, ordering: .relaxed) }
        }
        var outcome = total.withLock { $0 }
        let after = verifier.statistics
        let askedCount = after.missCount + after.fallbackCount - before.missCount - before.fallbackCount
        outcome.askedShare = outcome.hitCount > 0 ? Double(askedCount) / Double(outcome.hitCount) : 0
        return outcome
    }

    private func run(from place: Int, _ extent: Extent) -> Outcome {
        // As in a service, each thread has texts of its own: references to one are counted by all threads that use it.
        let tokens = tokens.map { String(decoding: Array($0.utf8), as: UTF8.self) }
        var outcome = Outcome()
        var place = place
        let start = Clock.nowNanoseconds
        var now = start
        var (end, hitCountMax) = (Int64.max, Int.max)
        switch extent {
        case .seconds(let seconds): end = start + Int64(seconds * 1e9)
        case .hits(let count): hitCountMax = count
        }
        while now < end && outcome.hitCount < hitCountMax && !isOver.load(ordering: .relaxed) {
            let count = min(Self.batchHitCount, hitCountMax - outcome.hitCount)
            outcome.refusedCount += wantsAll ? verifyAll(tokens, count, &place) : judge(tokens, count, &place)
            let later = Clock.nowNanoseconds
            outcome.batches.record(nanoseconds: UInt64(later - now) / UInt64(count))
            outcome.hitCount += count
            now = later
        }
        if now > start { outcome.hitsPerSecond = Double(outcome.hitCount) / Double(now - start) * 1e9 }
        return outcome
    }

    /// The next of the tokens: behind the end of the order it begins again.
    private func next(_ tokens: [String], _ place: inout Int) -> String {
        let token = tokens[order[place]]
        place = place + 1 == order.count ? 0 : place + 1
        return token
    }

    /// Returns how many were refused.
    private func judge(_ tokens: [String], _ count: Int, _ place: inout Int) -> Int {
        var refusedCount = 0
        for _ in 0..<count {
            let token = next(tokens, &place)
            if (try? verifier.outcome(of: token, requiring: requiredScopes)) != .valid { refusedCount += 1 }
        }
        return refusedCount
    }

    private func verifyAll(_ tokens: [String], _ count: Int, _ place: inout Int) -> Int {
        var refusedCount = 0
        for _ in 0..<count {
            let token = next(tokens, &place)
            if (try? verifier.verify(token, requiring: requiredScopes))?.isValid != true { refusedCount += 1 }
        }
        return refusedCount
    }
}
