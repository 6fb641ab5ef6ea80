import Glibc
import LinuxIO
import Testing
import TokenWire

@testable import TokenClient

@Suite("Many callers on one connection")
struct ConcurrencyTests {
    /// A server that answers whatever waits every now and then, in random order.
    private static func shufflingServer(_ place: Place) throws -> FakeServer {
        let waiting = Collected<FakeCall>()
        let isOver = Collected<Void>()
        _ = try PosixThread(name: "fake-shuffle") {
            while isOver.count == 0 {
                for call in waiting.take().shuffled() {
                    if call.method == .checkHealth { isOver.add(()) }
                    call.echo()
                }
                usleep(100)
            }
        }
        return try FakeServer(path: place.socketPath) { waiting.add($0) }
    }

    @Test("each of many threads gets the answers to its own questions")
    func threads() async throws {
        let place = try Place()
        let server = try Self.shufflingServer(place)
        let client = try place.client()
        let wrong = Collected<String>()
        await onThreads(16) { thread in
            for number in 0..<100 {
                let token = "thread \(thread) number \(number)"
                let name = try? client.verify(token).tokenName
                if name != token { wrong.add("\(token): \(name ?? "nothing")") }
            }
        }
        #expect(wrong.all == [])
        #expect(server.connectionCount == 1)
        _ = await thrownCode { () async throws(TokenError) in _ = try await client.health() }
        server.stop()
    }

    @Test("each of many tasks gets the answers to its own questions")
    func tasks() async throws {
        let place = try Place()
        let server = try Self.shufflingServer(place)
        let client = try place.client()
        let wrong = Collected<String>()
        await withTaskGroup { group in
            for task in 0..<32 {
                group.addTask {
                    for number in 0..<50 {
                        let token = "task \(task) number \(number)"
                        let name = try? await client.verify(token).tokenName
                        if name != token { wrong.add("\(token): \(name ?? "nothing")") }
                    }
                }
            }
        }
        #expect(wrong.all == [])
        #expect(server.connectionCount == 1)
        _ = await thrownCode { () async throws(TokenError) in _ = try await client.health() }
        server.stop()
    }

    @Test("threads that block and tasks that suspend share the connection")
    func threadsAndTasks() async throws {
        let place = try Place()
        let server = try Self.shufflingServer(place)
        let client = try place.client()
        let wrong = Collected<String>()
        await withTaskGroup { group in
            group.addTask {
                await onThreads(8) { thread in
                    for number in 0..<100 {
                        let token = "thread \(thread) number \(number)"
                        if (try? client.verify(token).tokenName) != token { wrong.add(token) }
                    }
                }
            }
            for task in 0..<16 {
                group.addTask {
                    for number in 0..<50 {
                        let token = "task \(task) number \(number)"
                        if (try? await client.verify(token).tokenName) != token { wrong.add(token) }
                    }
                }
            }
        }
        #expect(wrong.all == [])
        #expect(server.connectionCount == 1)
        _ = await thrownCode { () async throws(TokenError) in _ = try await client.health() }
        server.stop()
    }

    @Test("no more than 64 calls are in flight; the others wait for their turn")
    func streamLimit() async throws {
        let place = try Place()
        let held = Collected<FakeCall>()
        let server = try FakeServer(path: place.socketPath) { held.add($0) }
        let client = try place.client()
        let answered = Collected<String?>()
        await withTaskGroup { group in
            for number in 0..<100 {
                group.addTask { answered.add(try? await client.verify("\(number)").tokenName) }
            }
            #expect(await eventually { held.count == 64 })
            try? await Task.sleep(for: .milliseconds(50))
            #expect(held.count == 64)
            while answered.count < 100 {
                for call in held.take() { call.echo() }
                try? await Task.sleep(for: .milliseconds(1))
            }
        }
        #expect(Set(answered.all.compactMap { $0 }).count == 100)
        #expect(server.connectionCount == 1)
        server.stop()
    }

    @Test("large answers and small ones, to threads that read for each other, arrive whole")
    func largeAnswers() async throws {
        let place = try Place()
        let server = try FakeServer(path: place.socketPath) { call in
            let size = Int(call.presentedToken) ?? 0
            let name = String(repeating: "n", count: size)
            call.answer(VerifyAnswer(outcome: .valid, tokenID: "tok_1", tokenName: name))
        }
        let client = try place.client()
        let wrong = Collected<Int>()
        await onThreads(6) { thread in
            for round in 0..<20 {
                let size = [1, 100, 5_000, 70_000, 600_000][(round + thread) % 5]
                if (try? client.verify("\(size)").tokenName)?.utf8.count != size { wrong.add(size) }
            }
        }
        #expect(wrong.all == [])
        server.stop()
    }
}
