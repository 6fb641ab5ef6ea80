import Testing
import TokenWire

@testable import TokenClient

@Suite("State of a channel: limits of time and number")
struct ChannelStateLimitTests {
    @Test("the 65th call waits until a stream ends, and calls get their turn in the order they were made")
    func streamLimit() throws {
        var fixture = try StateFixture()
        let first = try fixture.connect()
        try fixture.write(first)
        var others: [CallKey] = []
        for _ in 1..<WireLimits.streamCountMax { others.append(try fixture.send()) }
        let reading = try fixture.beginReading(first)
        let waiting = [fixture.open(), fixture.open()]
        var parkers: [Parker] = []
        for key in waiting { parkers.append(try fixture.advance(key).parker()) }
        let queue = fixture.state.queue
        #expect(queue == waiting)
        let readingOn = try fixture.receive(reading) { $0.appendAnswer(stream: 3) }.readTurn()
        #expect(fixture.takeEffects().unparks.contains { $0 === parkers[0] })
        let rest = fixture.state.queue
        #expect(rest == [waiting[1]])
        // Whoever is made later doesn't overtake.
        let late = fixture.open()
        try fixture.advance(others[0]).answer()
        try fixture.write(waiting[0])
        let order = fixture.state.queue
        #expect(order == [waiting[1], late])
        _ = fixture.lead(readingOn)
    }

    @Test("a call given up keeps its stream until the answer comes, which is dropped")
    func abandonedStream() throws {
        var fixture = try StateFixture { $0.streamCountMax = 2 }
        let first = try fixture.connect()
        try fixture.write(first)
        let second = try fixture.send()
        fixture.now = .milliseconds(6000)
        let failure = try fixture.advance(first).failure()
        #expect(failure.code == .deadlineExceeded)
        let third = fixture.open(deadline: .milliseconds(9000))
        let queued = fixture.state.queue
        #expect(queued == [third])
        fixture.now = .milliseconds(5999)
        let reading = try fixture.beginReading(second)
        let readingOn = try fixture.receive(reading) { $0.appendAnswer(stream: 1) }.readTurn()
        try fixture.write(third)
        _ = fixture.lead(readingOn)
    }

    @Test("a connection on which all streams were given up is given up too")
    func nothingButAbandonedStreams() throws {
        var fixture = try StateFixture { $0.streamCountMax = 2 }
        let first = try fixture.connect()
        try fixture.write(first)
        let second = try fixture.send()
        let stuck = fixture.state.link.connection
        fixture.now = .milliseconds(6000)
        for key in [first, second] { _ = try fixture.advance(key).failure() }
        let dropped = fixture.takeEffects().dropped
        #expect(dropped.count == 1 && dropped.first === stuck)
    }

    @Test("the time for a connection runs out only after an attempt in the call's own time has failed")
    func connectTimeout() throws {
        var fixture = try StateFixture { $0.connectTimeout = .zero }
        let key = fixture.open()
        let turn = try fixture.advance(key).leadTurn()
        fixture.now = .milliseconds(1001)
        let connecting = try fixture.lead(turn).connectTurn()
        try fixture.connected(connecting, .notNow("nobody is there")).resign()
        let failure = try fixture.advance(key).failure()
        #expect(failure.code == .connectionFailed)
        #expect(failure.message == "nobody is there")
    }

    @Test("all who wait too long for a connection are told, also those who sleep")
    func connectTimeoutOfOthers() throws {
        var fixture = try StateFixture { $0.connectTimeout = .milliseconds(100) }
        let first = fixture.open()
        let turn = try fixture.advance(first).leadTurn()
        let second = fixture.open()
        let parker = try fixture.advance(second).parker()
        let connecting = try fixture.lead(turn).connectTurn()
        fixture.now = .milliseconds(1100)
        try fixture.connected(connecting, .notNow("nobody is there")).resign()
        #expect(fixture.takeEffects().unparks.contains { $0 === parker })
        for key in [first, second] {
            let failure = try fixture.advance(key).failure()
            #expect(failure.code == .connectionFailed)
        }
    }

    @Test("a call whose time is over before it began fails without being sent")
    func noTime() throws {
        var fixture = try StateFixture()
        let key = fixture.open(deadline: .milliseconds(1000))
        let failure = try fixture.advance(key).failure()
        #expect(failure.code == .connectionFailed)
    }

    @Test("a request larger than the protocol allows fails, and what was appended of it goes")
    func largeRequest() throws {
        var fixture = try StateFixture()
        let key = try fixture.connect()
        let large = String(repeating: "x", count: WireLimits.requestBodyByteCountMax)
        let step = fixture.change { state, now in
            state.advance(key, now: now) { (buffer, stream, _) throws(WireError) in
                try buffer.appendRequest(stream: stream, method: .verify, payload: VerifyRequest(token: large))
            }
        }
        let failure = try step.failure()
        #expect(failure.code == .invalidArgument)
        let next = try fixture.send()
        let streams = fixture.state.link.streams.map(\.call)
        #expect(streams == [next])
    }

    @Test("delays between attempts to connect are random, and their ceiling doubles from 10 ms to 1 s")
    func backoff() {
        var ceilings: [Int64] = []
        for failureCount in 1...9 {
            var longest: Int64 = 0
            for seed in UInt64(0)..<200 {
                var backoff = Backoff(seed: seed)
                for _ in 0..<failureCount { backoff.attemptFailed("nobody", now: .milliseconds(0)) }
                longest = max(longest, backoff.notBefore.nanoseconds)
            }
            ceilings.append(longest)
        }
        let expected: [Int64] = [10, 20, 40, 80, 160, 320, 640, 1000, 1000]
        for (ceiling, expected) in zip(ceilings, expected.map { $0 * 1_000_000 }) {
            #expect(ceiling <= expected && ceiling > expected * 9 / 10)
        }
    }

    @Test("after a loss a dying process is given time to stop listening, and a useless connection counts as a failure")
    func delayAfterLoss() {
        for seed in UInt64(0)..<100 {
            var backoff = Backoff(seed: seed)
            for _ in 0..<20 { backoff.lost(wasUseful: true, now: .milliseconds(5)) }
            #expect((.milliseconds(7)...(.milliseconds(17))).contains(backoff.notBefore))
        }
        var latest = Moment.milliseconds(0)
        for seed in UInt64(0)..<100 {
            var backoff = Backoff(seed: seed)
            for _ in 0..<20 { backoff.lost(wasUseful: false, now: .milliseconds(5)) }
            latest = max(latest, backoff.notBefore)
        }
        #expect(latest > .milliseconds(500))
    }
}
