import Testing

@testable import LinuxIO

@Suite("When a thread asks for events before it sleeps") struct AdaptivePollingTests {
    /// How many of the next `count` waits begin with asking, when none of them finds anything.
    private func beginnings(_ count: Int, _ polling: inout AdaptivePolling) -> Int {
        var beginnings = 0
        for _ in 0..<count where polling.beginsNow() {
            beginnings += 1
            polling.wasInVain()
        }
        return beginnings
    }

    @Test func whatPaysIsDoneEachTime() {
        var polling = AdaptivePolling(budgetNanoseconds: 50_000)
        for _ in 0..<1_000 {
            let begins = polling.beginsNow()
            #expect(begins)
            polling.paid()
        }
    }

    @Test func whatIsInVainIsDoneLessAndLessOften() {
        var polling = AdaptivePolling(budgetNanoseconds: 50_000)
        // 1, then after 1, 3, 7, 15, 31 waits without, then after 63 each.
        let atFirst = beginnings(1 + 2 + 4 + 8 + 16 + 32, &polling)
        let later = beginnings(6_400, &polling)
        #expect(atFirst == 6)
        #expect(later == 100)
    }

    @Test func oneSuccessBringsItBack() {
        var polling = AdaptivePolling(budgetNanoseconds: 50_000)
        _ = beginnings(1_000, &polling)
        while !polling.beginsNow() {}
        polling.paid()
        let next = polling.beginsNow()
        polling.wasInVain()
        let afterThat = [polling.beginsNow(), polling.beginsNow()]
        #expect(next)
        #expect(afterThat == [false, true])
    }

    @Test func itEndsWithItsTimeAndWhenOthersWantTheCore() {
        let polling = AdaptivePolling(budgetNanoseconds: 50_000)
        #expect(polling.goesOn(after: 49_000, lastNanoseconds: 1_000))
        #expect(!polling.goesOn(after: 50_000, lastNanoseconds: 1_000))
        #expect(!polling.goesOn(after: 30_000, lastNanoseconds: 5_000))
    }

    @Test func aBudgetOfNothingIsNever() {
        var polling = AdaptivePolling(budgetNanoseconds: 0)
        let count = beginnings(100, &polling)
        #expect(count == 0)
    }
}
