import Foundation
import Synchronization
import TokenClient

/// Threads that verify tokens of which a verifier knows all: what the service itself pays.
final class HitLoop: Sendable {
    private static let batchHitCount = 256
    private static let orderCount = 1 << 18

    private let verifier: TokenVerifier
    private let tokens: [String]
    /// Places in `tokens` by chance, so that the next one's entry is in none of the processor's caches sooner than it would be
    /// for a service.
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
        /// From the first thread's start to the last one's end.
        var seconds = 0.0
        /// Of batches of `batchHitCount` hits, the nanoseconds of each divided by that.
        var batches = Histogram()
        /// Of all answers, those that the verifier had to ask the daemon for.
        var askedShare = 0.0
    }

    init(_ verifier: TokenVerifier, tokens: [String], requiredScopes: [String], wantsAll: Bool) {
        self.verifier = verifier
        self.tokens = tokens
        var random = SplitMix64(state: UInt64(tokens.count))
        order = (0..<Self.orderCount).map { _ in Int.random(in: tokens.indices, using: &random) }
        self.requiredScopes = requiredScopes
        self.wantsAll = wantsAll
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
        let start = Clock.nowNanoseconds
        for number in 0..<threads {
            group.enter()
            Thread { [self] in
                let outcome = run(from: number * order.count / threads, extent)
                total.withLock { total in
                    total.hitCount += outcome.hitCount
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
        outcome.seconds = Double(Clock.nowNanoseconds - start) / 1e9
        let after = verifier.statistics
        let askedCount = after.missCount + after.fallbackCount - before.missCount - before.fallbackCount
        outcome.askedShare = outcome.hitCount > 0 ? Double(askedCount) / Double(outcome.hitCount) : 0
        return outcome
    }

    private func run(from place: Int, _ extent: Extent) -> Outcome {
        var outcome = Outcome()
        var place = place
        var now = Clock.nowNanoseconds
        var (end, hitCountMax) = (Int64.max, Int.max)
        switch extent {
        case .seconds(let seconds): end = now + Int64(seconds * 1e9)
        case .hits(let count): hitCountMax = count
        }
        while now < end && outcome.hitCount < hitCountMax && !isOver.load(ordering: .relaxed) {
            let count = min(Self.batchHitCount, hitCountMax - outcome.hitCount)
            outcome.refusedCount += wantsAll ? verifyAll(count, from: place) : judge(count, from: place)
            let later = Clock.nowNanoseconds
            outcome.batches.record(nanoseconds: UInt64(later - now) / UInt64(count))
            outcome.hitCount += count
            place += count
            now = later
        }
        return outcome
    }

    /// Returns how many were refused.
    private func judge(_ count: Int, from place: Int) -> Int {
        var refusedCount = 0
        for offset in 0..<count {
            let token = tokens[order[(place + offset) & (Self.orderCount - 1)]]
            if (try? verifier.outcome(of: token, requiring: requiredScopes)) != .valid { refusedCount += 1 }
        }
        return refusedCount
    }

    private func verifyAll(_ count: Int, from place: Int) -> Int {
        var refusedCount = 0
        for offset in 0..<count {
            let token = tokens[order[(place + offset) & (Self.orderCount - 1)]]
            if (try? verifier.verify(token, requiring: requiredScopes))?.isValid != true { refusedCount += 1 }
        }
        return refusedCount
    }
}
