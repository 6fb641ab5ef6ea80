import Synchronization
import Testing
import TokenWire

@testable import TokenClient

@Suite("Calls that take too long")
struct DeadlineTests {
    @Test("a call ends when its timeout passes, whether it blocks or suspends")
    func timeout() async throws {
        let place = try Place()
        let server = try FakeServer(path: place.socketPath) { _ in }
        let client = try place.client()
        let clock = ContinuousClock()
        let blocked = Collected<(TokenError.Code?, Duration)>()
        await onThreads { _ in
            let start = clock.now
            let code = thrownCode { () throws(TokenError) in _ = try client.verify("t", timeout: .milliseconds(100)) }
            blocked.add((code, clock.now - start))
        }
        let (code, duration) = try #require(blocked.all.first)
        #expect(code == .deadlineExceeded)
        #expect(duration >= .milliseconds(100) && duration < .seconds(4))

        let start = clock.now
        let suspended = await thrownCode { () async throws(TokenError) in
            _ = try await client.verify("t", timeout: .milliseconds(100))
        }
        #expect(suspended == .deadlineExceeded)
        #expect(clock.now - start >= .milliseconds(100) && clock.now - start < .seconds(4))
        server.stop()
    }

    @Test("the daemon is told how much time is left")
    func timeoutIsSent() async throws {
        let place = try Place()
        let timeouts = Collected<Int64>()
        let server = try FakeServer(path: place.socketPath) { call in
            timeouts.add(call.request.timeoutNanoseconds)
            call.echo()
        }
        let client = try place.client(callTimeout: .seconds(2))
        _ = try await client.verify("t")
        _ = try await client.verify("t", timeout: .milliseconds(700))
        #expect((1_000_000_000...2_000_000_000).contains(timeouts.all[0]))
        #expect((100_000_000...700_000_000).contains(timeouts.all[1]))
        server.stop()
    }

    @Test("an answer that comes too late is dropped, and the connection goes on")
    func lateAnswer() async throws {
        let place = try Place()
        let late = Collected<FakeCall>()
        let server = try FakeServer(path: place.socketPath) { call in
            if call.presentedToken == "late" { return late.add(call) }
            for call in late.take() { call.echo() }
            call.echo()
        }
        let client = try place.client()
        let code = await thrownCode { () async throws(TokenError) in
            _ = try await client.verify("late", timeout: .milliseconds(300))
        }
        #expect(code == .deadlineExceeded)
        #expect(try await client.verify("next").tokenName == "next")
        #expect(server.connectionCount == 1)
        server.stop()
    }

    @Test("the timeout of a call that waits for somebody else's reading is kept too")
    func follower() async throws {
        let place = try Place()
        let server = try FakeServer(path: place.socketPath) { _ in }
        let client = try place.client()
        let codes = Collected<(Int, TokenError.Code?)>()
        await onThreads(3) { thread in
            let timeout = [Duration.milliseconds(300), .milliseconds(100), .milliseconds(200)][thread]
            codes.add((thread, thrownCode { () throws(TokenError) in _ = try client.verify("t", timeout: timeout) }))
        }
        #expect(codes.all.map(\.0) == [1, 2, 0])
        #expect(codes.all.allSatisfy { $0.1 == .deadlineExceeded })
        server.stop()
    }

    @Test("a leader that gives up leaves the reading to who still waits")
    func leaderGivesUp() async throws {
        let place = try Place()
        let held = Collected<FakeCall>()
        let server = try FakeServer(path: place.socketPath) { held.add($0) }
        let client = try place.client()
        let gaveUp = Collected<Void>()
        let results = Collected<String?>()
        await withTaskGroup { group in
            group.addTask {
                await onThreads(2) { thread in
                    // The first to come leads; whichever it is, the short one gives up.
                    if thread == 0 {
                        _ = try? client.verify("short", timeout: .milliseconds(100))
                        gaveUp.add(())
                    } else {
                        results.add(try? client.verify("long", timeout: .seconds(30)).tokenName)
                    }
                }
            }
            #expect(await eventually { gaveUp.count == 1 && held.all.contains { $0.presentedToken == "long" } })
            for call in held.take() { call.echo() }
        }
        #expect(results.all == ["long"])
        server.stop()
    }

    @Test("a call without time is not sent", arguments: [Duration.zero, .seconds(-1), .seconds(Int64.min)])
    func noTime(_ timeout: Duration) async throws {
        let place = try Place()
        let server = try FakeServer(path: place.socketPath) { $0.echo() }
        let client = try place.client()
        let code = await thrownCode { () async throws(TokenError) in _ = try await client.verify("t", timeout: timeout)
        }
        #expect(code == .connectionFailed)
        let verifier = try TokenVerifier(client: client)
        let verifierCode = await thrownCode { () async throws(TokenError) in
            _ = try await verifier.outcome(of: "t", timeout: timeout)
        }
        #expect(verifierCode == .connectionFailed)
        server.stop()
    }

    @Test("a timeout of ages is no overflow")
    func ages() async throws {
        let place = try Place()
        let server = try FakeServer(path: place.socketPath) { $0.echo() }
        let client = try place.client()
        #expect(try await client.verify("t", timeout: .seconds(Int64.max)).isValid)
        server.stop()
    }
}
