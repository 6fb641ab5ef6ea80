import Testing

@testable import tokenbench

@Suite("Pace") struct PaceTests {
    let window = Window(startNanoseconds: 1_000_000_000, warmupSeconds: 1, durationSeconds: 2)

    private func due(_ pace: Pace, at now: Int64) -> Int64? {
        if case .now(let due) = pace.moment(for: pace.take(), nowNanoseconds: now) { due } else { nil }
    }

    @Test func aCallAtAFixedRateCountsFromWhenItWasDueHoweverLateItIs() {
        let pace = Pace(window, rate: 1_000)
        // One caller that was held up until 500 ms after the start, and is late for every call that was due meanwhile.
        let late: Int64 = 1_500_000_000
        #expect(
            (0..<4).map { _ in due(pace, at: late) } == [1_000_000_000, 1_001_000_000, 1_002_000_000, 1_003_000_000])
    }

    @Test func inAClosedLoopACallIsDueWhenItIsMade() {
        let pace = Pace(window, rate: nil)
        #expect(due(pace, at: 1_234_567_890) == 1_234_567_890)
        #expect(!pace.isFixed && pace.dueCount == nil)
    }

    @Test func nobodyCallsBeforeTheTimeOrFromTheEndOn() {
        let pace = Pace(window, rate: 1_000)
        guard case .sleep = pace.moment(for: 2_000_000_000, nowNanoseconds: 1_990_000_000) else {
            Issue.record("there are 10 ms to sleep")
            return
        }
        guard case .never = pace.moment(for: 3_999_000_000, nowNanoseconds: window.endNanoseconds) else {
            Issue.record("a call that was due and not made is missed")
            return
        }
        guard case .never = pace.moment(for: nil, nowNanoseconds: window.endNanoseconds) else {
            Issue.record("the window is closed")
            return
        }
    }

    @Test func theWarmUpDoesNotCount() {
        #expect(!window.counts(1_999_999_999))
        #expect(window.counts(2_000_000_000))
        #expect(window.counts(3_999_999_999))
        #expect(!window.counts(4_000_000_000))
        #expect(Pace(window, rate: 1_000).dueCount == 2_000)
    }

    @Test(arguments: [1, 3, 7, 200, 999, 1_000, 33_333, 1_000_000]) func asManyCallsAreDueAsAreTaken(rate: Double) {
        let short = Window(startNanoseconds: 7, warmupSeconds: 0.1, durationSeconds: 0.7)
        let pace = Pace(short, rate: rate)
        var count = 0
        while let due = pace.take(), due < short.endNanoseconds { if short.counts(due) { count += 1 } }
        #expect(pace.dueCount == count)
    }

    @Test func anInterruptedWindowCountsWhatWasUntilThen() {
        window.close(atNanoseconds: 3_000_000_000)
        window.close(atNanoseconds: 3_500_000_000)
        #expect(window.countedSeconds == 1)
        #expect(Pace(window, rate: 1_000).dueCount == 1_000)
    }

    @Test func aWindowInterruptedInItsWarmUpCountsNothing() {
        window.close(atNanoseconds: 1_500_000_000)
        #expect(window.countedSeconds == 0)
    }
}

@Suite("Population") struct PopulationTests {
    @Test func foreignTokensAreAsManyAndAllDifferentAndOfTheSameShape() throws {
        let known = "clpu_" + String(repeating: "7", count: 49)
        let population = Population(known: [String](repeating: known, count: 1_000), wantsUnknown: true)
        #expect(Set(population.unknown).count == 1_000)
        let isAlike = try population.unknown.allSatisfy { try /clpu_[0-9A-Za-z]{49}/.wholeMatch(in: $0) != nil }
        #expect(isAlike)
    }

    @Test func nothingForeignIsMadeWhereNothingForeignIsAskedFor() {
        #expect(Population(known: ["clpu_7"], wantsUnknown: false).unknown.isEmpty)
    }
}

@Suite("Hits") struct HitLoopTests {
    @Test(arguments: [1, 3, 1_000, 300_000]) func allTokensAreVerifiedAndEachAsOften(tokenCount: Int) {
        let order = HitLoop.order(tokenCount: tokenCount)
        #expect(order.count >= 1 << 18)
        var counts = [Int](repeating: 0, count: tokenCount)
        for place in order { counts[place] += 1 }
        #expect(Set(counts).count == 1 && counts[0] > 0)
    }
}
