import LinuxIO
import Testing
import TokenWire

@testable import TokenClient

@Suite("State of a channel: who writes and who reads")
struct ChannelStateTests {
    @Test("a caller that is alone connects, writes, reads, and leaves nobody leading")
    func alone() throws {
        var fixture = try StateFixture()
        let key = try fixture.connect()
        try fixture.write(key)
        let turn = try fixture.beginReading(key)
        try fixture.receive(turn) { $0.appendAnswer(stream: 1) }.resign()
        try fixture.advance(key).answer()
        let leader = fixture.state.leader
        #expect(leader == .nobody)
        let effects = fixture.takeEffects()
        #expect(effects.unparks.isEmpty && !effects.wakesLeader && !effects.startsBackground)
    }

    @Test("who comes while somebody reads sleeps, and is woken by its answer")
    func follower() throws {
        var fixture = try StateFixture()
        let first = try fixture.connect()
        try fixture.write(first)
        let turn = try fixture.beginReading(first)
        let second = try fixture.send()
        let parker = try fixture.advance(second).parker()
        let reading = try fixture.receive(turn) { $0.appendAnswer(stream: 3) }.readTurn()
        let woken = fixture.takeEffects().unparks
        #expect(woken.count == 1 && woken.first === parker)
        try fixture.advance(second).answer()
        _ = try fixture.lead(reading).readTurn()
    }

    @Test("a leader whose own answer has come wakes another caller to lead")
    func handOver() throws {
        var fixture = try StateFixture()
        let first = try fixture.connect()
        try fixture.write(first)
        let turn = try fixture.beginReading(first)
        let second = try fixture.send()
        let parker = try fixture.advance(second).parker()
        try fixture.receive(turn) { $0.appendAnswer(stream: 1) }.resign()
        let woken = fixture.takeEffects().unparks
        #expect(woken.count == 1 && woken.first === parker)
        _ = try fixture.advance(second).leadTurn()
    }

    @Test("a caller that was woken to lead and gives up instead wakes the next one")
    func nomineeGivesUp() throws {
        var fixture = try StateFixture()
        let first = try fixture.connect()
        try fixture.write(first)
        let turn = try fixture.beginReading(first)
        let second = try fixture.send()
        let secondParker = try fixture.advance(second).parker()
        fixture.now = .milliseconds(1500)
        let third = fixture.open(deadline: .milliseconds(9000))
        try fixture.write(third)
        let thirdParker = try fixture.advance(third).parker()
        _ = fixture.receive(turn) { $0.appendAnswer(stream: 1) }
        #expect(fixture.takeEffects().unparks.first === secondParker)
        fixture.now = .milliseconds(6000)
        let failure = try fixture.advance(second).failure()
        #expect(failure.code == .deadlineExceeded)
        #expect(fixture.takeEffects().unparks.first === thirdParker)
    }

    @Test("what is appended while a thread writes is written by that thread")
    func flatCombining() throws {
        var fixture = try StateFixture()
        let first = try fixture.connect()
        let turn = try fixture.advance(first).writeTurn()
        let second = fixture.open()
        let third = fixture.open()
        _ = try fixture.advance(second).leadTurn()
        _ = try fixture.advance(third).parker()
        let more = try fixture.wrote(turn).something()
        let streams = Self.streams(in: more)
        #expect(streams == [3, 5])
        try fixture.wrote(more).nothing()
    }

    @Test("bytes that the socket did not take go out before those that came later, once the leader has seen room")
    func blockedBytes() throws {
        var fixture = try StateFixture()
        let first = try fixture.connect()
        let turn = try fixture.advance(first).writeTurn()
        let frameByteCount = turn.bytes.count
        let second = fixture.open()
        let leadTurn = try fixture.advance(second).leadTurn()
        try fixture.wrote(turn, .blocked, left: frameByteCount).nothing()
        #expect(fixture.takeEffects().wakesLeader)
        guard case .read(let reading, _, let wantsWrite) = fixture.lead(leadTurn) else {
            Issue.record("the leader reads on")
            return
        }
        #expect(wantsWrite)
        var lent: LeadTurn? = consume reading
        let step = fixture.change { state, now in
            guard let turn = lent.take() else { preconditionFailure() }
            return state.received(turn, .wouldBlock, isWritable: true, now: now)
        }
        guard case .write(_, let rest) = step else {
            Issue.record("the leader writes the rest")
            return
        }
        let streams = Self.streams(in: rest)
        #expect(streams == [1, 3])
    }

    @Test("a frame that comes byte by byte is one answer")
    func splitFrame() throws {
        var answer = WireBuffer()
        answer.appendAnswer(stream: 1)
        var fixture = try StateFixture()
        let key = try fixture.connect()
        try fixture.write(key)
        var turn: LeadTurn? = try fixture.beginReading(key)
        let byteCount = answer.count
        for index in 0..<byteCount {
            let byte = answer.span[index]
            let step = fixture.receive(try turn.take().something()) { $0.append([byte].span) }
            if index == byteCount - 1 { try step.resign() } else { turn = try step.readTurn() }
        }
        try fixture.advance(key).answer()
    }

    @Test("frames that are nobody's answer are dropped: unknown streams, other types, answers that come twice")
    func strayFrames() throws {
        var fixture = try StateFixture()
        let key = try fixture.connect()
        try fixture.write(key)
        let turn = try fixture.beginReading(key)
        let step = fixture.receive(turn) { bytes in
            bytes.appendAnswer(stream: 99)
            bytes.appendAnswer(stream: 2)
            bytes.append(FrameHeader(byteCountOfBody: 0, streamID: 1, type: .request))
            bytes.append(FrameHeader(byteCountOfBody: 0, streamID: 1, type: FrameType(rawValue: 7)))
            bytes.appendDataEnd(stream: 1)
        }
        let reading = try step.readTurn()
        try fixture.receive(reading) { bytes in
            bytes.appendAnswer(stream: 1)
            bytes.appendAnswer(stream: 1)
        }.resign()
        try fixture.advance(key).answer()
    }

    static func streams(in turn: borrowing WriteTurn) -> [UInt32] {
        var streams: [UInt32] = []
        var rest = turn.bytes.span
        while let header = FrameHeader(decoding: rest) {
            streams.append(header.streamID)
            rest = rest.extracting(droppingFirst: header.byteCountOfFrame)
        }
        return streams
    }
}
