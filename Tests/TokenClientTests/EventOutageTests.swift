import Testing
import TokenWire

@testable import TokenClient

@Suite("Events of a daemon that is away")
struct EventOutageTests {
    private let place: Place

    init() throws { place = try Place() }

    /// A stream that gives a daemon up after 50 ms, in the beginning and later.
    private func stream(
        after sequence: UInt64? = 0, outageTimeout: Duration? = nil, told: Collected<TokenError> = Collected(),
        _ change: (inout EventPatience) -> Void = { _ in }
    ) throws -> EventStream {
        let client = try place.client(connectTimeout: .milliseconds(50))
        var stream = try client.tailEvents(after: sequence, outageTimeout: outageTimeout) { told.add($0) }
        change(&stream.patience)
        return stream
    }

    @Test(
        "one that was never there is given up after the time to connect, however long an outage may last",
        arguments: [nil, 0, 7] as [UInt64?], [nil, .seconds(Int64.max)] as [Duration?])
    func neverThere(_ start: UInt64?, _ outageTimeout: Duration?) async throws {
        let told = Collected<TokenError>()
        let stream = try stream(after: start, outageTimeout: outageTimeout, told: told)
        await onThreads { _ in
            var events = stream.makeIterator()
            let failure = events.failure()
            #expect(failure?.code == .connectionFailed)
            #expect(failure?.message.contains("start tokend") == true)
            #expect(events.lastSequence == start)
        }
        #expect(told.count == 0)
    }

    @Test("one that comes back in time is followed on, and its outage is told once") func comesBack() async throws {
        let told = Collected<TokenError>()
        let stream = try stream(outageTimeout: .seconds(20), told: told)
        let first = try TailServer(place, { $0.send(1, 2, 3) })
        let later = Collected<TailServer>()
        let place = place
        await onThreads { _ in
            var events = stream.makeIterator()
            #expect((try? events.sequences(3)) == [1, 2, 3])
            first.server.stop()
            let restart = Side {
                while told.count == 0 { rest() }
                // Some more attempts fail.
                for _ in 0..<30 { rest() }
                if let server = try? TailServer(place, { $0.send(4) }) { later.add(server) }
            }
            #expect((try? events.sequences(1)) == [4])
            restart.wait()
        }
        #expect(later.all.map { $0.starts.all } == [[3]])
        later.all.first?.server.stop()
        #expect(told.count == 1)
        #expect(told.all.first?.message.contains("start tokend") == true)
    }

    @Test("one that stays away is given up, and can be asked for again") func staysAway() async throws {
        let stream = try stream()
        let first = try TailServer(place) { $0.send(1) }
        let place = place
        await onThreads { _ in
            var events = stream.makeIterator()
            #expect((try? events.sequences(1)) == [1])
            first.server.stop()
            #expect(events.failure()?.code == .connectionFailed)
            #expect(events.lastSequence == 1)
            let second = try? TailServer(place) { $0.send(2) }
            #expect((try? events.sequences(1)) == [2])
            #expect(second?.starts.all == [1])
            second?.server.stop()
        }
    }

    @Test("one that ends each connection at once is not stormed, and given up") func endsConnections() async throws {
        let stream = try stream { $0.beginning = .milliseconds(300) }
        let server = try FakeServer(path: place.socketPath) { $0.connection.cut() }
        await onThreads { _ in
            var events = stream.makeIterator()
            let failure = events.failure()
            #expect(failure?.code == .connectionFailed)
            #expect(failure?.message.contains("ends the connection") == true)
        }
        #expect(server.connectionCount > 1 && server.connectionCount < 40)
        server.stop()
    }

    @Test("one that takes connections and says nothing is given up") func saysNothing() async throws {
        let stream = try stream { $0.firstMessage = .milliseconds(20) }
        let server = try FakeServer(path: place.socketPath) { _ in }
        await onThreads { _ in
            var events = stream.makeIterator()
            #expect(events.failure()?.message.contains("overloaded or hangs") == true)
        }
        server.stop()
    }

    @Test(
        "one that falls silent, or says nothing that means anything, is left for another connection",
        arguments: [false, true])
    func fallsSilent(_ chatters: Bool) async throws {
        let told = Collected<TokenError>()
        let stream = try stream(told: told) { $0.silence = .milliseconds(60) }
        let isOver = Collected<Void>()
        let server = try TailServer(
            place,
            { following in
                following.send(1)
                while chatters && isOver.count == 0 {
                    rest()
                    following.call.connection.send {
                        $0.append(FrameHeader(byteCountOfBody: 0, streamID: 1, type: FrameType(rawValue: 200)))
                    }
                }
            }, { $0.send(2) })
        await onThreads { _ in
            var events = stream.makeIterator()
            #expect((try? events.sequences(2)) == [1, 2])
        }
        isOver.add(())
        #expect(server.starts.all == [0, 1])
        // The second attempt was good, so there was nothing to tell.
        #expect(told.count == 0)
        server.server.stop()
    }

    @Test("one that gives signs of life is not left") func signsOfLife() async throws {
        let stream = try stream { $0.silence = .milliseconds(200) }
        let server = try TailServer(place) { following in
            for _ in 0..<10 {
                for _ in 0..<40 { rest() }
                following.send(last: 5)
            }
            following.send(6)
        }
        await onThreads { _ in
            var events = stream.makeIterator()
            #expect((try? events.sequences(1)) == [6])
        }
        #expect(server.starts.all == [0])
        server.server.stop()
    }

    @Test("one that can't read its store now is asked again; if that stays, its own words are told")
    func unavailable() async throws {
        let status = Status(code: .unavailable, message: "the disk is away")
        let stream = try stream()
        let server = try TailServer(
            place, { $0.call.fail(status) },
            { following in
                following.send(1)
                following.call.fail(status)
            }, { $0.call.fail(status) })
        await onThreads { _ in
            var events = stream.makeIterator()
            #expect((try? events.sequences(1)) == [1])
            let failure = events.failure()
            #expect(failure?.code == .unavailable && failure?.message == "the disk is away")
        }
        #expect(server.starts.count > 2)
        server.server.stop()
    }
}
