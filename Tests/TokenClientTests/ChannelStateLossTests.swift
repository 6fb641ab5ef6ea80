import Testing
import TokenWire

@testable import TokenClient

@Suite("State of a channel: connections that end")
struct ChannelStateLossTests {
    @Test("what was sent is sent again once, and the second time its loss is told")
    func repeatedOnce() throws {
        var fixture = try StateFixture()
        let key = try fixture.connect()
        try fixture.write(key)
        let turn = try fixture.beginReading(key)
        // The daemon never said anything on this connection, so the next one comes after a delay.
        let sleeping = try fixture.receiveEnd(turn).sleepTurn()
        fixture.now = fixture.now.adding(.seconds(1))
        let connecting = try fixture.lead(sleeping).connectTurn()
        try fixture.connected(connecting, .connected(.fixture())).resign()
        try fixture.write(key)
        let again = try fixture.beginReading(key)
        try fixture.receiveEnd(again).resign()
        let failure = try fixture.advance(key).failure()
        #expect(failure.code == .connectionLost)
    }

    @Test("what must not be done twice is not sent again")
    func neverRepeated() throws {
        var fixture = try StateFixture()
        let key = fixture.open(isRepeatable: false)
        let turn = try fixture.advance(key).leadTurn()
        let connecting = try fixture.lead(turn).connectTurn()
        try fixture.connected(connecting, .connected(.fixture())).resign()
        try fixture.write(key)
        let reading = try fixture.beginReading(key)
        try fixture.receiveEnd(reading).resign()
        let failure = try fixture.advance(key).failure()
        #expect(failure.code == .connectionLost)
    }

    @Test("what was not sent is sent on the next connection, however often that is")
    func unsentIsKept() throws {
        var fixture = try StateFixture()
        let key = fixture.open(isRepeatable: false, deadline: .milliseconds(60_000))
        var leading: LeadTurn? = try fixture.advance(key).leadTurn()
        for _ in 0..<5 {
            let connecting = try fixture.lead(try leading.take().something()).connectTurn()
            try fixture.connected(connecting, .connected(.fixture())).resign()
            // The frame is there, and the connection ends before a byte of it goes out.
            let writing = try fixture.advance(key).writeTurn()
            let byteCount = writing.bytes.count
            try fixture.wrote(writing, .blocked, left: byteCount).nothing()
            let reading = try fixture.beginReading(key)
            leading = try fixture.receiveEnd(reading).sleepTurn()
            fixture.now = fixture.now.adding(.seconds(1))
        }
        let isLive = fixture.state.calls.records[key.index].isLive
        #expect(isLive)
        _ = fixture.lead(try leading.take().something())
    }

    @Test("a peer that reads no more still answers what it has, and the rest goes to another connection")
    func halfClosed() throws {
        var fixture = try StateFixture()
        let first = try fixture.connect()
        try fixture.write(first)
        let reading = try fixture.beginReading(first)
        let second = fixture.open(isRepeatable: false)
        let turn = try fixture.advance(second).writeTurn()
        let byteCount = turn.bytes.count
        try fixture.wrote(turn, .failed, left: byteCount).nothing()
        let queue = fixture.state.queue
        #expect(queue == [second])
        let old = fixture.state.link.connection
        try fixture.receive(reading) { $0.appendAnswer(stream: 1) }.resign()
        let isConnected = fixture.state.link.connection != nil
        #expect(!isConnected)
        #expect(fixture.takeEffects().dropped.first === old)
        try fixture.advance(first).answer()
    }

    @Test("a frame larger than the protocol allows ends the connection and every call on it")
    func oversizeFrame() throws {
        var fixture = try StateFixture()
        let first = try fixture.connect()
        try fixture.write(first)
        let turn = try fixture.beginReading(first)
        let second = try fixture.send()
        _ = try fixture.advance(second).parker()
        try fixture.receive(turn) { bytes in
            let header = FrameHeader(byteCountOfBody: 4 << 20 + 1, streamID: 1, type: .response)
            bytes.append(header)
        }.resign()
        for key in [first, second] {
            let failure = try fixture.advance(key).failure()
            #expect(failure.code == .protocolViolation)
        }
    }

    @Test("after the last stream id nothing is opened, and once all is answered another connection is made")
    func streamIDsEnd() throws {
        var fixture = try StateFixture { $0.firstStreamID = .max - 2 }
        let first = try fixture.connect()
        try fixture.write(first)
        let second = try fixture.send()
        let third = fixture.open()
        let reading = try fixture.beginReading(first)
        _ = try fixture.advance(second).parker()
        _ = try fixture.advance(third).parker()
        let streams = fixture.state.link.streams.map(\.id)
        #expect(streams == [.max - 2, .max])
        let step = fixture.receive(reading) { bytes in
            bytes.appendAnswer(stream: .max)
            bytes.appendAnswer(stream: .max - 2)
        }
        try step.resign()
        let isConnected = fixture.state.link.connection != nil
        #expect(!isConnected)
        let turn = try fixture.advance(third).leadTurn()
        let connecting = try fixture.lead(turn).connectTurn()
        try fixture.connected(connecting, .connected(.fixture())).resign()
        try fixture.write(third)
        let reused = fixture.state.link.streams.map(\.id)
        #expect(reused == [.max - 2])
    }

    @Test("a refusal ends every call that waits for a connection")
    func refused() throws {
        var fixture = try StateFixture()
        let first = fixture.open()
        let turn = try fixture.advance(first).leadTurn()
        let second = fixture.open()
        _ = try fixture.advance(second).parker()
        let connecting = try fixture.lead(turn).connectTurn()
        try fixture.connected(connecting, .refused(.untrustedServer("not him"))).resign()
        for key in [first, second] {
            let failure = try fixture.advance(key).failure()
            #expect(failure.code == .untrustedServer)
        }
    }

    @Test("a thread that comes back from writing to a connection that has gone changes nothing")
    func staleWriter() throws {
        var fixture = try StateFixture()
        let first = try fixture.connect()
        let writing = try fixture.advance(first).writeTurn()
        let second = fixture.open()
        let turn = try fixture.advance(second).leadTurn()
        let reading = try fixture.lead(turn).readTurn()
        let sleeping = try fixture.receiveEnd(reading).sleepTurn()
        fixture.now = fixture.now.adding(.seconds(1))
        let connecting = try fixture.lead(sleeping).connectTurn()
        // The second call leads no more once it may send.
        try fixture.connected(connecting, .connected(.fixture())).resign()
        try fixture.wrote(writing).nothing()
        try fixture.write(second)
        try fixture.write(first)
        let streams = fixture.state.link.streams.map(\.id)
        #expect(streams == [1, 3])
    }
}
