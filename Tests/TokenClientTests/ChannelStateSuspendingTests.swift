import Testing

@testable import TokenClient

@Suite("State of a channel: calls that suspend")
struct ChannelStateSuspendingTests {
    @Test("the first one starts the background thread, which leads until they are answered")
    func background() throws {
        var fixture = try StateFixture()
        let key = fixture.open(isSuspending: true)
        #expect(fixture.takeEffects().startsBackground)
        _ = try fixture.advance(key).waitLimit()
        let turn = try fixture.change { $0.backgroundStep(now: $1) }.leadTurn()
        let connecting = try fixture.lead(turn).connectTurn()
        let reading = try fixture.connected(connecting, .connected(.fixture())).readTurn()
        try fixture.write(key)
        _ = try fixture.advance(key).waitLimit()
        try fixture.receive(reading) { $0.appendAnswer(stream: 1) }.resign()
        try fixture.advance(key).answer()
        guard case .sleep = fixture.change({ $0.backgroundStep(now: $1) }) else {
            Issue.record("nothing is left to do")
            return
        }
        _ = fixture.open(isSuspending: true)
        let effects = fixture.takeEffects()
        #expect(effects.wakesBackground && !effects.startsBackground)
    }

    @Test("while a blocking caller reads the background thread sleeps, and is woken when that caller is done")
    func handOverToBackground() throws {
        var fixture = try StateFixture()
        let blocking = try fixture.connect()
        try fixture.write(blocking)
        let reading = try fixture.beginReading(blocking)
        let suspending = try fixture.send(isSuspending: true)
        _ = try fixture.advance(suspending).waitLimit()
        #expect(!fixture.takeEffects().startsBackground)
        try fixture.receive(reading) { $0.appendAnswer(stream: 1) }.resign()
        #expect(fixture.takeEffects().startsBackground)
        try fixture.advance(blocking).answer()
    }

    @Test("the leader is woken for a deadline that is nearer than its own, and only then")
    func nearerDeadline() throws {
        var fixture = try StateFixture()
        let blocking = try fixture.connect()
        try fixture.write(blocking)
        let reading = try fixture.beginReading(blocking)
        _ = fixture.takeEffects()
        let later = fixture.open(isSuspending: true, deadline: .milliseconds(9000))
        try fixture.write(later)
        _ = try fixture.advance(later).waitLimit()
        #expect(!fixture.takeEffects().wakesLeader)
        let nearer = fixture.open(isSuspending: true, deadline: .milliseconds(2000))
        try fixture.write(nearer)
        _ = try fixture.advance(nearer).waitLimit()
        #expect(fixture.takeEffects().wakesLeader)
        fixture.now = .milliseconds(2000)
        let readingOn = try fixture.lead(reading).readTurn()
        let failure = try fixture.advance(nearer).failure()
        #expect(failure.code == .deadlineExceeded)
        _ = fixture.lead(readingOn)
    }

    @Test("a cancelled call ends at once, its late answer is dropped, and cancelling again does nothing")
    func cancelled() throws {
        var fixture = try StateFixture()
        let first = try fixture.connect()
        try fixture.write(first)
        let second = try fixture.send(isSuspending: true)
        _ = try fixture.advance(second).waitLimit()
        fixture.change { $0.cancel(second, now: $1) }
        fixture.change { $0.cancel(second, now: $1) }
        let failure = try fixture.advance(second).failure()
        #expect(failure.code == .cancelled)
        fixture.change { $0.cancel(second, now: $1) }
        let reading = try fixture.beginReading(first)
        let readingOn = try fixture.receive(reading) { $0.appendAnswer(stream: 3) }.readTurn()
        let third = try fixture.send()
        // It has the place of the second, and cancelling that one doesn't touch it.
        #expect(third.index == second.index)
        fixture.change { $0.cancel(second, now: $1) }
        let isLive = fixture.state.calls.records[third.index].isLive
        #expect(isLive)
        _ = fixture.lead(readingOn)
    }

    @Test("a call that was woken before its continuation was stored goes on at once")
    func wokenBeforeSuspending() throws {
        var fixture = try StateFixture()
        let key = fixture.open(isSuspending: true)
        _ = try fixture.advance(key).waitLimit()
        fixture.change { $0.cancel(key, now: $1) }
        let isWaiting = fixture.state.calls.records[key.index].isWaiting
        #expect(!isWaiting)
    }

    @Test("when the client is gone the background thread ends, but not before its last call")
    func retired() throws {
        var fixture = try StateFixture()
        let key = fixture.open(isSuspending: true)
        _ = try fixture.advance(key).waitLimit()
        let turn = try fixture.change { $0.backgroundStep(now: $1) }.leadTurn()
        fixture.change { state, _ in state.retire() }
        let connecting = try fixture.lead(turn).connectTurn()
        try fixture.connected(connecting, .refused(.untrustedServer("not him"))).resign()
        guard case .exit = fixture.change({ $0.backgroundStep(now: $1) }) else {
            Issue.record("nothing will ever be left to do")
            return
        }
    }

    @Test("without a background thread the calls that need it fail, and no others")
    func noThread() throws {
        var fixture = try StateFixture()
        let blocking = fixture.open()
        let suspending = fixture.open(isSuspending: true)
        fixture.change { $0.backgroundFailed(.connectionFailed("no thread"), now: $1) }
        let failure = try fixture.advance(suspending).failure()
        #expect(failure.code == .connectionFailed)
        _ = try fixture.advance(blocking).leadTurn()
    }
}
