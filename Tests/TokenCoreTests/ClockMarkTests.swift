import Testing

@testable import TokenCore

@Suite("The clock's mark")
struct ClockMarkTests {
    /// Seconds of each clock; boot time starts anew at each boot.
    private struct Clocks {
        var wall: Int64
        var boottime: Int64

        mutating func pass(_ seconds: Int64) {
            wall += seconds
            boottime += seconds
        }
    }

    private static let start: Int64 = 1_800_000_000
    private static let year: Int64 = 365 * 24 * 3_600

    private func at(_ seconds: Int64) -> Instant { Instant(microseconds: seconds * 1_000_000) }

    /// What is made of the mark `start` at a start.
    private func opened(_ clocks: Clocks) -> ClockMark {
        ClockMark(mark: at(Self.start), wall: at(clocks.wall), boottime: clocks.boottime * 1_000_000)
    }

    private func observe(_ mark: inout ClockMark, _ clocks: Clocks) -> Instant {
        mark.observe(wall: at(clocks.wall), boottime: clocks.boottime * 1_000_000)
    }

    @Test func itFollowsAClockThatRunsAlong() {
        var clocks = Clocks(wall: Self.start + 10, boottime: 5)
        var mark = opened(clocks)
        #expect(mark.mark == at(Self.start + 10))
        for _ in 0..<100 {
            clocks.pass(86_400)
            #expect(observe(&mark, clocks) == at(clocks.wall))
            #expect(mark.mark == at(clocks.wall))
        }
    }

    @Test func aClockSetBackIsJudgedByTheMark() {
        var clocks = Clocks(wall: Self.start, boottime: 5)
        var mark = opened(clocks)
        clocks.wall -= 86_400
        #expect(observe(&mark, clocks) == at(Self.start))
        // Time passes all the same.
        clocks.pass(60)
        #expect(observe(&mark, clocks) == at(Self.start + 60))
        // After an hour the clock is believed, and the mark waits for it.
        clocks.pass(3_600)
        _ = observe(&mark, clocks)
        let believed = mark.mark
        clocks.pass(600)
        #expect(observe(&mark, clocks) == believed)
    }

    @Test(arguments: [-300, 300] as [Int64]) func aSmallStepIsBelievedAtOnce(step: Int64) {
        var clocks = Clocks(wall: Self.start, boottime: 5)
        var mark = opened(clocks)
        clocks.wall += step
        #expect(observe(&mark, clocks) == at(Self.start + max(step, 0)))
        #expect(mark.mark == at(Self.start + max(step, 0)))
        clocks.pass(400)
        #expect(observe(&mark, clocks) == at(Self.start + max(step + 400, 0)))
    }

    @Test func aLongStepIsJudgedByAtOnceAndBelievedAfterAnHour() {
        var clocks = Clocks(wall: Self.start, boottime: 5)
        var mark = opened(clocks)
        clocks.wall += 301
        #expect(observe(&mark, clocks) == at(clocks.wall))
        #expect(mark.mark == at(Self.start))
        clocks.pass(3_599)
        #expect(observe(&mark, clocks) == at(clocks.wall))
        #expect(mark.mark == at(Self.start + 3_599))
        clocks.pass(1)
        #expect(observe(&mark, clocks) == at(clocks.wall))
        #expect(mark.mark == at(clocks.wall))
    }

    @Test func aBootIn2099EndsNothingForGood() {
        var clocks = Clocks(wall: Self.start + 70 * Self.year, boottime: 1)
        var mark = opened(clocks)
        #expect(observe(&mark, clocks) == at(clocks.wall))
        clocks.pass(3_000)
        _ = observe(&mark, clocks)
        clocks.wall -= 70 * Self.year
        #expect(observe(&mark, clocks) == at(Self.start + 3_000))
        clocks.pass(3_600)
        #expect(observe(&mark, clocks) == at(Self.start + 6_600))
    }

    @Test func anHourBeginsAnewWithAnotherStepAndIsNotSavedUp() {
        var clocks = Clocks(wall: Self.start, boottime: 5)
        var mark = opened(clocks)
        clocks.wall += Self.year
        _ = observe(&mark, clocks)
        clocks.pass(3_000)
        clocks.wall += Self.year
        _ = observe(&mark, clocks)
        clocks.pass(3_000)
        _ = observe(&mark, clocks)
        #expect(mark.mark == at(Self.start + 6_000))
        // Put right and wrong again: a new hour.
        clocks.wall -= 2 * Self.year
        _ = observe(&mark, clocks)
        clocks.wall += 2 * Self.year
        _ = observe(&mark, clocks)
        clocks.pass(700)
        _ = observe(&mark, clocks)
        #expect(mark.mark == at(Self.start + 6_700))
    }

    @Test func afterALongStopTheClockIsJudgedByAtOnce() {
        var clocks = Clocks(wall: Self.start + 86_400, boottime: 1)
        var mark = opened(clocks)
        #expect(observe(&mark, clocks) == at(Self.start + 86_400))
        #expect(mark.mark == at(Self.start))
        clocks.pass(3_600)
        _ = observe(&mark, clocks)
        #expect(mark.mark == at(clocks.wall))
    }

    @Test func aStartWithAClockBehindTheMarkGoesOnFromTheMark() {
        var clocks = Clocks(wall: 0, boottime: 1)
        var mark = opened(clocks)
        clocks.pass(60)
        #expect(observe(&mark, clocks) == at(Self.start + 60))
    }

    /// Whatever the wall clock does, what was judged by the mark once never lies in the future again.
    @Test func theMarkNeverFalls() {
        var generator = SystemRandomNumberGenerator()
        var clocks = Clocks(wall: Self.start, boottime: 5)
        var mark = opened(clocks)
        for _ in 0..<10_000 {
            let before = mark.mark
            clocks.pass(.random(in: 0...1_800, using: &generator))
            if .random(using: &generator) { clocks.wall += .random(in: -20_000...20_000, using: &generator) }
            let now = observe(&mark, clocks)
            #expect(mark.mark >= before)
            #expect(now >= mark.mark)
        }
    }
}
